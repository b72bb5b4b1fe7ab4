//! A shop behind the layer, whose provider is embedded and whose time is a test's to move.

use std::time::Duration;

use auth_layer::config::AuthConfigBuilder;
use auth_layer::session::MemoryStore;
use auth_layer::testing::{IdentityProvider, IdentityProviderBuilder};
use auth_layer::{AccessToken, Auth, AuthConfig, Clock, Session, Timestamp, User};
use axum::Router;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::response::IntoResponse;
use axum::routing::{get, post};

use super::browser::Browser;

pub(crate) const BASE_URL: &str = "https://shop.example";
pub(crate) const API: &str = "https://api.shop.example";
pub(crate) const KEY: &str = "0101010101010101010101010101010101010101010101010101010101010101";
pub(crate) const OTHER_KEY: &str = "0202020202020202020202020202020202020202020202020202020202020202";

/// The application; its copies share all state.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) op: IdentityProvider,
    pub(crate) auth: Auth,
    pub(crate) router: Router,
}

impl App {
    /// Starts a provider, and the application over it.
    pub(crate) async fn start() -> Self {
        Self::with(|config| config).await
    }

    /// As [`App::start`], with a configuration that a test changes.
    pub(crate) async fn with(change: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Self {
        Self::over(&provider(|builder| builder).await, change).await
    }

    /// Starts another instance or another application over a provider that runs.
    pub(crate) async fn over(
        op: &IdentityProvider,
        change: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder,
    ) -> Self {
        let config = change(configuration(op)).build().unwrap();
        Self::serving(op, Auth::discover(config).await.unwrap())
    }

    /// As [`App::start`], with its sessions in a store.
    pub(crate) async fn with_store() -> (Self, MemoryStore) {
        let op = provider(|builder| builder).await;
        let store = MemoryStore::new(op.clock());
        let config = configuration(&op).build().unwrap();
        let auth = Auth::discover_with_store(config, store.clone()).await.unwrap();
        (Self::serving(&op, auth), store)
    }

    /// An instance with these session keys.
    pub(crate) async fn with_keys(op: &IdentityProvider, newest: &str, older: &[&str]) -> Self {
        let keyed = older
            .iter()
            .fold(unkeyed(op).add_session_key(newest), |config, key| config.add_session_key(*key));
        Self::serving(op, Auth::discover(keyed.build().unwrap()).await.unwrap())
    }

    /// Another application of the same makers, with the same keys.
    pub(crate) async fn of_client(op: &IdentityProvider, client_id: &str) -> Self {
        let config = AuthConfig::builder(&op.issuer(), client_id, BASE_URL)
            .add_session_key(KEY)
            .with_clock(op.clock());
        Self::serving(op, Auth::discover(config.build().unwrap()).await.unwrap())
    }

    fn serving(op: &IdentityProvider, auth: Auth) -> Self {
        Self { op: op.clone(), router: routes().layer(auth.layer()), auth }
    }

    /// Returns a new browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self)
    }

    /// Lets time pass, here and at the provider.
    pub(crate) fn pass(&self, time: Duration) {
        self.op.clock().advance(time);
    }

    pub(crate) fn now(&self) -> u64 {
        self.op.clock().now().unix_seconds()
    }
}

/// Starts a provider that knows the shop.
pub(crate) async fn provider(
    change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder,
) -> IdentityProvider {
    let clock = Clock::manual(Timestamp::from_unix_seconds(1_800_000_000));
    let builder = IdentityProvider::builder()
        .clock(clock)
        .add_redirect_uri(format!("{BASE_URL}/auth/callback"))
        .add_post_logout_redirect_uri(format!("{BASE_URL}/"));
    change(builder).start().await.unwrap()
}

fn configuration(op: &IdentityProvider) -> AuthConfigBuilder {
    unkeyed(op).add_session_key(KEY)
}

fn unkeyed(op: &IdentityProvider) -> AuthConfigBuilder {
    AuthConfig::builder(&op.issuer(), &op.client_id(), BASE_URL)
        .with_client_secret(op.client_secret())
        .with_audience(API)
        .with_scopes("openid profile email offline_access read:products")
        .with_clock(op.clock())
}

fn routes() -> Router {
    Router::new()
        .route("/", get(home))
        .route("/public", get(async || "for everyone"))
        .route("/me", get(async |session: Session| session.user().subject().to_string()))
        .route("/token", get(token))
        .route("/scopes", get(async |token: AccessToken| token.scopes().to_string()))
        .route("/claims", get(async |user: User| axum::Json(user.claims().clone())))
        .route("/careless", get(careless))
        .route("/orders", post(async |_: Session| "ordered"))
}

async fn home(user: Option<User>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.subject().to_string())
}

/// The value of the token: no real handler does this, and only tests of the token itself open it.
async fn token(token: AccessToken) -> String {
    token.expose().to_owned()
}

/// A handler that thinks that its page is everyone's.
async fn careless(_: Option<Session>) -> impl IntoResponse {
    let headers = [
        (CACHE_CONTROL.as_str(), "public, max-age=600"),
        ("cdn-cache-control", "public, max-age=600"),
        ("surrogate-control", "max-age=600"),
        ("expires", "Thu, 01 Dec 2044 16:00:00 GMT"),
        (SET_COOKIE.as_str(), "theme=dark; Path=/"),
    ];
    (headers, "the same for everyone")
}
