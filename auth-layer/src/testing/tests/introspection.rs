//! Introspection: what it says, of which tokens, and to whom.

use serde_json::json;

use super::*;
use crate::testing::{ClientRegistration, TestAccessToken};

#[tokio::test]
async fn an_active_token_has_every_member_that_it_has_a_value_for() {
    let shop = Shop::open().await;
    let ada = TestAccessToken::new(User::ada().subject())
        .with_client_id("spa")
        .with_scopes("read:products write:products")
        .with_not_before(Timestamp::from_unix_seconds(1_799_999_999))
        .with_claim("acr", "two")
        .with_permissions(&["read:products"]);
    for (name, token, token_type, cnf) in [
        ("a JWT", ada.clone(), "Bearer", Value::Null),
        ("an opaque token", ada.clone().opaque(), "Bearer", Value::Null),
        ("a bound one", ada.clone().bound_to("thumb"), "DPoP", json!({ "jkt": "thumb" })),
        ("a bound opaque one", ada.bound_to("thumb").opaque(), "DPoP", json!({ "jkt": "thumb" })),
    ] {
        let mut body = shop.introspect(&shop.op.issue_access_token(token)).await;
        assert!(body["jti"].is_string(), "{name}");
        let members = body.as_object_mut().unwrap();
        members.remove("jti");
        let bound = members.remove("cnf").unwrap_or_default();
        assert_eq!(bound, cnf, "{name}");
        let expected = json!({
            "active": true,
            "scope": "read:products write:products",
            "client_id": "spa",
            "username": "ada",
            "token_type": token_type,
            "exp": 1_800_003_600,
            "iat": 1_800_000_000,
            "nbf": 1_799_999_999,
            "sub": "local|ada",
            "aud": API,
            "iss": shop.op.issuer(),
            "acr": "two",
            "permissions": ["read:products"],
        });
        assert_eq!(body, expected, "{name}");
    }
    assert_eq!(shop.op.calls(Endpoint::Introspection), 4);
}

#[tokio::test]
async fn what_a_test_bends_is_bent_in_the_answer_too() {
    let shop = Shop::open().await;
    let token = TestAccessToken::new("ada").opaque().without_claim("aud").with_claim("exp", "tomorrow");
    let body = shop.introspect(&shop.op.issue_access_token(token)).await;
    assert_eq!((&body["active"], &body["exp"]), (&json!(true), &json!("tomorrow")));
    assert!(body.get("aud").is_none());
}

#[tokio::test]
async fn only_a_client_with_its_secret_is_answered() {
    let shop = Shop::with(|builder| {
        let api = ClientRegistration::confidential("products-api", "a secret of the API");
        builder.client(api).client(ClientRegistration::public("spa"))
    })
    .await;
    let token = shop.op.issue_access_token(TestAccessToken::new("ada"));
    let ask = |form: &[(&str, &str)], basic: Option<(&'static str, &'static str)>| {
        let mut form = form.to_vec();
        form.push(("token", &token));
        let mut request = shop.http.post(shop.op.url(Endpoint::Introspection)).form(&form);
        if let Some((client_id, secret)) = basic {
            request = request.basic_auth(client_id, Some(secret));
        }
        async { Answer::of(request.send().await.unwrap()).await }
    };
    let good = ask(&[("token_type_hint", "refresh_token")], Some(("products-api", "a+secret+of+the+API")));
    assert_eq!(good.await.body["active"], true, "a hint is a hint (RFC 7662 §2.1)");
    for (name, form, basic) in [
        ("nobody", &[][..], None),
        ("a wrong secret", &[], Some(("products-api", "guess"))),
        ("a public client", &[("client_id", "spa")], None),
        ("a stranger", &[("client_id", "stranger"), ("client_secret", "x")], None),
    ] {
        let refused = ask(form, basic).await;
        assert_eq!((refused.status.as_u16(), refused.text("error")), (401, "invalid_client"), "{name}");
        assert!(refused.headers.contains_key("www-authenticate"), "{name}");
    }
    assert_eq!(shop.get(Endpoint::Introspection).await.status, 405);
}

#[tokio::test]
async fn an_inactive_token_is_told_nothing_of() {
    let shop = Shop::open().await;
    let expired = TestAccessToken::new("ada").with_expires_at(Timestamp::from_unix_seconds(1_800_000_000));
    let expired = shop.op.issue_access_token(expired);
    let login = shop.tokens(&User::ada(), &[]).await;
    shop.op.revoke_grants(&User::ada());
    let forged = shop.op.sign(&json!({ "alg": "RS256" }), &json!({ "sub": "ada" }));
    for (name, token) in [
        ("expired at this moment", expired.as_str()),
        ("of a revoked grant", login.text("access_token")),
        ("signed here, never issued", &forged),
        ("unknown", "opaque.x"),
    ] {
        assert_eq!(shop.introspect(token).await, json!({ "active": false }), "{name}");
    }
}

#[tokio::test]
async fn discovery_tells_where_introspection_is_and_what_proofs_are_signed_with() {
    let shop = Shop::open().await;
    let metadata = shop.get(Endpoint::Discovery).await;
    assert_eq!(metadata.text("introspection_endpoint"), shop.op.url(Endpoint::Introspection));
    let methods = &metadata.body["introspection_endpoint_auth_methods_supported"];
    assert_eq!(methods, &json!(["client_secret_basic", "client_secret_post"]));
    let algorithms = &metadata.body["dpop_signing_alg_values_supported"];
    assert_eq!(algorithms, &json!(["RS256", "PS256", "ES256", "ES384", "EdDSA"]));
}
