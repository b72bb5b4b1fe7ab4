//! Tokens for several audiences in one session, each got with the one refresh token.

use std::time::Duration;

use http::StatusCode;
use tests::{BILLING, SHOP, Site};

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
async fn a_session_without_refresh_token_lives_as_long_as_its_access_token_whatever_else_is_asked_for() {
    let site = Site::builder().config(|config| config.with_scopes("openid read:products")).open().await;
    let ada = site.ada().await;
    for path in ["/billing", "/force"] {
        let refused = ada.get(path).await;
        assert_eq!((refused.status, refused.body.as_str()), (StatusCode::BAD_GATEWAY, "NoRefreshToken"));
        assert_eq!(ada.get("/token").await.status, StatusCode::OK, "after {path}");
    }
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::UNAUTHORIZED);
    assert!(ada.cookies().is_empty());
}
