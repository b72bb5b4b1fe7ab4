//! What `#[require_auth]` writes, as far as it shows without a provider: the rule, and no open door.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use auth_layer::token::{Requirement, Rule};
use auth_layer::{AccessToken, require_auth};
use axum::extract::{FromRequest, State};
use axum::routing::post;
use http::{Request, Response, StatusCode};
use tower::ServiceExt;

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
        pub(crate) api OpenId { OfflineAccess = "offline_access" }
    }
}

#[require_auth(scopes = ["read:products"], any_scopes = [scopes::WriteProducts])]
async fn products(_token: AccessToken) {}

#[require_auth(any_scopes = ["offline_access"], audience = "https://other.example")]
async fn said() {}

#[require_auth(scopes = ["offline_access"])]
async fn configured() {}

#[require_auth]
async fn home() {}

#[test]
fn the_rule_is_what_the_attribute_says() {
    type Case<'a> = (Rule, &'a str, &'a [&'a str], &'a [&'a str], Option<&'a str>);
    let cases: [Case<'_>; 4] = [
        (
            ProductsHandler::RULE,
            "products",
            &["read:products"],
            &["write:products"],
            Some("https://api.shop.example"),
        ),
        (SaidHandler::RULE, "said", &[], &["offline_access"], Some("https://other.example")),
        (ConfiguredHandler::RULE, "configured", &["offline_access"], &[], None),
        (HomeHandler::RULE, "home", &[], &[], None),
    ];
    for (rule, handler, scopes, any_scopes, audience) in cases {
        assert_eq!(rule.handler(), format!("attribute::{handler}"));
        assert_eq!(rule.scopes(), scopes, "{handler}");
        assert_eq!(rule.any_scopes(), any_scopes, "{handler}");
        assert_eq!(rule.audience().as_ref().map(|audience| audience.as_str()), audience, "{handler}");
    }
}

/// An extractor that counts how often it reads the request.
struct Counted;

impl FromRequest<Arc<AtomicUsize>> for Counted {
    type Rejection = StatusCode;

    async fn from_request(
        _: Request<axum::body::Body>,
        reads: &Arc<AtomicUsize>,
    ) -> Result<Self, StatusCode> {
        reads.fetch_add(1, Ordering::Relaxed);
        Err(StatusCode::IM_A_TEAPOT)
    }
}

#[require_auth]
async fn body_without_token(_: Counted) {}

#[require_auth(scopes = ["read:products"])]
async fn body_after_token(_: State<Arc<AtomicUsize>>, _token: AccessToken, _: Counted) {}

#[tokio::test]
async fn a_handler_without_the_layer_is_closed_and_its_body_unread() {
    let reads = Arc::new(AtomicUsize::new(0));
    let app = axum::Router::new()
        .route("/without", post(body_without_token))
        .route("/after", post(body_after_token))
        .route("/products", post(products))
        .route("/said", post(said))
        .route("/configured", post(configured))
        .route("/home", post(home))
        .with_state(Arc::clone(&reads));
    for path in ["/without", "/after", "/products", "/said", "/configured", "/home"] {
        let request = Request::post(path).body(axum::body::Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    assert_eq!(reads.load(Ordering::Relaxed), 0);
}

#[require_auth]
async fn plain(request: Request<String>, ran: &AtomicUsize, _token: AccessToken) -> Response<Vec<u8>> {
    ran.fetch_add(1, Ordering::Relaxed);
    Response::new(request.into_body().into_bytes())
}

#[require_auth(scopes = ["read:products"])]
async fn fallible(_: Request<()>) -> Result<Response<String>, std::io::Error> {
    Err(std::io::Error::other("it ran"))
}

#[tokio::test]
async fn a_plain_function_without_the_layer_does_not_run() {
    let ran = AtomicUsize::new(0);
    let response = plain(Request::new("body".to_owned()), &ran).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(ran.load(Ordering::Relaxed), 0);
    assert_eq!(fallible(Request::new(())).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn a_handler_is_sent_between_threads() {
    fn sent<T: Send>(_: T) {}
    let ran = AtomicUsize::new(0);
    sent(plain(Request::new(String::new()), &ran));
    sent(fallible(Request::new(())));
}

#[test]
fn what_a_refused_attribute_grants_to_the_compiler_nobody_is_granted_at_run_time() {
    use auth_layer::__private::Refused;
    let required = <Refused as Requirement>::RULE.scopes();
    for granted in ["", " ", "openid read:products"] {
        assert!(!auth_layer::ScopeSet::parse(granted).contains_all(required), "{granted:?}");
    }
}
