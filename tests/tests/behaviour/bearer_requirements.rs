//! `#[require_auth]` on bearer tokens: scopes, any of some, an audience; met once or a hundred times.

use auth_layer::testing::{TestAccessToken, bearer};
use auth_layer::{AccessToken, require_auth};
use axum::Router;
use axum::routing::{get, post};
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use serde_json::json;
use tests::{Api, BILLING, Reply, SHOP};

use crate::scopes;

#[require_auth]
async fn home() -> &'static str {
    "home"
}

#[require_auth(scopes = ["read:products"])]
async fn read(_token: AccessToken) -> &'static str {
    "read"
}

#[require_auth(scopes = ["write:products"])]
async fn write() -> &'static str {
    "write"
}

#[require_auth(scopes = ["read:products", scopes::WriteProducts])]
async fn read_and_write() -> &'static str {
    "read_and_write"
}

#[require_auth(any_scopes = ["read:products", "write:products"])]
async fn read_or_write() -> &'static str {
    "read_or_write"
}

#[require_auth(scopes = ["read:invoices"])]
async fn invoices() -> &'static str {
    "invoices"
}

/// The scope of an API without an audience of its own, at an audience that the attribute names.
#[require_auth(scopes = ["offline_access"], audience = "https://billing.shop.example")]
async fn offline() -> &'static str {
    "offline"
}

#[require_auth(audience = "https://api.shop.example")]
async fn shop() -> &'static str {
    "shop"
}

const HANDLERS: [&str; 8] =
    ["home", "read", "write", "read_and_write", "read_or_write", "invoices", "offline", "shop"];

/// An API that is two by name.
async fn api() -> Api {
    let routes = Router::new()
        .route("/home", get(home))
        .route("/read", get(read))
        .route("/write", get(write))
        .route("/read_and_write", get(read_and_write))
        .route("/read_or_write", get(read_or_write))
        .route("/invoices", get(invoices))
        .route("/offline", get(offline))
        .route("/shop", get(shop));
    let two = |issuer: auth_layer::config::TrustedIssuer| issuer.add_audience(SHOP).add_audience(BILLING);
    Api::builder().issuer(two).routes(routes).open().await
}

fn of_shop(scopes: &str) -> TestAccessToken {
    Api::ada().with_scopes(scopes)
}

fn of_billing(scopes: &str) -> TestAccessToken {
    of_shop(scopes).with_audience(BILLING)
}

#[tokio::test]
async fn a_handler_runs_with_what_it_requires_and_not_otherwise() {
    let api = api().await;
    for (name, token, passes) in [
        ("no scope", of_shop(""), &["home", "shop"][..]),
        ("read", of_shop("read:products"), &["home", "read", "read_or_write", "shop"]),
        ("write", of_shop("write:products"), &["home", "write", "read_or_write", "shop"]),
        (
            "both",
            of_shop("write:products read:products"),
            &["home", "read", "write", "read_and_write", "read_or_write", "shop"],
        ),
        ("scopes of another API", of_billing("read:products write:products"), &["home"]),
        ("the other API", of_billing("read:invoices offline_access"), &["home", "invoices", "offline"]),
        ("its scopes at this one", of_shop("read:invoices offline_access"), &["home", "shop"]),
        (
            "of both",
            of_shop("read:products read:invoices offline_access").add_audience(BILLING),
            &["home", "read", "read_or_write", "invoices", "offline", "shop"],
        ),
        ("a part of a word", of_shop("read read:product products"), &["home", "shop"]),
        ("other capitals", of_shop("Read:products"), &["home", "shop"]),
    ] {
        let token = api.token(token);
        // Each way round, and again: what was met for one handler is met for that one alone.
        for handlers in [HANDLERS.to_vec(), HANDLERS.into_iter().rev().collect(), HANDLERS.repeat(2)] {
            for handler in handlers {
                let reply = api.get(&format!("/{handler}"), &token).await;
                let expected = if passes.contains(&handler) { StatusCode::OK } else { StatusCode::FORBIDDEN };
                assert_eq!(reply.status, expected, "{name} at {handler}: {reply:?}");
                assert_eq!(reply.body == handler, passes.contains(&handler), "{name} at {handler}");
            }
        }
    }
}

