//! UserInfo, introspection, revocation and the key set.

use std::time::Duration;

use serde_json::json;

use super::*;

#[tokio::test]
async fn user_info_tells_what_the_scope_lets_it() {
    let shop = Shop::open().await;
    let whole = shop.tokens(&User::ada(), &[("audience", "")]).await;
    let claims = shop.user_info(whole.text("access_token")).await.body;
    assert_eq!((&claims["sub"], &claims["email"]), (&json!("local|ada"), &json!("ada@example.com")));
    let little = shop.tokens(&User::ada(), &[("scope", "openid")]).await;
    let claims = shop.user_info(little.text("access_token")).await.body;
    assert_eq!(claims, json!({ "sub": "local|ada" }));
}

#[tokio::test]
async fn user_info_challenges_as_rfc_6750_says() {
    let shop = Shop::open().await;
    let none = shop.http.get(shop.op.url(Endpoint::UserInfo)).send().await.unwrap();
    assert_eq!(none.headers()["www-authenticate"], "Bearer realm=\"userinfo\"");
    let wrong = shop.user_info("wrong").await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"));
    let plain = shop.tokens(&User::ada(), &[("scope", "read:products")]).await;
    let plain = shop.user_info(plain.text("access_token")).await;
    assert_eq!(plain.status, 403);
    let tokens = shop.tokens(&User::ada(), &[]).await;
    shop.clock.advance(Duration::from_secs(3_600));
    assert_eq!(shop.user_info(tokens.text("access_token")).await.status, 401, "it has expired");
}

#[tokio::test]
async fn introspection_tells_an_active_token_and_says_nothing_of_others() {
    let shop = Shop::open().await;
    let tokens = shop.tokens(&User::ada(), &[("scope", "openid read:products")]).await;
    let form = [("token", tokens.text("access_token"))];
    let body = shop.post(Endpoint::Introspection, &form).await.body;
    assert_eq!(body["scope"], "openid read:products");
    assert_eq!((&body["aud"], &body["username"]), (&json!(API), &json!("ada")));
    assert_eq!(body["exp"], 1_800_003_600);

    let unknown = shop.post(Endpoint::Introspection, &[("token", "x")]).await;
    assert_eq!(unknown.body, json!({ "active": false }));
    let nobody = shop.http.post(shop.op.url(Endpoint::Introspection)).form(&form);
    Answer::of(nobody.send().await.unwrap()).await.assert_error(401, "invalid_client");

    assert_eq!(shop.post(Endpoint::Revocation, &form).await.status, 200);
    assert!(!shop.is_active(tokens.text("access_token")).await);
    assert_eq!(shop.post(Endpoint::Revocation, &form).await.status, 200, "as good as revoked");
}

#[tokio::test]
async fn rotated_keys_are_published_with_the_old_ones_or_without() {
    let shop = Shop::open().await;
    let kids = async || {
        let jwks = shop.http.get(shop.op.url(Endpoint::Jwks)).send().await.unwrap();
        let jwks = Answer::of(jwks).await.body;
        let keys = jwks["keys"].as_array().unwrap().iter();
        keys.map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = kids().await;
    shop.op.rotate_keys(true);
    let both = kids().await;
    assert_eq!(both[1..], first);
    let tokens = shop.tokens(&User::ada(), &[]).await;
    assert_eq!(decoded(tokens.text("id_token"))[0]["kid"], both[0].as_str());
    shop.op.rotate_keys(false);
    assert!(kids().await.iter().all(|kid| !both.contains(kid)));
}
