//! Tokens without a flow.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::testing::{DEFAULT_CLIENT_ID, TestAccessToken};

const NOW: u64 = 1_800_000_000;

#[tokio::test]
async fn without_more_a_token_is_a_jwt_of_rfc_9068_and_nothing_else() {
    let shop = Shop::open().await;
    let token = TestAccessToken::new("ada").with_scopes("read:products  write:products");
    let [header, mut claims] = decoded(&shop.op.issue_access_token(token));
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() == 43));
    claims.as_object_mut().unwrap().remove("jti");
    assert_eq!(
        claims,
        json!({
            "iss": shop.op.issuer(),
            "sub": "ada",
            "aud": API,
            "client_id": DEFAULT_CLIENT_ID,
            "scope": "read:products write:products",
            "iat": NOW,
            "exp": NOW + 3_600,
        })
    );
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("RS256")));
    assert_eq!(header["kid"], shop.get(Endpoint::Jwks).await.body["keys"][0]["kid"]);
}

#[tokio::test]
async fn a_token_means_what_it_is_told_to_mean() {
    let shop = Shop::with(|builder| builder.access_token_lifetime(Duration::from_secs(60))).await;
    let time = |seconds| Timestamp::from_unix_seconds(seconds);
    let ada = || TestAccessToken::new("ada");
    for (name, token, claim, expected) in [
        ("client", ada().with_client_id("spa"), "client_id", json!("spa")),
        ("audience", ada().with_audience("https://a.example"), "aud", json!("https://a.example")),
        ("two", ada().add_audience("https://b.example"), "aud", json!([API, "https://b.example"])),
        ("no scope", ada(), "scope", Value::Null),
        ("lifetime of the settings", ada(), "exp", json!(NOW + 60)),
        ("lifetime", ada().with_lifetime(Duration::from_secs(5)), "exp", json!(NOW + 5)),
        ("issued", ada().with_issued_at(time(9)), "exp", json!(69)),
        ("expired", ada().with_expires_at(time(7)), "exp", json!(7)),
        ("not yet", ada().with_not_before(time(8)), "nbf", json!(8)),
        ("permissions", ada().with_permissions(&["a", "b"]), "permissions", json!(["a", "b"])),
        ("roles", ada().with_roles(&["admin"]), "roles", json!(["admin"])),
        ("bound", ada().bound_to("thumb"), "cnf", json!({ "jkt": "thumb" })),
        ("more", ada().with_claim("acr", "two"), "acr", json!("two")),
        ("of another type", ada().with_claim("exp", "tomorrow"), "exp", json!("tomorrow")),
        ("less", ada().without_claim("exp"), "exp", Value::Null),
        ("the last word", ada().without_claim("sub").with_claim("sub", 1), "sub", json!(1)),
    ] {
        let [_, claims] = decoded(&shop.op.issue_access_token(token));
        assert_eq!(claims[claim], expected, "{name}");
    }
}

#[tokio::test]
async fn a_header_is_bent_and_the_signature_still_covers_it() {
    let shop = Shop::open().await;
    let token = TestAccessToken::new("ada")
        .with_header("typ", "JWT")
        .with_header("crit", json!(["b64"]))
        .without_header("kid");
    let token = shop.op.issue_access_token(token);
    assert_eq!(decoded(&token)[0], json!({ "alg": "RS256", "typ": "JWT", "crit": ["b64"] }));
    assert_eq!(shop.verifying(&token).await, [0]);
}

#[tokio::test]
async fn a_machine_is_its_own_subject() {
    let shop = Shop::open().await;
    let token = TestAccessToken::for_client("worker").with_scopes("read:products");
    let token = shop.op.issue_access_token(token);
    let [_, claims] = decoded(&token);
    let expected = [("sub", "worker"), ("client_id", "worker"), ("gty", "client-credentials")];
    for (claim, value) in expected {
        assert_eq!(claims[claim], value, "{claim}");
    }
    assert!(shop.introspect(&token).await.get("username").is_none());
}

#[tokio::test]
async fn an_opaque_token_is_read_by_introspection_alone() {
    let shop = Shop::open().await;
    let token = TestAccessToken::new(User::ada().subject()).with_scopes("read:products").opaque();
    let token = shop.op.issue_access_token(token);
    assert_eq!(token.split('.').count(), 2, "{token}");
    let body = shop.introspect(&token).await;
    assert_eq!((&body["sub"], &body["scope"]), (&json!("local|ada"), &json!("read:products")));
    assert_eq!(body["username"], "ada");
}

#[tokio::test]
async fn a_token_is_active_until_it_expires_or_is_revoked_and_from_its_time_on() {
    let shop = Shop::open().await;
    let ada = || TestAccessToken::new("ada");
    let [revoked, expiring] = [ada(), ada().opaque()].map(|token| shop.op.issue_access_token(token));
    let early = ada().with_not_before(Timestamp::from_unix_seconds(NOW + 10));
    let early = shop.op.issue_access_token(early);
    assert!(shop.is_active(&revoked).await && shop.is_active(&expiring).await);
    assert!(!shop.is_active(&early).await, "not yet");
    shop.op.revoke_access_token(&revoked);
    shop.clock.advance(Duration::from_secs(10));
    assert!(!shop.is_active(&revoked).await);
    assert!(shop.is_active(&early).await);
    shop.clock.advance(Duration::from_secs(3_590));
    assert!(!shop.is_active(&expiring).await);
}

#[tokio::test]
async fn a_token_that_was_only_signed_is_unknown_to_introspection() {
    let shop = Shop::open().await;
    let token = shop.op.sign_access_token(&TestAccessToken::new("ada"));
    assert_eq!(decoded(&token)[1]["sub"], "ada");
    assert_eq!(shop.introspect(&token).await, json!({ "active": false }));
}

#[tokio::test]
async fn a_token_of_a_known_person_opens_user_info() {
    let shop = Shop::open().await;
    let token = TestAccessToken::new(User::bob().subject()).with_scopes("openid email");
    let answer = shop.user_info(&shop.op.issue_access_token(token)).await;
    assert_eq!(answer.text("email"), "bob@example.com");
}

#[test]
fn headers_with_credentials_are_sensitive() {
    for (header, expected) in
        [(crate::testing::bearer("a.b.c"), "Bearer a.b.c"), (crate::testing::dpop("a.b.c"), "DPoP a.b.c")]
    {
        assert_eq!(header, expected);
        assert!(header.is_sensitive());
    }
}