#[tokio::test]
async fn handlers_in_any_order_never_lend_each_other_what_they_required() {
    let api = api().await;
    let tokens = [
        (api.token(of_shop("read:products")), ["home", "read", "read_or_write", "shop"]),
        (api.token(of_shop("write:products")), ["home", "write", "read_or_write", "shop"]),
    ];
    // A walk that meets every pair of handlers in both orders; the steps are coprime to their number.
    for step in [1, 3, 5, 7] {
        for turn in 0..64 {
            let handler = HANDLERS[(turn * step + turn / 8) % 8];
            for (token, passes) in &tokens {
                let passed = api.get(&format!("/{handler}"), token).await.status == StatusCode::OK;
                assert_eq!(passed, passes.contains(&handler), "{handler} in turn {turn} of step {step}");
            }
        }
    }
}

#[tokio::test]
async fn rules_of_one_text_and_another_meaning_are_two_rules() {
    // Two handlers of one name in two modules, whose rules differ in one word.
    mod one {
        use crate::scopes;
        #[auth_layer::require_auth(scopes = ["read:products"])]
        pub(super) async fn handler() -> &'static str {
            let _ = std::marker::PhantomData::<scopes::ReadProducts>;
            "one"
        }
    }
    mod two {
        #[auth_layer::require_auth(scopes = ["write:products"])]
        pub(super) async fn handler() -> &'static str {
            "two"
        }
    }
    let routes = Router::new().route("/one", get(one::handler)).route("/two", get(two::handler));
    let api = Api::builder().routes(routes).open().await;
    let token = api.token(of_shop("read:products"));
    for _ in 0..3 {
        assert_eq!(api.get("/one", &token).await.body, "one");
        assert_eq!(api.get("/two", &token).await.status, StatusCode::FORBIDDEN);
    }
}

fn challenge(reply: &Reply) -> &str {
    reply.header("www-authenticate")
}

#[tokio::test]
async fn a_missing_scope_is_403_that_names_what_is_required_and_what_is_missing() {
    let api = api().await;
    let token = api.token(of_shop("read:products"));
    for _ in 0..2 {
        let reply = api.get("/read_and_write", &token).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
        let expected = concat!(
            r#"Bearer realm="https://api.shop.example", error="insufficient_scope", "#,
            r#"scope="read:products write:products""#
        );
        assert_eq!(challenge(&reply), expected);
        assert_eq!(reply.json()["error"], "insufficient_scope");
        assert_eq!(reply.json()["required_scopes"], json!(["read:products", "write:products"]));
        assert_eq!(reply.json()["missing_scopes"], json!(["write:products"]));
    }
}

#[tokio::test]
async fn a_token_of_another_audience_than_its_handlers_is_403_that_says_so() {
    let api = api().await;
    let token = api.token(of_shop("read:invoices"));
    tests::Listener::start();
    let reply = api.get("/invoices", &token).await;
    let log = tests::Listener::stop();
    assert_eq!((reply.status, challenge(&reply)), (StatusCode::FORBIDDEN, ""));
    let detail = "the access token is for another part of this API: get one for this one";
    assert_eq!(reply.json()["detail"], detail);
    assert!(log.contains("bearer_requirements::invoices") && log.contains(BILLING), "{log}");
}

#[tokio::test]
async fn a_bad_token_is_401_before_any_scope_is_looked_at() {
    let api = api().await;
    let expired = api.token(of_shop("").with_claim("exp", 1));
    for handler in HANDLERS {
        assert_eq!(api.get(&format!("/{handler}"), &expired).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_token_that_is_asked_in_the_handler_is_typed_by_what_it_proves_to_have() {
    let typed = async |token: AccessToken| -> Result<String, auth_layer::gate::Rejection> {
        let token = token.require::<WriteHandler>()?;
        Ok(token.prove::<scopes::WriteProducts>().scopes().to_string())
    };
    let api = Api::builder().routes(Router::new().route("/typed", post(typed))).open().await;
    for (scopes, status) in [("write:products", 200), ("read:products", 403)] {
        let token = bearer(&api.token(of_shop(scopes)));
        let reply = api.send(Request::post("/typed").header(AUTHORIZATION, token)).await;
        assert_eq!(reply.status.as_u16(), status, "{scopes}: {reply:?}");
    }
}
