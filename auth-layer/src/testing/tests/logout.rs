//! Logout ends the browser's session and sends it where the client registered.

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
