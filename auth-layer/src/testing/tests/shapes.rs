//! The shapes of other providers' tokens.

use serde_json::json;

use super::*;
use crate::testing::TestAccessToken;

/// Issues a token, and returns its header and claims.
async fn shaped(token: TestAccessToken) -> [Value; 2] {
    decoded(&Shop::open().await.op.issue_access_token(token))
}

fn person() -> TestAccessToken {
    TestAccessToken::new("ada").with_client_id("spa").with_scopes("read:products")
}

fn machine() -> TestAccessToken {
    TestAccessToken::for_client("worker").with_scopes("read:products")
}

#[track_caller]
fn assert_members(value: &Value, present: &[(&str, Value)], absent: &[&str]) {
    for (name, expected) in present {
        assert_eq!(&value[name], expected, "{name}");
    }
    for name in absent {
        assert!(value.get(name).is_none(), "{name}: {value}");
    }
}

#[tokio::test]
async fn auth0_names_the_client_azp_and_knows_permissions() {
    let shop = Shop::open().await;
    let token = person().with_scopes("openid read:products").auth0();
    let [header, claims] = decoded(&shop.op.issue_access_token(token));
    assert_eq!(header["typ"], "JWT");
    let present = [
        ("azp", json!("spa")),
        ("aud", json!([API, shop.op.url(Endpoint::UserInfo)])),
        ("scope", json!("openid read:products")),
        ("permissions", json!(["read:products"])),
    ];
    assert_members(&claims, &present, &["client_id", "jti", "gty"]);

    let [_, claims] = shaped(person().with_permissions(&["x"]).auth0()).await;
    assert_members(&claims, &[("aud", json!(API)), ("permissions", json!(["x"]))], &[]);

    let [_, claims] = shaped(machine().auth0()).await;
    let present = [
        ("sub", json!("worker@clients")),
        ("azp", json!("worker")),
        ("gty", json!("client-credentials")),
        ("aud", json!(API)),
    ];
    assert_members(&claims, &present, &["client_id"]);
}

#[tokio::test]
async fn keycloak_nests_roles_and_types_the_claims() {
    let [header, claims] = shaped(person().with_roles(&["admin"]).keycloak()).await;
    assert_eq!(header["typ"], "JWT");
    let present = [
        ("typ", json!("Bearer")),
        ("azp", json!("spa")),
        ("sub", json!("ada")),
        ("aud", json!([API, "account"])),
        ("scope", json!("read:products")),
    ];
    assert_members(&claims, &present, &["client_id", "gty"]);
    assert_eq!(claims["realm_access"]["roles"][3], "admin");
    assert!(claims["resource_access"]["account"]["roles"].is_array());
    assert!(claims["jti"].as_str().unwrap().starts_with("onrtac:"));
    assert_eq!(claims["sid"].as_str().unwrap().len(), 36);

    let [_, claims] = shaped(machine().bound_to("thumb").keycloak()).await;
    let present = [
        ("typ", json!("DPoP")),
        ("client_id", json!("worker")),
        ("preferred_username", json!("service-account-worker")),
    ];
    assert_members(&claims, &present, &["sid", "gty"]);
    assert_ne!(claims["sub"], "worker", "a service account has an id of its own");
    assert!(claims["jti"].as_str().unwrap().starts_with("trrtcc:"));
}

#[tokio::test]
async fn okta_sends_an_array_of_scopes_and_no_type() {
    let [header, claims] = shaped(person().okta()).await;
    assert_members(&header, &[("alg", json!("RS256"))], &["typ"]);
    let present =
        [("ver", json!(1)), ("cid", json!("spa")), ("uid", json!("ada")), ("scp", json!(["read:products"]))];
    assert_members(&claims, &present, &["client_id", "scope"]);
    assert!(claims["jti"].as_str().unwrap().starts_with("AT."));

    let [_, claims] = shaped(machine().okta()).await;
    assert_members(&claims, &[("sub", json!("worker")), ("cid", json!("worker"))], &["uid", "gty"]);
}

#[tokio::test]
async fn entra_sends_scopes_of_people_and_roles_of_machines() {
    for (version, client, token) in
        [("2.0", "azp", TestAccessToken::entra as fn(_) -> _), ("1.0", "appid", TestAccessToken::entra_v1)]
    {
        let [header, claims] = shaped(token(person().with_roles(&["Admin"]))).await;
        assert_eq!(header["typ"], "JWT");
        let present = [
            ("ver", json!(version)),
            (client, json!("spa")),
            ("scp", json!("read:products")),
            ("roles", json!(["Admin"])),
            ("nbf", json!(1_800_000_000)),
        ];
        assert_members(&claims, &present, &["client_id", "scope", "jti"]);
        assert!(claims["uti"].is_string() && claims["tid"].is_string() && claims["oid"].is_string());

        let [_, claims] = shaped(token(machine())).await;
        assert_members(&claims, &[("roles", json!(["read:products"]))], &["scp", "gty"]);
        assert_eq!(claims["sub"], claims["oid"]);
    }
}

#[tokio::test]
async fn introspection_has_the_standard_members_in_every_shape() {
    let shapes = [
        person().auth0(),
        person().keycloak(),
        person().okta(),
        person().entra(),
        person().entra_v1(),
        person().okta().opaque(),
    ];
    let shop = Shop::open().await;
    for token in shapes {
        let name = format!("{token:?}");
        let body = shop.introspect(&shop.op.issue_access_token(token)).await;
        assert_members(
            &body,
            &[
                ("active", json!(true)),
                ("client_id", json!("spa")),
                ("scope", json!("read:products")),
                ("sub", json!("ada")),
                ("token_type", json!("Bearer")),
            ],
            &[],
        );
        assert!(body["jti"].is_string(), "{name}");
    }
}
