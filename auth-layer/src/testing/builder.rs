//! Builder of an [`IdentityProvider`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::keys::{KeyPolicy, KeySource, Naming, SigningAlgorithm};
use super::provider::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, IdentityProvider};
use super::registration::{ClientRegistration, User};
use super::server;
use super::settings::{MachineQuota, ProofNonce, Rotation, Settings};
use super::state::{Core, State};
use crate::clock::Clock;

/// Builds an [`IdentityProvider`]; made by [`IdentityProvider::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct IdentityProviderBuilder {
    port: u16,
    clock: Clock,
    issuer_ending: &'static str,
    default_client: ClientRegistration,
    clients: Vec<ClientRegistration>,
    users: Vec<User>,
    access_token_lifetime: Duration,
    id_token_lifetime: Duration,
    refresh_token_lifetime: Duration,
    rotation: Rotation,
    keys: KeyPolicy,
    proof_nonce: ProofNonce,
    default_audience: Option<String>,
    apis: BTreeMap<String, Vec<String>>,
    machine_quota: Option<MachineQuota>,
    exchange_profiles: BTreeSet<String>,
}

impl Default for IdentityProviderBuilder {
    fn default() -> Self {
        let shop = ["read:products", "write:products"].map(str::to_owned);
        Self {
            port: 0,
            clock: Clock::system(),
            issuer_ending: "",
            default_client: ClientRegistration::confidential(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET),
            clients: Vec::new(),
            users: vec![User::ada(), User::bob(), User::carol()],
            access_token_lifetime: Duration::from_secs(3_600),
            id_token_lifetime: Duration::from_secs(3_600),
            refresh_token_lifetime: Duration::from_secs(30 * 86_400),
            rotation: Rotation::default(),
            keys: KeyPolicy::default(),
            proof_nonce: ProofNonce::default(),
            default_audience: None,
            apis: [("https://api.shop.example".to_owned(), shop.to_vec())].into(),
            machine_quota: Some(MachineQuota { per_hour: 1_000, per_day: 10_000 }),
            exchange_profiles: BTreeSet::new(),
        }
    }
}

impl IdentityProviderBuilder {
    /// Listens on this port of 127.0.0.1; default is a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Takes all time from `clock`; default is the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Ends the issuer with a slash, as some providers' issuers do; default is without.
    pub fn issuer_with_trailing_slash(mut self) -> Self {
        self.issuer_ending = "/";
        self
    }

    /// Adds a client, or replaces the one of the same name.
    pub fn client(mut self, client: ClientRegistration) -> Self {
        self.clients.push(client);
        self
    }

    /// Adds a redirect URI to the default client.
    pub fn add_redirect_uri(mut self, redirect_uri: impl Into<String>) -> Self {
        self.default_client = self.default_client.add_redirect_uri(redirect_uri);
        self
    }

