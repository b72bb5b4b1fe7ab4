//! Tokens for several audiences in one session, each got with the one refresh token.

use std::time::Duration;

use auth_layer::AccessToken;
use auth_layer::testing::{TestSession, session_cookie};
use auth_layer::token::{Requirement, Rule};
use axum::Router;
use axum::routing::get;
use http::{Request, StatusCode};
use tests::{BILLING, SHOP, Site};

struct ReadsInvoices;

impl Requirement for ReadsInvoices {
    const RULE: Rule =
        Rule::authenticated("invoices").with_audience(Some(BILLING)).with_scopes(&["read:invoices"]);
}

fn invoices() -> Router {
    Router::new().route("/invoices", get(async |token: AccessToken<ReadsInvoices>| token.expose().to_owned()))
}

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_session_holds_a_token_for_each_audience() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let shop = ada.get("/token").await.token();
    let billing = ada.get("/billing").await;
    assert_eq!(billing.json()["audience"], BILLING);
    assert_ne!(billing.token(), shop);
    assert_eq!(ada.get("/billing").await.token(), billing.token(), "kept in the session");
    assert_eq!(ada.get("/token").await.token(), shop, "and so is the first");
    assert_eq!(site.refreshes(), 1);
    assert_eq!(audience(&billing.token()), BILLING);
    assert_eq!(audience(&shop), SHOP);
}

fn audience(token: &str) -> String {
    use base64::Engine as _;
    let claims =
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<serde_json::Value>(&claims).unwrap()["aud"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn two_audiences_at_once_spend_one_chain_of_refresh_tokens() {
    let site = Site::open().await;
    let ada = site.ada().await;
    for _ in 0..5 {
        site.clock.advance(HOUR);
        let (one, two) = (ada.copied(), ada.copied());
        let (shop, billing) = tokio::join!(one.get("/token"), two.get("/billing"));
        assert_eq!((shop.status, billing.status), (StatusCode::OK, StatusCode::OK));
        ada.get("/token").await.token();
        ada.get("/billing").await.token();
    }
    assert_eq!(site.op.log_count("ferrt"), 0, "no refresh token was spent twice");
}

#[tokio::test]
async fn an_audience_that_the_provider_refuses_costs_nothing_else() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let refused = ada.get("/nowhere").await;
    assert_eq!((refused.status, refused.body.as_str()), (StatusCode::BAD_GATEWAY, "Refused"));
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    assert_eq!(ada.get("/billing").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_lives_on_where_another_audience_is_wanted() {
    let site = Site::builder().config(|config| config.with_scopes("openid read:products")).open().await;
    let ada = site.ada().await;
    for path in ["/billing", "/force"] {
        let reply = ada.get(path).await;
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (StatusCode::BAD_GATEWAY, "NoRefreshToken"),
            "{path}"
        );
    }
    // A page is not sent to a login that could not bring the token either.
    let page = ada.at(invoices().layer(site.auth.layer())).open("/invoices").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.set_cookies().is_empty());
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    assert_eq!(site.refreshes(), 0);
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::UNAUTHORIZED);
    assert!(ada.cookies().is_empty());
}

#[tokio::test]
async fn a_second_api_gets_the_scopes_that_are_named_for_it_and_the_first_keeps_its_own() {
    for (named, expected) in
        [(None, "offline_access openid pay:invoices read:invoices"), (Some("read:invoices"), "read:invoices")]
    {
        let site = Site::builder()
            .provider(|op| op.add_api(BILLING, &["read:invoices", "pay:invoices"]))
            .config(move |config| {
                let config =
                    config.with_scopes("openid offline_access read:products read:invoices pay:invoices");
                named.into_iter().fold(config, |config, scopes| config.add_scopes_for(BILLING, scopes))
            })
            .open()
            .await;
        let ada = site.ada().await;
        for _ in 0..2 {
            assert_eq!(ada.get("/billing").await.json()["scope"], expected);
            assert_eq!(ada.get("/token").await.json()["scope"], "offline_access openid read:products");
            site.clock.advance(HOUR);
        }
        assert_eq!(site.op.log_count("ferrt"), 0);
    }
}

#[tokio::test]
async fn scopes_that_the_user_did_not_grant_get_no_token_and_end_no_session() {
    let site =
        Site::builder().config(|config| config.add_scopes_for(BILLING, "delete:everything")).open().await;
    let ada = site.ada().await;
    for _ in 0..2 {
        let refused = ada.get("/billing").await;
        assert_eq!((refused.status, refused.body.as_str()), (StatusCode::BAD_GATEWAY, "Refused"));
    }
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_test_session_may_hold_a_token_of_another_audience() {
    let site = Site::open().await;
    let app = invoices().layer(site.auth.layer());
    for (scopes, status) in [("read:invoices", StatusCode::OK), ("write:invoices", StatusCode::FORBIDDEN)] {
        let session = TestSession::new("user|1").add_access_token(BILLING, scopes, "invoice-token");
        let cookie = session_cookie(&site.auth, session).await.unwrap();
        let reply =
            site.visitor().at(app.clone()).send(Request::get("/invoices").header("cookie", cookie)).await;
        assert_eq!(reply.status, status, "{scopes}");
        assert_eq!(reply.body == "invoice-token", status == StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ninety_parallel_callers_for_three_audiences_spend_one_refresh_token_each() {
    const STOCK: &str = "https://stock.shop.example";
    let site = Site::builder().provider(|op| op.add_api(STOCK, &["read:stock"])).open().await;
    let ada = site.ada().await;
    let stock = Router::new().route("/stock", get(stock_token)).layer(site.auth.layer());
    site.clock.advance(HOUR);
    let tasks: Vec<_> = (0..90)
        .map(|number| {
            let (visitor, stock) = (ada.copied(), ada.copied().at(stock.clone()));
            tokio::spawn(async move {
                match number % 3 {
                    0 => (SHOP, visitor.get("/token").await),
                    1 => (BILLING, visitor.get("/billing").await),
                    _ => (STOCK, stock.get("/stock").await),
                }
            })
        })
        .collect();
    for task in tasks {
        let (wanted, reply) = task.await.unwrap();
        assert_eq!(reply.status, StatusCode::OK, "{wanted}: {}", reply.body);
        let token = if wanted == STOCK { reply.body } else { reply.token() };
        assert_eq!(audience(&token), wanted);
    }
    assert_eq!((site.refreshes(), site.op.log_count("ferrt"), site.op.log_count("fertft")), (3, 0, 0));
}

async fn stock_token(session: auth_layer::Session) -> String {
    let request = auth_layer::gate::AccessTokenRequest::new().with_audience("https://stock.shop.example");
    session.access_token_with(request).await.unwrap().expose().to_owned()
}
