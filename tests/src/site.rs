//! A site: an application, its authentication, and the provider that it trusts.

use auth_layer::config::{
    AuthConfigBuilder, ResourceServerConfig, ResourceServerConfigBuilder, TrustedIssuer,
};
use auth_layer::session::{MemoryStore, SessionStore};
use auth_layer::testing::{IdentityProvider, IdentityProviderBuilder, User};
use auth_layer::{Auth, AuthConfig, Clock, Timestamp};
use axum::Router;

use crate::faulty_store::FaultyStore;
use crate::fleet::{Fleet, Keep};
use crate::routes::{BILLING, SHOP, routes};
use crate::visitor::Visitor;

/// Where the site says it lives; no test goes there by name.
pub const BASE_URL: &str = "http://127.0.0.1:3000";

/// The key that seals the site's sessions.
pub const SESSION_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// An application with a provider of its own.
#[derive(Debug)]
pub struct Site {
    /// The provider.
    pub op: IdentityProvider,
    /// The time of the site and of its provider.
    pub clock: Clock,
    /// The application's authentication.
    pub auth: Auth,
    app: Router,
}

type Change<T> = Box<dyn FnOnce(T) -> T>;

/// Builds a [`Site`].
#[must_use]
pub struct SiteBuilder {
    provider: Vec<Change<IdentityProviderBuilder>>,
    config: Vec<Change<AuthConfigBuilder>>,
    resource_server: Option<Change<ResourceServerConfigBuilder>>,
}

impl Site {
    /// Opens a site with cookie sessions and all defaults.
    pub async fn open() -> Self {
        Self::builder().open().await
    }

    /// Begins a site.
    pub fn builder() -> SiteBuilder {
        SiteBuilder { provider: Vec::new(), config: Vec::new(), resource_server: None }
    }

    /// Returns someone with an empty cookie jar.
    #[must_use]
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.app.clone(), self.op.clone())
    }

    /// Returns Ada, logged in.
    pub async fn ada(&self) -> Visitor {
        let visitor = self.visitor();
        visitor.log_in(&User::ada()).await;
        visitor
    }

    /// Returns the application without its visitors.
    pub fn app(&self) -> Router {
        self.app.clone()
    }

    /// Returns how many refresh tokens the provider was sent.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.op.token_calls("refresh_token")
    }
}

impl SiteBuilder {
    /// Changes the provider.
    pub fn provider(
        mut self,
        change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder + 'static,
    ) -> Self {
        self.provider.push(Box::new(change));
        self
    }

    /// Changes the configuration.
    pub fn config(mut self, change: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder + 'static) -> Self {
        self.config.push(Box::new(change));
        self
    }

    /// Takes bearer tokens of the provider's as well.
    pub fn bearer(
        mut self,
        change: impl FnOnce(ResourceServerConfigBuilder) -> ResourceServerConfigBuilder + 'static,
    ) -> Self {
        self.resource_server = Some(Box::new(change));
        self
    }

    /// Opens the site.
    pub async fn open(self) -> Site {
        let (op, clock, config) = self.parts().await;
        let auth = Auth::discover(config).await.expect("the configuration is sound");
        Site { app: routes().layer(auth.layer()), op, clock, auth }
    }

    /// Opens the site with its sessions in `store`, which the caller makes from the site's clock.
    pub async fn open_with_store<S: SessionStore>(self, store: impl FnOnce(Clock) -> S) -> Site {
        let (op, clock, config) = self.parts().await;
        let auth = Auth::discover_with_store(config, store(clock.clone())).await;
        let auth = auth.expect("the configuration is sound");
        Site { app: routes().layer(auth.layer()), op, clock, auth }
    }

    /// Opens so many sites that share a provider, and this store: instances of one application.
    pub async fn open_instances<S: SessionStore + Clone>(
        self,
        instances: usize,
        keep: Keep,
        store: S,
    ) -> Vec<Site> {
        let (op, clock, config) = self.parts().await;
        let mut sites = Vec::with_capacity(instances);
        for _ in 0..instances {
            let auth = keep.discover(config.clone(), store.clone()).await;
            let auth = auth.expect("the configuration is sound");
            let app = routes().layer(auth.layer());
            sites.push(Site { app, auth, op: op.clone(), clock: clock.clone() });
        }
        sites
    }

    /// Opens so many instances of the site, which share a store.
    pub async fn open_fleet(self, instances: usize, keep: Keep) -> Fleet {
        let (op, clock, config) = self.parts().await;
        let store = FaultyStore::new(MemoryStore::new(clock.clone()));
        let mut auths = Vec::with_capacity(instances);
        for _ in 0..instances {
            let auth = keep.discover(config.clone(), store.clone()).await;
            auths.push(auth.expect("the configuration is sound"));
        }
        let apps = auths.iter().map(|auth| routes().layer(auth.layer())).collect();
        Fleet { op, clock, store, config, auths, apps }
    }

    async fn parts(self) -> (IdentityProvider, Clock, AuthConfig) {
        let clock = Clock::manual(Timestamp::from_unix_seconds(1_800_000_000));
        let provider = IdentityProvider::builder()
            .clock(clock.clone())
            .add_api(SHOP, &["read:products", "write:products"])
            .add_api(BILLING, &["read:invoices"])
            .add_redirect_uri(format!("{BASE_URL}/auth/callback"))
            .add_post_logout_redirect_uri(format!("{BASE_URL}/"));
        let provider = self.provider.into_iter().fold(provider, |provider, change| change(provider));
        let op = provider.start().await.expect("a free port");
        let config = AuthConfig::builder(&op.issuer(), &op.client_id(), BASE_URL)
            .with_client_secret(op.client_secret())
            .with_audience(SHOP)
            .with_scopes("openid profile email offline_access read:products write:products")
            .add_session_key(SESSION_KEY)
            .with_clock(clock.clone());
        let config = match self.resource_server {
            Some(change) => {
                let issuer = TrustedIssuer::new(&op.issuer());
                let server = ResourceServerConfig::builder(SHOP).add_issuer(issuer).with_clock(clock.clone());
                config.with_resource_server(change(server).build().expect("the configuration is sound"))
            }
            None => config,
        };
        let config = self.config.into_iter().fold(config, |config, change| change(config));
        (op, clock, config.build().expect("the configuration is sound"))
    }
}

impl std::fmt::Debug for SiteBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SiteBuilder(..)")
    }
}