    /// Adds a post-logout redirect URI to the default client.
    pub fn add_post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.default_client = self.default_client.add_post_logout_redirect_uri(uri);
        self
    }

    /// Tells the default client at this address that a session is over; default is not to tell it.
    pub fn with_backchannel_logout_uri(mut self, uri: impl Into<String>) -> Self {
        self.default_client = self.default_client.with_backchannel_logout_uri(uri);
        self
    }

    /// Adds a user, or replaces the one of the same subject; Ada, Bob and Carol are there.
    pub fn add_user(mut self, user: User) -> Self {
        self.users.retain(|known| known.subject != user.subject);
        self.users.push(user);
        self
    }

    /// Replaces the lifetime of access tokens; default is one hour.
    pub fn access_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.access_token_lifetime = lifetime;
        self
    }

    /// Replaces the lifetime of ID tokens; default is one hour.
    pub fn id_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.id_token_lifetime = lifetime;
        self
    }

    /// Replaces the time from login to the end of the last refresh token; default is 30 days.
    pub fn refresh_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.refresh_token_lifetime = lifetime;
        self
    }

    /// Replaces the rotation of refresh tokens; default is [`Rotation::Strict`].
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// Replaces the algorithm of signatures; default is [`SigningAlgorithm::Rs256`].
    pub fn signing(mut self, algorithm: SigningAlgorithm) -> Self {
        self.keys.algorithm = algorithm;
        self
    }

    /// Publishes one more key, of this algorithm, beside the one that signs;
    /// [`TestAccessToken::signed_with`](super::TestAccessToken::signed_with) signs with it.
    pub fn add_signing_key(mut self, algorithm: SigningAlgorithm) -> Self {
        self.keys.further.push(algorithm);
        self
    }

    /// Names no key, neither in the JWK set nor in the header of a token; default is a `kid`.
    pub fn keys_without_kid(mut self) -> Self {
        self.keys.naming = Naming::Nameless;
        self
    }

    /// Signs with keys that no other provider of this process has; default is to share them.
    pub fn own_keys(mut self) -> Self {
        self.keys.source = KeySource::Own;
        self
    }

    /// Demands a nonce in every DPoP proof, and gives one out with the refusal (RFC 9449 §8);
    /// default is to demand none.
    pub fn demand_dpop_nonce(mut self) -> Self {
        self.proof_nonce = ProofNonce::Demanded;
        self
    }

    /// Issues tokens for this API where none is asked for; default is an opaque token.
    pub fn default_audience(mut self, audience: impl Into<String>) -> Self {
        let audience = audience.into();
        self.apis.entry(audience.clone()).or_default();
        self.default_audience = Some(audience);
        self
    }

    /// Adds an API and the scopes that it declares, or replaces them;
    /// `https://api.shop.example` is there with `read:products` and `write:products`.
    pub fn add_api(mut self, audience: impl Into<String>, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.apis.insert(audience.into(), scopes);
        self
    }

    /// Replaces the quota of client-credentials tokens, for each client and each organization;
    /// default is 1,000 an hour and 10,000 a day.
    pub fn machine_quota(mut self, per_hour: u64, per_day: u64) -> Self {
        self.machine_quota = Some(MachineQuota { per_hour, per_day });
        self
    }

    /// Sets no quota, and sends no quota headers.
    pub fn unlimited_machine_quota(mut self) -> Self {
        self.machine_quota = None;
        self
    }

    /// Exchanges access tokens also under this token type, as a profile of Auth0's Custom Token Exchange
    /// does (RFC 8693 §3); the types of the RFC are always there.
    pub fn add_token_exchange_profile(mut self, subject_token_type: impl Into<String>) -> Self {
        self.exchange_profiles.insert(subject_token_type.into());
        self
    }

    /// Starts the provider; call it in a Tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    /// [`StartError`] where the port cannot be listened on.
    pub async fn start(self) -> Result<IdentityProvider, StartError> {
        let listener =
            server::listen(self.port).await.map_err(|source| StartError { port: self.port, source })?;
        let port = listener.local_addr().map_err(|source| StartError { port: self.port, source })?.port();
        let settings = Settings {
            issuer: format!("http://127.0.0.1:{port}{}", self.issuer_ending),
            port,
            started: self.clock.now(),
            access_token_lifetime: self.access_token_lifetime,
            id_token_lifetime: self.id_token_lifetime,
            refresh_token_lifetime: self.refresh_token_lifetime,
            rotation: self.rotation,
            keys: self.keys,
            proof_nonce: self.proof_nonce,
            default_audience: self.default_audience,
            apis: self.apis,
            machine_quota: self.machine_quota,
            exchange_profiles: self.exchange_profiles,
        };
        let clients = std::iter::once(self.default_client).chain(self.clients);
        let state = State::new(&settings, clients, self.users);
        let core = Core::new(settings, self.clock, state);
        Ok(IdentityProvider::serving(core, listener))
    }
}

/// The provider could not listen on its port.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on 127.0.0.1:{port}: choose another port, or none")]
pub struct StartError {
    port: u16,
    source: std::io::Error,
}
