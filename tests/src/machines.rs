//! Machines: a provider, and instances of one client that gets tokens for itself.

use std::time::Duration;

use auth_layer::config::{ClientCredentialsConfig, ClientCredentialsConfigBuilder};
use auth_layer::machine::MachineTokenRequest;
use auth_layer::session::MemoryStore;
use auth_layer::testing::{ClientRegistration, IdentityProvider, IdentityProviderBuilder};
use auth_layer::{AccessToken, ClientCredentials, Clock, Timestamp};

use crate::faulty_store::FaultyStore;

/// An API that machines call.
pub const CATALOGUE: &str = "https://catalogue.example";
/// Another.
pub const ORDERS: &str = "https://orders.example";
/// The secret of the machines' client.
pub const WORKER_SECRET: &str = "worker-secret-for-loopback-only";

/// A provider and the machines that get tokens from it.
#[derive(Debug)]
pub struct Machines {
    /// The provider.
    pub op: IdentityProvider,
    /// The time of all.
    pub clock: Clock,
    /// What instances share.
    pub store: FaultyStore<MemoryStore>,
}

impl Machines {
    /// Starts a provider with a client `worker`, whose tokens live an hour, and no quota.
    pub async fn start() -> Self {
        Self::start_with(|provider| provider.unlimited_machine_quota()).await
    }

    /// Starts a provider that `change` has had its way with.
    pub async fn start_with(change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder) -> Self {
        // 2025-12-01T12:00:00Z
        let clock = Clock::manual(Timestamp::from_unix_seconds(1_764_590_400));
        let provider = IdentityProvider::builder()
            .clock(clock.clone())
            .add_api(CATALOGUE, &["read:stock", "write:stock"])
            .add_api(ORDERS, &["read:orders"])
            .client(ClientRegistration::confidential("worker", WORKER_SECRET));
        let op = change(provider).start().await.unwrap();
        let store = FaultyStore::new(MemoryStore::new(clock.clone()));
        Self { op, clock, store }
    }

    /// Begins the configuration of an instance.
    pub fn config(&self) -> ClientCredentialsConfigBuilder {
        ClientCredentialsConfig::builder(&self.op.issuer(), "worker", WORKER_SECRET)
            .with_audience(CATALOGUE)
            .with_clock(self.clock.clone())
    }

    /// Returns a machine that is alone.
    pub async fn machine(&self) -> ClientCredentials {
        self.machine_with(|config| config).await
    }

    /// Returns a machine that is alone, whose configuration `change` has had its way with.
    pub async fn machine_with(
        &self,
        change: impl FnOnce(ClientCredentialsConfigBuilder) -> ClientCredentialsConfigBuilder,
    ) -> ClientCredentials {
        ClientCredentials::discover(change(self.config()).build().unwrap()).await.unwrap()
    }

    /// Returns so many instances that share the store.
    pub async fn fleet(&self, instances: usize) -> Vec<ClientCredentials> {
        self.fleet_with(instances, |config| config).await
    }

    /// Returns instances that share the store, whose configuration `change` has had its way with.
    pub async fn fleet_with(
        &self,
        instances: usize,
        change: impl Fn(ClientCredentialsConfigBuilder) -> ClientCredentialsConfigBuilder,
    ) -> Vec<ClientCredentials> {
        let mut fleet = Vec::new();
        for _ in 0..instances {
            let config = change(self.config()).build().unwrap();
            fleet.push(ClientCredentials::discover_with_store(config, self.store.clone()).await.unwrap());
        }
        fleet
    }

    /// Returns how many times the provider was asked for a machine token.
    pub fn posts(&self) -> usize {
        self.op.token_calls("client_credentials")
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// Returns the value of a machine's token for its configured audience.
pub async fn value(machine: &ClientCredentials) -> String {
    token(machine).await.expose().to_owned()
}

/// Returns a machine's token for its configured audience.
pub async fn token(machine: &ClientCredentials) -> AccessToken {
    machine.token_with(MachineTokenRequest::new()).await.unwrap()
}
