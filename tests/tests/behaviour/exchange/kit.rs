//! A site whose tests hold the tokens and the sessions that its handlers are given.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_layer::exchange::{ExchangeError, ExchangeErrorKind, ExchangeRequest};
use auth_layer::testing::{User, bearer};
use auth_layer::{AccessToken, Auth, Session};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Request;
use http::header::AUTHORIZATION;
use http::request::Builder;
use serde_json::Value;
use tests::{BILLING, Site, SiteBuilder, Visitor};

pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(super) const HOUR: Duration = Duration::from_secs(3_600);

pub(super) const CALENDAR: &str = "https://www.googleapis.com/auth/calendar";

/// Returns a site whose API of invoices has two scopes, of which Bob may have one.
pub(super) fn site() -> SiteBuilder {
    let ada = User::ada().add_connected_account("google-oauth2", "ada@gmail.example", CALENDAR);
    let bob = User::bob().without_scope("pay:invoices").add_connected_account(
        "google-oauth2",
        "bob@gmail.example",
        CALENDAR,
    );
    Site::builder()
        .provider(|op| op.add_api(BILLING, &["read:invoices", "pay:invoices"]).add_user(ada).add_user(bob))
}

/// Returns what most tests ask for.
pub(super) fn invoices() -> ExchangeRequest {
    ExchangeRequest::for_audience(BILLING).with_scopes(["read:invoices"])
}

/// Returns the token that a handler is given, for the session of a visitor.
pub(super) async fn token(site: &Site, visitor: &Visitor) -> AccessToken {
    captured(&site.auth, visitor, Request::get("/captured")).await
}

/// Returns the token that a handler is given, for a bearer token.
pub(super) async fn bearer_token(site: &Site, token: &str) -> AccessToken {
    let request = Request::get("/captured").header(AUTHORIZATION, bearer(token));
    captured(&site.auth, &site.visitor(), request).await
}

/// Returns the session that a handler is given.
pub(super) async fn session(site: &Site, visitor: &Visitor) -> Session {
    captured(&site.auth, visitor, Request::get("/captured")).await
}

/// Returns what a handler is given by an extractor.
pub(super) async fn captured<T>(auth: &Auth, visitor: &Visitor, request: Builder) -> T
where
    T: FromRequestParts<()> + Send + Sync + 'static,
{
    let place = Arc::new(Mutex::new(None));
    let put = Arc::clone(&place);
    let handler = get(async move |given: T| *put.lock().unwrap() = Some(given));
    let app = Router::new().route("/captured", handler).layer(auth.layer());
    let reply = visitor.at(app).send(request).await;
    let given = place.lock().unwrap().take();
    given.unwrap_or_else(|| panic!("the handler did not run: {reply:?}"))
}

/// Returns the claims of a JWT.
pub(super) fn claims(token: &AccessToken) -> Value {
    let payload = token.expose().split('.').nth(1).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Returns why there was no token.
#[track_caller]
pub(super) fn kind<T>(outcome: Result<T, ExchangeError>) -> ExchangeErrorKind {
    match outcome {
        Ok(_) => panic!("there was a token"),
        Err(error) => error.kind(),
    }
}

pub(super) fn exchanges(site: &Site) -> usize {
    site.op.token_calls(TOKEN_EXCHANGE)
}
