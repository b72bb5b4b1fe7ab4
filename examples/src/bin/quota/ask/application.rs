//! The application of a question: its users log in, and a handler gets their access token.

use auth_layer::gate::AccessTokenRequest;
use auth_layer::testing::IdentityProvider;
use auth_layer::{Auth, AuthConfig, Session};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::Failure;

/// A running application.
pub(crate) struct Application {
    pub(crate) auth: Auth,
    pub(crate) base_url: String,
}

impl Application {
    /// Starts an application whose users' tokens are for `audience`.
    pub(crate) async fn start(provider: &IdentityProvider, audience: &str) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        provider.register_redirect_uri(&format!("{base_url}/auth/callback"));
        let config = AuthConfig::builder(&provider.issuer(), &provider.client_id(), &base_url)
            .with_client_secret(provider.client_secret())
            .with_audience(audience)
            .with_scopes("openid profile offline_access read:products")
            .add_session_key("a key for this example alone; yours comes from `openssl rand -hex 32`")
            .build()?;
        let auth = Auth::discover(config).await?;
        let router = Router::new()
            .route(GET_TOKEN, get(get_token))
            .route(FORCE_TOKEN, get(force_token))
            .layer(auth.layer());
        tokio::spawn(axum::serve(listener, router).into_future());
        Ok(Self { auth, base_url })
    }
}

/// What nextjs-auth0 calls `getAccessToken()`.
async fn get_token(session: Session) -> Result<String, StatusCode> {
    told(session.access_token().await)
}

/// What nextjs-auth0 calls `getAccessToken({ refresh: true })`.
async fn force_token(session: Session) -> Result<String, StatusCode> {
    told(session.access_token_with(AccessTokenRequest::new().with_forced_refresh()).await)
}

/// Tells whom the token is for, and not the token.
fn told<E>(token: Result<auth_layer::AccessToken, E>) -> Result<String, StatusCode> {
    let token = token.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(token.audience().map(ToString::to_string).unwrap_or_default())
}

pub(crate) const GET_TOKEN: &str = "/token";
pub(crate) const FORCE_TOKEN: &str = "/token/forced";
