//! An API that takes bearer tokens, and the provider that it trusts.

use std::time::Duration;

use auth_layer::config::{ResourceServerConfig, ResourceServerConfigBuilder, TrustedIssuer};
use auth_layer::testing::{IdentityProvider, IdentityProviderBuilder, SigningAlgorithm, TestAccessToken};
use auth_layer::{AccessToken, Auth, Clock, Timestamp};
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::routes::SHOP;
use crate::visitor::Reply;

/// An API behind the layer, with a provider of its own.
#[derive(Clone, Debug)]
pub struct GuardedApi {
    /// The provider.
    pub op: IdentityProvider,
    /// The time of the API; that of the provider unless a test parts them.
    pub clock: Clock,
    /// The API's authentication.
    pub auth: Auth,
    app: Router,
}

type Change<T> = Box<dyn FnOnce(T) -> T>;

/// Builds a [`GuardedApi`].
#[must_use]
pub struct GuardedApiBuilder {
    clock: Clock,
    own_clock: Option<Clock>,
    running: Option<IdentityProvider>,
    provider: Vec<Change<IdentityProviderBuilder>>,
    issuer: Vec<Change<TrustedIssuer>>,
    config: Vec<Change<ResourceServerConfigBuilder>>,
}

impl GuardedApi {
    /// Opens an API with all defaults, whose keys are there.
    pub async fn open() -> Self {
        Self::builder().open().await
    }

    /// Begins an API.
    pub fn builder() -> GuardedApiBuilder {
        GuardedApiBuilder {
            clock: Clock::manual(Timestamp::from_unix_seconds(1_800_000_000)),
            own_clock: None,
            running: None,
            provider: Vec::new(),
            issuer: Vec::new(),
            config: Vec::new(),
        }
    }

    /// Returns a new token for this API, good for an hour.
    #[must_use]
    pub fn token(&self) -> String {
        self.op.sign_access_token(&Self::ada())
    }

    /// Returns what a token for this API says.
    pub fn ada() -> TestAccessToken {
        TestAccessToken::new("local|ada").with_audience(SHOP).with_scopes("read:products")
    }

    /// Brings a token to `/token`, which answers with it.
    pub async fn bring(&self, token: &str) -> Reply {
        let request = Request::get("/token").header(AUTHORIZATION, format!("Bearer {token}"));
        self.send(request).await
    }

    /// Returns the status that a token is answered with.
    pub async fn status(&self, token: &str) -> StatusCode {
        self.bring(token).await.status
    }

    /// Sends a request.
    pub async fn send(&self, request: http::request::Builder) -> Reply {
        let request = request.body(Body::empty()).expect("a sound request");
        let response = self.app.clone().oneshot(request).await.expect("a router does not fail");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Returns the application: `/token` answers with the token, `/where` with where in memory it is,
    /// `/open` is for everyone.
    pub fn app(&self) -> Router {
        self.app.clone()
    }

    /// Lets time pass for the API.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }
}

impl GuardedApiBuilder {
    /// Takes the time of the provider, and of the API unless it has its own, from `clock`; default is a
    /// manual one.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Gives the API a clock that is not the provider's.
    pub fn own_clock(mut self, clock: Clock) -> Self {
        self.own_clock = Some(clock);
        self
    }

    /// Trusts a provider that runs, and goes by its clock.
    pub fn over(mut self, op: &IdentityProvider) -> Self {
        self.clock = op.clock();
        self.running = Some(op.clone());
        self
    }

    /// Changes the provider.
    pub fn provider(
        mut self,
        change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder + 'static,
    ) -> Self {
        self.provider.push(Box::new(change));
        self
    }

    /// Changes how the provider is trusted.
    pub fn issuer(mut self, change: impl FnOnce(TrustedIssuer) -> TrustedIssuer + 'static) -> Self {
        self.issuer.push(Box::new(change));
        self
    }

    /// Changes the configuration.
    pub fn config(
        mut self,
        change: impl FnOnce(ResourceServerConfigBuilder) -> ResourceServerConfigBuilder + 'static,
    ) -> Self {
        self.config.push(Box::new(change));
        self
    }

    /// Opens the API.
    pub async fn open(self) -> GuardedApi {
        self.open_after(async |_| ()).await
    }

    /// Opens the API after something has happened to its provider.
    pub async fn open_after(self, happens: impl AsyncFnOnce(&IdentityProvider)) -> GuardedApi {
        // ES256, which signs in a twentieth of the time that RS256 takes.
        let provider = IdentityProvider::builder().clock(self.clock.clone()).signing(SigningAlgorithm::Es256);
        let provider = self.provider.into_iter().fold(provider, |provider, change| change(provider));
        let op = match self.running {
            Some(op) => op,
            None => provider.start().await.expect("a free port"),
        };
        happens(&op).await;
        let issuer = TrustedIssuer::new(&op.issuer());
        let issuer = self.issuer.into_iter().fold(issuer, |issuer, change| change(issuer));
        let clock = self.own_clock.unwrap_or(self.clock);
        let config = ResourceServerConfig::builder(SHOP).with_clock(clock.clone()).add_issuer(issuer);
        let config = self.config.into_iter().fold(config, |config, change| change(config));
        let config = config.build().expect("the configuration is sound");
        let auth = Auth::resource_server(config).await.expect("an API starts without its provider");
        GuardedApi { app: routes().layer(auth.layer()), op, clock, auth }
    }
}

fn routes() -> Router {
    Router::new()
        .route("/open", get(async || "open"))
        .route("/token", get(async |token: AccessToken| token.expose().to_owned()))
        // What is at the place of before is what was remembered.
        .route("/where", get(async |token: AccessToken| format!("{:p}", token.expose().as_ptr())))
}

impl std::fmt::Debug for GuardedApiBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GuardedApiBuilder(..)")
    }
}
