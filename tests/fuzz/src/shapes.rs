//! Access tokens as providers write them: header and claims, for this API and at [`NOW`](crate::NOW).

use serde_json::{Value, json};

use crate::{API, LENIENT, NOW_SECONDS, STRICT};

/// A token before it is signed.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Begins with `good`, `bound` or `bad`; see [`signed`](crate::signed).
    pub name: &'static str,
    pub typ: Option<&'static str>,
    pub claims: Value,
}

/// Every shape; `thumbprint` is that of the key that bound tokens are bound to.
#[must_use]
pub fn all(thumbprint: &str) -> Vec<Shape> {
    let shape = |name, typ, claims| Shape { name, typ, claims };
    let (now, end) = (NOW_SECONDS - 60, NOW_SECONDS + 540);
    let mut all = vec![
        shape("good.rfc9068", Some("at+jwt"), rfc9068()),
        shape("good.auth0", Some("JWT"), auth0()),
        shape(
            "good.auth0.machine",
            Some("JWT"),
            json!({
                "iss": LENIENT, "sub": "nDXBQ4AUlRvFxqdr3ELVCsbH4NzpCCQA@clients", "aud": API, "iat": now,
                "exp": end, "scope": "read:products write:products", "gty": "client-credentials",
                "azp": "nDXBQ4AUlRvFxqdr3ELVCsbH4NzpCCQA", "permissions": ["read:products", "write:products"],
            }),
        ),
        shape("good.keycloak", Some("JWT"), keycloak()),
        shape(
            "good.keycloak.machine",
            Some("JWT"),
            json!({
                "exp": end, "iat": now, "jti": "trrtcc:4d0f4f1e-9f2e-4c5e-8f60-0a1ec2a3a5a1", "iss": LENIENT,
                "aud": [API, "account"], "sub": "6b1d6f4e-0d3a-4b53-a4a8-5f2f0c7ff0c5", "typ": "Bearer",
                "azp": "backend", "acr": "1", "allowed-origins": ["/*"],
                "realm_access": { "roles": ["offline_access", "default-roles-shop", "uma_authorization"] },
                "scope": "email profile", "clientHost": "10.0.0.7", "email_verified": false,
                "preferred_username": "service-account-backend", "clientAddress": "10.0.0.7",
                "client_id": "backend",
            }),
        ),
        shape(
            "good.okta",
            None,
            json!({
                "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "iss": LENIENT, "aud": API,
                "iat": now, "exp": end, "cid": "0oabucvyc38HLL1ef0h7", "uid": "00ujmkLgagxeRrAg20g3",
                "scp": ["openid", "read:products"], "auth_time": now - 5, "sub": "ada@shop.example",
            }),
        ),
        shape("good.entra", Some("JWT"), entra()),
        shape(
            "good.entra.machine",
            Some("JWT"),
            json!({
                "aud": API, "iss": LENIENT, "iat": now, "nbf": now, "exp": end, "aio": "E2RgYHjy1W4=",
                "appid": "11112222-bbbb-3333-cccc-4444dddd5555", "appidacr": "1", "idtyp": "app",
                "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "rh": "0.AX0A.", "roles": ["Products.Read.All"],
                "sub": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
                "uti": "uti-1", "ver": "1.0",
            }),
        ),
        shape(
            "bad.id_token",
            Some("JWT"),
            but(auth0(), json!({ "nonce": "n-0S6_WzA2Mj", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" })),
        ),
        shape(
            "bad.logout_token",
            Some("logout+jwt"),
            but(
                rfc9068(),
                json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": {} }, "sid": "s1" }),
            ),
        ),
        shape("bad.expired", Some("at+jwt"), but(rfc9068(), json!({ "exp": NOW_SECONDS - 31 }))),
        shape("bad.early", Some("at+jwt"), but(rfc9068(), json!({ "nbf": NOW_SECONDS + 31 }))),
        shape("bad.audience", Some("at+jwt"), but(rfc9068(), json!({ "aud": "https://other.example" }))),
        shape("bad.issuer", Some("at+jwt"), but(rfc9068(), json!({ "iss": "https://other.example" }))),
        shape("bad.strict_issuer_jwt", Some("JWT"), rfc9068()),
    ];
    let bound = [("bound.rfc9068", Some("at+jwt"), rfc9068()), ("bound.keycloak", Some("JWT"), keycloak())];
    all.extend(
        bound.into_iter().map(|(name, typ, claims)| {
            shape(name, typ, but(claims, json!({ "cnf": { "jkt": thumbprint } })))
        }),
    );
    all
}

fn rfc9068() -> Value {
    json!({
        "iss": STRICT, "aud": API, "sub": "5ba552d67", "client_id": "s6BhdRkqt3_", "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
        "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 540, "auth_time": NOW_SECONDS - 90,
        "scope": "openid profile read:products", "roles": ["shopper"], "groups": ["vip"], "acr": "1",
    })
}

fn auth0() -> Value {
    json!({
        "iss": LENIENT, "sub": "auth0|5f7c8ec7c33c6c004bbafe82", "aud": [API, "https://lenient.example/userinfo"],
        "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 540, "azp": "my_client_id",
        "scope": "openid profile read:products", "org_id": "org_9ybsU1dN2dKfDkBi", "permissions": ["read:products"],
    })
}

fn keycloak() -> Value {
    json!({
        "exp": NOW_SECONDS + 540, "iat": NOW_SECONDS - 60, "auth_time": NOW_SECONDS - 61,
        "jti": "onrtac:0d5b4ae3-0c29-4cba-a1d7-2d9a1d7b1c7c", "iss": LENIENT, "aud": [API, "account"],
        "sub": "f:3b2c8d0e:ada", "typ": "Bearer", "azp": "shop", "sid": "9b1b6a1c-6c3b-4f24-b5ab-b6f9f5b8a0d7",
        "acr": "1", "allowed-origins": ["https://shop.example"],
        "realm_access": { "roles": ["offline_access", "default-roles-shop", "uma_authorization"] },
        "resource_access": { "account": { "roles": ["manage-account", "view-profile"] } },
        "scope": "openid email profile read:products", "email_verified": true, "name": "Ada Lovelace",
        "preferred_username": "ada", "email": "ada@shop.example",
    })
}

fn entra() -> Value {
    json!({
        "aud": API, "iss": LENIENT, "iat": NOW_SECONDS - 60, "nbf": NOW_SECONDS - 60, "exp": NOW_SECONDS + 540,
        "azp": "00001111-aaaa-2222-bbbb-3333cccc4444", "azpacr": "0", "name": "Ada Lovelace",
        "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb", "preferred_username": "ada@shop.example",
        "scp": "read:products write:products", "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
        "tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee", "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
    })
}

/// Claims of which some are others.
fn but(mut claims: Value, changes: Value) -> Value {
    if let (Some(claims), Value::Object(changes)) = (claims.as_object_mut(), changes) {
        claims.extend(changes);
    }
    claims
}
