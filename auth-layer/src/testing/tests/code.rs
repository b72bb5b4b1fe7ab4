//! What an honest login gives.

use serde_json::json;

use super::*;
use crate::testing::encoding::{base64url, sha256};

#[tokio::test]
async fn a_login_gives_an_id_token_that_names_the_person_and_binds_the_access_token() {
    let shop = Shop::open().await;
    let answer = shop.tokens(&User::ada(), &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let [header, claims] = decoded(answer.text("id_token"));
    assert_eq!(header["alg"], "RS256");
    let access_token = answer.text("access_token");
    let expected = [
        ("iss", json!(shop.op.issuer())),
        ("sub", json!("local|ada")),
        ("aud", json!("shop")),
        ("nonce", json!("nonce-1")),
        ("iat", json!(1_800_000_000)),
        ("exp", json!(1_800_003_600)),
        ("auth_time", json!(1_800_000_000)),
        ("name", json!("Ada Lovelace")),
        ("email", json!("ada@example.com")),
        ("at_hash", json!(base64url(&sha256(access_token.as_bytes())[..16]))),
    ];
    for (claim, value) in expected {
        assert_eq!(claims[claim], value, "{claim}");
    }
    assert!(claims["sid"].is_string());
}

#[tokio::test]
async fn an_access_token_for_an_api_is_a_jwt_with_the_granted_scope() {
    let shop = Shop::open().await;
    let answer = shop.tokens(&User::bob(), &[]).await;
    let granted = "openid profile email offline_access read:products";
    assert_eq!(answer.text("scope"), granted, "bob may not write");
    let [header, claims] = decoded(answer.text("access_token"));
    assert_eq!(header["typ"], "at+jwt");
    let expected = [
        ("iss", json!(shop.op.issuer())),
        ("aud", json!(API)),
        ("sub", json!("local|bob")),
        ("client_id", json!("shop")),
        ("scope", json!(granted)),
        ("permissions", json!(["read:products"])),
        ("exp", json!(1_800_003_600)),
    ];
    for (claim, value) in expected {
        assert_eq!(claims[claim], value, "{claim}");
    }
    assert!(claims["jti"].is_string());
}

#[tokio::test]
async fn without_an_audience_the_access_token_is_opaque_and_api_scopes_are_not_granted() {
    let shop = Shop::open().await;
    let answer = shop.tokens(&User::ada(), &[("audience", "")]).await;
    assert!(answer.text("access_token").starts_with("opaque."));
    assert_eq!(answer.text("scope"), "openid profile email offline_access");
}

#[tokio::test]
async fn a_refresh_token_is_given_for_offline_access_only() {
    let shop = Shop::open().await;
    let online = shop.tokens(&User::ada(), &[("scope", "openid read:products")]).await;
    assert!(online.body.get("refresh_token").is_none());
    assert_eq!(online.text("scope"), "openid read:products");
    let plain = shop.tokens(&User::ada(), &[("scope", "read:products")]).await;
    assert!(plain.body.get("id_token").is_none(), "no openid, no ID token");
}

#[tokio::test]
async fn a_callback_carries_state_and_issuer() {
    let shop = Shop::with(IdentityProviderBuilder::issuer_with_trailing_slash).await;
    let callback = shop.op.log_in(&User::ada(), &shop.authorize_url(&[])).await;
    let query = query(&callback);
    assert_eq!(query["state"], "state-1");
    assert_eq!(query["iss"], shop.op.issuer());
    assert!(query["iss"].ends_with('/'));
}

#[tokio::test]
async fn a_social_user_has_the_subject_of_the_connection() {
    let shop = Shop::open().await;
    let answer = shop.tokens(&User::carol(), &[]).await;
    assert_eq!(decoded(answer.text("id_token"))[1]["sub"], "acme|carol");
}

#[tokio::test]
async fn es256_signs_with_the_published_key() {
    let shop = Shop::with(|builder| builder.signing(SigningAlgorithm::Es256)).await;
    let answer = shop.tokens(&User::ada(), &[]).await;
    let [header, _] = decoded(answer.text("id_token"));
    let jwks = shop.http.get(shop.op.url(Endpoint::Jwks)).send().await.unwrap();
    let jwks = Answer::of(jwks).await.body;
    assert_eq!(header["alg"], "ES256");
    assert_eq!(header["kid"], jwks["keys"][0]["kid"]);
    assert_eq!(jwks["keys"][0]["crv"], "P-256");
    let metadata = shop.http.get(shop.op.url(Endpoint::Discovery)).send().await.unwrap();
    let metadata = Answer::of(metadata).await.body;
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["ES256"]));
    assert_eq!(metadata["issuer"], shop.op.issuer());
}

#[tokio::test]
async fn a_browser_that_is_logged_in_gets_its_code_at_once() {
    let shop = Shop::open().await;
    let browser = shop.op.browser();
    let silent = shop.authorize_url(&[("prompt", "none")]);
    let refused = query(&browser.open(&silent).await.unwrap());
    assert_eq!(refused["error"], "login_required");
    assert_eq!(refused["state"], "state-1");

    browser.log_in(&User::ada(), &shop.authorize_url(&[])).await.unwrap();
    assert!(query(&browser.open(&silent).await.unwrap()).contains_key("code"));
    let codes: Vec<_> = shop.op.log().iter().map(|event| event.code.as_str()).collect();
    assert_eq!(codes, ["fsa", "s", "ssa"]);
}

#[tokio::test]
async fn prompt_max_age_and_acr_ask_for_a_new_login_of_the_same_session() {
    let shop = Shop::open().await;
    let browser = shop.op.browser();
    let plain = shop.authorize_url(&[]);
    let code = query(&browser.log_in(&User::ada(), &plain).await.unwrap()).remove("code").unwrap();
    let first = decoded(shop.exchange_code(&code).await.text("id_token"))[1].clone();
    shop.clock.advance(std::time::Duration::from_secs(100));
    let aged = shop.authorize_url(&[("max_age", "100")]);
    assert!(browser.open(&aged).await.is_ok(), "just young enough");
    for more in [("prompt", "login"), ("max_age", "99"), ("max_age", "0"), ("acr_values", "two")] {
        let url = shop.authorize_url(&[more]);
        assert!(browser.open(&url).await.is_err(), "{more:?} shows the login page");
    }
    let url = shop.authorize_url(&[("acr_values", "two")]);
    let code = query(&browser.log_in(&User::ada(), &url).await.unwrap()).remove("code").unwrap();
    let second = decoded(shop.exchange_code(&code).await.text("id_token"))[1].clone();
    assert_eq!(second["acr"], "two");
    assert_eq!(second["auth_time"], 1_800_000_100);
    assert_eq!(second["sid"], first["sid"]);
    assert!(browser.open(&url).await.is_ok(), "now the session has it");
}
