//! An API that takes bearer tokens, and the provider whose tokens it takes.

use auth_layer::config::{ResourceServerConfig, ResourceServerConfigBuilder, TrustedIssuer};
use auth_layer::testing::{
    IdentityProvider, IdentityProviderBuilder, SigningAlgorithm, TestAccessToken, User, bearer,
};
use auth_layer::{AccessToken, Auth, Clock, Session, Timestamp, User as Caller};
use axum::body::Body;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::routes::{BILLING, SHOP};
use crate::visitor::Reply;

/// When the tests begin, for an API and its provider.
pub const START: u64 = 1_800_000_000;

/// An API with a provider of its own.
#[derive(Clone, Debug)]
pub struct Api {
    /// The provider.
    pub op: IdentityProvider,
    /// The time of the API and of its provider.
    pub clock: Clock,
    /// The API's authentication.
    pub auth: Auth,
    app: Router,
}

type Change<T> = Box<dyn FnOnce(T) -> T>;

/// Builds an [`Api`].
#[must_use]
pub struct ApiBuilder {
    provider: Vec<Change<IdentityProviderBuilder>>,
    issuer: Vec<Change<TrustedIssuer>>,
    config: Vec<Change<ResourceServerConfigBuilder>>,
    routes: Vec<Router>,
}

impl Api {
    /// Opens an API for [`SHOP`] with one issuer and all defaults.
    pub async fn open() -> Self {
        Self::builder().open().await
    }

    /// Opens an API whose provider signs with ES256, in a twentieth of the time that RS256 takes.
    pub async fn quick() -> Self {
        Self::builder().quick().open().await
    }

    /// Starts the provider of [`Api::quick`], for an API that is to find it in some state.
    pub async fn quick_provider() -> IdentityProvider {
        provider().signing(SigningAlgorithm::Es256).start().await.expect("a free port")
    }

    /// Begins an API.
    pub fn builder() -> ApiBuilder {
        ApiBuilder { provider: Vec::new(), issuer: Vec::new(), config: Vec::new(), routes: Vec::new() }
    }

    /// Returns the application.
    pub fn app(&self) -> Router {
        self.app.clone()
    }

    /// Returns the routes around which every API has its layer; `/who` tells what a token is.
    pub fn routes() -> Router {
        Router::new()
            .route("/open", get(async || "open"))
            .route(
                "/who",
                get(async |token: AccessToken| who(&token)).post(async |token: AccessToken| who(&token)),
            )
            .route("/user", get(async |user: Caller| user.subject().to_string()))
            .route("/maybe-user", get(async |user: Option<Caller>| format!("{user:?}")))
            .route(
                "/maybe",
                get(async |token: Option<AccessToken>| token.map_or(Json(Value::Null), |token| who(&token))),
            )
            .route("/session", get(async |_: Session| "a session"))
            .route("/maybe-session", get(async |session: Option<Session>| format!("{}", session.is_some())))
            .route("/change", post(async |_: AccessToken| "changed"))
            // What is at the place of before was remembered, and not verified again.
            .route("/where", get(async |token: AccessToken| format!("{:p}", token.expose().as_ptr())))
    }

    /// Returns an honest token of Ada's for `read:products`, to be bent before it is issued.
    pub fn ada() -> TestAccessToken {
        TestAccessToken::new(User::ada().subject()).with_audience(SHOP).with_scopes("read:products")
    }

    /// Returns a token of the provider's.
    pub fn token(&self, token: TestAccessToken) -> String {
        self.op.issue_access_token(token)
    }

    /// Returns a new honest token, which the provider signs and forgets.
    pub fn fresh(&self) -> String {
        self.op.sign_access_token(&Self::ada())
    }

    /// Returns the status that `/who` answers a bearer token with.
    pub async fn status(&self, token: &str) -> StatusCode {
        self.call(token).await.status
    }

    /// Calls `/who` with a token of the provider's.
    pub async fn issued(&self, token: TestAccessToken) -> Reply {
        self.call(&self.token(token)).await
    }

    /// Calls `/who` with a bearer token.
    pub async fn call(&self, token: &str) -> Reply {
        self.get("/who", token).await
    }

    /// Sends a GET with a bearer token.
    pub async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(Request::get(path).header(AUTHORIZATION, bearer(token))).await
    }

    /// Sends a request without a body.
    pub async fn send(&self, request: http::request::Builder) -> Reply {
        send(self.app(), request).await
    }
}

impl ApiBuilder {
    /// Lets the provider sign as that of [`Api::quick`].
    pub fn quick(self) -> Self {
        self.provider(|op| op.signing(SigningAlgorithm::Es256))
    }

    /// Changes the provider.
    pub fn provider(
        mut self,
        change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder + 'static,
    ) -> Self {
        self.provider.push(Box::new(change));
        self
    }

    /// Changes what is expected of the provider's tokens.
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

    /// Adds routes to the API's own.
    pub fn routes(mut self, routes: Router) -> Self {
        self.routes.push(routes);
        self
    }

    /// Opens the API over a provider of its own.
    pub async fn open(mut self) -> Api {
        let changes = std::mem::take(&mut self.provider);
        let provider = changes.into_iter().fold(provider(), |provider, change| change(provider));
        self.over(&provider.start().await.expect("a free port")).await
    }

    /// Opens another instance or another API over a provider that runs.
    pub async fn over(self, op: &IdentityProvider) -> Api {
        let issuer = TrustedIssuer::new(&op.issuer());
        let issuer = self.issuer.into_iter().fold(issuer, |issuer, change| change(issuer));
        let config = ResourceServerConfig::builder(SHOP).add_issuer(issuer).with_clock(op.clock());
        let config = self.config.into_iter().fold(config, |config, change| change(config));
        let config = config.build().expect("the configuration is sound");
        let auth = Auth::resource_server(config).await.expect("the issuers are who they are said to be");
        let routes = self.routes.into_iter().fold(Api::routes(), Router::merge);
        Api { op: op.clone(), clock: op.clock(), app: routes.layer(auth.layer()), auth }
    }
}

impl std::fmt::Debug for ApiBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiBuilder(..)")
    }
}

fn provider() -> IdentityProviderBuilder {
    IdentityProvider::builder()
        .clock(Clock::manual(Timestamp::from_unix_seconds(START)))
        .add_api(SHOP, &["read:products", "write:products"])
        .add_api(BILLING, &["read:invoices"])
}

/// Sends a request without a body to an application.
pub async fn send(app: Router, request: http::request::Builder) -> Reply {
    send_with_body(app, request, Body::empty()).await
}

/// Sends a request with a body.
pub async fn send_with_body(app: Router, request: http::request::Builder, body: impl Into<Body>) -> Reply {
    let request = request.body(body.into()).expect("a sound request");
    let (parts, body) = app.oneshot(request).await.expect("a router does not fail").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Reply { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

/// What a handler is told about a token.
fn who(token: &AccessToken) -> Json<Value> {
    Json(json!({
        "source": format!("{:?}", token.source()),
        "principal": format!("{:?}", token.principal()),
        "subject": token.subject().map(|subject| subject.as_str()),
        "client": token.client_id().map(|client_id| client_id.as_str()),
        "issuer": token.issuer().map(|issuer| issuer.as_str()),
        "audience": token.audience(),
        "scopes": token.scopes().as_str(),
        "id": token.token_id(),
        "expires_at": token.expires_at().unix_seconds(),
    }))
}
