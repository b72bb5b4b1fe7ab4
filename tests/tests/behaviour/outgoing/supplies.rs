//! Tokens that are not the user's: a program of its own, or what the user's was exchanged for.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use auth_layer::outbound::authorize::{AuthorizeError, AuthorizeErrorKind, TokenSupply, TokenSupplyError};
use auth_layer::testing::{TestSession, session_cookie};
use auth_layer::{AccessToken, Auth, AuthConfig, Session};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use tests::{SESSION_KEY, Site};
use tower::{Layer as _, ServiceExt as _};

use super::api::{Api, hyper};

/// Hands out the tokens of a list, one after the other, as the one before is refused.
#[derive(Clone, Debug)]
struct List {
    tokens: Arc<Mutex<Vec<AccessToken>>>,
    asked: Arc<AtomicUsize>,
}

impl TokenSupply for List {
    async fn token(&self, instead_of: Option<&AccessToken>) -> Result<AccessToken, TokenSupplyError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut tokens = self.tokens.lock().unwrap();
        let first = tokens.first().cloned();
        if let (Some(first), Some(refused)) = (first, instead_of)
            && first.expose() == refused.expose()
            && tokens.len() > 1
        {
            tokens.remove(0);
        }
        tokens.first().cloned().ok_or_else(|| TokenSupplyError::unavailable("the list is empty"))
    }
}

/// Tokens with these values.
async fn list(values: &[&str]) -> List {
    let config = AuthConfig::builder("http://127.0.0.1:1", "client", "http://127.0.0.1:3000");
    let auth = Auth::discover(config.add_session_key(SESSION_KEY).build().unwrap()).await.unwrap();
    let kept: Arc<Mutex<Vec<AccessToken>>> = Arc::default();
    let keep = Arc::clone(&kept);
    let keep = async move |session: Session| {
        let token = session.access_token().await.unwrap();
        keep.lock().unwrap().push(token);
    };
    let app = Router::new().route("/", get(keep)).layer(auth.layer());
    for value in values {
        let session = TestSession::new("the program").with_access_token(*value);
        let cookie = session_cookie(&auth, session).await.unwrap();
        let request = Request::get("/").header("cookie", cookie).body(axum::body::Body::empty()).unwrap();
        assert_eq!(app.clone().oneshot(request).await.unwrap().status(), StatusCode::OK);
    }
    List { tokens: kept, asked: Arc::default() }
}

fn ask() -> Request<Full<Bytes>> {
    Request::get("/thing").body(Full::default()).unwrap()
}

#[tokio::test]
async fn a_supply_says_whose_token_a_request_brings() {
    let (site, api) = (Site::open().await, Api::start().await);
    let list = list(&["one", "two"]).await;
    let client = site.auth.authorize(&api.url).unwrap().with_tokens(list.clone()).layer(hyper());
    assert_eq!(client.clone().oneshot(ask()).await.unwrap().status(), StatusCode::OK);
    assert_eq!((api.last().token(), list.asked.load(Ordering::Relaxed)), ("one", 1));
    // It is told which token was refused.
    api.refuse("one");
    assert_eq!(client.clone().oneshot(ask()).await.unwrap().status(), StatusCode::OK);
    assert_eq!((api.last().token(), api.seen().len(), list.asked.load(Ordering::Relaxed)), ("two", 3, 3));
}

#[tokio::test]
async fn a_supply_that_returns_the_same_token_says_that_there_is_no_other() {
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().with_tokens(list(&["one"]).await).layer(hyper());
    api.refuse("one");
    assert_eq!(client.oneshot(ask()).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.seen().len(), 1);
}

#[tokio::test]
async fn a_supply_that_has_none_is_an_error_with_its_cause() {
    use std::error::Error as _;
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().with_tokens(list(&[]).await).layer(hyper());
    let error = client.oneshot(ask()).await.unwrap_err();
    assert_eq!((error.kind(), api.seen().len()), (AuthorizeErrorKind::Unavailable, 0));
    let AuthorizeError::Token(token_error) = &error else { panic!("{error:?}") };
    assert!(!token_error.is_final());
    let cause = error.source().and_then(|supply| supply.source()).map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("the list is empty"));
}
