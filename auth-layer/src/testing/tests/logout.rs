//! Logout ends the browser's session and sends it where the client registered.

use super::super::{ClientRegistration, TestLogoutToken};
use super::*;

fn logout_url(shop: &Shop, parameters: &[(&str, &str)]) -> String {
    Url::parse_with_params(&shop.op.url(Endpoint::EndSession), parameters).unwrap().into()
}

#[tokio::test]
async fn a_logout_ends_the_session_and_comes_back_with_state() {
    let shop = Shop::open().await;
    let browser = shop.op.browser();
    let callback = browser.log_in(&User::ada(), &shop.authorize_url(&[])).await.unwrap();
    let tokens = shop.exchange_code(&query(&callback)["code"]).await;
    // An expired hint is a hint.
    shop.clock.advance(std::time::Duration::from_secs(86_400));
    let url = logout_url(
        &shop,
        &[
            ("id_token_hint", tokens.text("id_token")),
            ("post_logout_redirect_uri", AFTER_LOGOUT),
            ("state", "bye"),
        ],
    );
    assert_eq!(browser.open(&url).await.unwrap(), format!("{AFTER_LOGOUT}?state=bye"));
    let silent = shop.authorize_url(&[("prompt", "none")]);
    assert_eq!(query(&browser.open(&silent).await.unwrap())["error"], "login_required");
    assert_eq!(shop.op.log_count("slo"), 1);
    let refreshed = shop.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "offline access is access while the person is away");
}

#[tokio::test]
async fn a_logout_goes_nowhere_that_is_not_registered() {
    let shop = Shop::open().await;
    for parameters in [
        [("client_id", "shop"), ("post_logout_redirect_uri", "https://evil.example/")],
        [("client_id", "shop"), ("post_logout_redirect_uri", REDIRECT_URI)],
        [("client_id", "stranger"), ("post_logout_redirect_uri", AFTER_LOGOUT)],
        [("state", "no client"), ("post_logout_redirect_uri", AFTER_LOGOUT)],
    ] {
        let answer = shop.op.browser().open(&logout_url(&shop, &parameters)).await;
        assert!(answer.is_err(), "{parameters:?}");
    }
    assert_eq!(shop.op.log_count("flo"), 4);
}

#[tokio::test]
async fn the_clients_of_a_session_are_told_and_what_they_answer_is_written_down() {
    // It answers 404 to what it does not know.
    let listener = IdentityProvider::start().await;
    let spa = ClientRegistration::public("spa").with_backchannel_logout_uri("http://127.0.0.1:1/over");
    let address = format!("{}/over", listener.issuer());
    let shop = Shop::with(|builder| builder.client(spa).with_backchannel_logout_uri(address)).await;
    let browser = shop.op.browser();
    browser.log_in(&User::ada(), &shop.authorize_url(&[])).await.unwrap();
    assert_eq!(shop.op.log_out("unknown").await, []);
    assert_eq!(shop.op.end_sessions_of(&User::bob()).await, []);
    let answers = shop.op.end_sessions_of(&User::ada()).await;
    assert_eq!(answers.len(), 1, "the other client has no part in it: {answers:?}");
    assert_eq!((&*answers[0].client_id, answers[0].status), ("shop", Some(StatusCode::NOT_FOUND)));
    assert_eq!(shop.op.logout_answers(1).await, answers);
    let silent = shop.authorize_url(&[("prompt", "none")]);
    assert_eq!(query(&browser.open(&silent).await.unwrap())["error"], "login_required");
    listener.stop().await;
    assert_eq!(shop.op.end_sessions_of(&User::ada()).await[0].status, None, "nobody answers");
}

#[tokio::test]
async fn a_logout_token_says_what_the_specification_requires_and_then_what_a_test_does() {
    let shop = Shop::open().await;
    let token = TestLogoutToken::of_session("s1").with_subject("local|ada");
    let [header, claims] = decoded(&shop.op.mint_logout_token(&token));
    assert_eq!(header["typ"], "logout+jwt");
    let now = shop.clock.now().unix_seconds();
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(now), Some(now + 120)));
    assert_eq!((&claims["iss"], &claims["aud"]), (&Value::from(shop.op.issuer()), &Value::from("shop")));
    assert_eq!((&claims["sub"], &claims["sid"]), (&Value::from("local|ada"), &Value::from("s1")));
    assert_eq!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"], serde_json::json!({}));
    let bent =
        token.with_client_id("spa").without_claim("exp").with_claim("iat", "now").without_header("typ");
    let [header, other] = decoded(&shop.op.mint_logout_token(&bent));
    assert_eq!((header.get("typ"), other.get("exp"), &other["iat"]), (None, None, &Value::from("now")));
    assert_eq!(other["aud"], "spa");
    assert_ne!(other["jti"], claims["jti"]);
}

#[tokio::test]
async fn a_forged_id_token_hint_ends_nothing() {
    let shop = Shop::open().await;
    let browser = shop.op.browser();
    let callback = browser.log_in(&User::ada(), &shop.authorize_url(&[])).await.unwrap();
    let tokens = shop.exchange_code(&query(&callback)["code"]).await;
    let [header, claims] = decoded(tokens.text("id_token"));
    let elsewhere = IdentityProvider::builder().own_keys().start().await.unwrap();
    let forged = elsewhere.sign(&header, &claims);
    let url = logout_url(&shop, &[("id_token_hint", &forged)]);
    assert!(browser.open(&url).await.is_err());
    let silent = shop.authorize_url(&[("prompt", "none")]);
    assert!(query(&browser.open(&silent).await.unwrap()).contains_key("code"));
}
