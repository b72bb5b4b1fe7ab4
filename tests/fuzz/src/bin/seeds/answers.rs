//! Answers about opaque tokens, as RFC 7662 and providers write them.

use serde_json::json;

pub(crate) fn all() -> Vec<(&'static str, String)> {
    let (api, issuer, end) = ("https://api.example", "https://lenient.example", 1_800_000_540);
    let text = |value: serde_json::Value| value.to_string();
    vec![
        (
            "good.rfc7662",
            text(json!({
                "active": true, "client_id": "l238j323ds-23ij4", "username": "jdoe", "scope": "read write dolphin",
                "sub": "Z5O3upPC88QrAjx00dis", "aud": api, "iss": issuer, "exp": end, "iat": 1_799_999_940,
                "extension_field": "twenty-seven", "token_type": "Bearer",
            })),
        ),
        (
            "good.keycloak",
            text(json!({
                "exp": end, "iat": 1_799_999_940, "jti": "onrtac:1", "iss": issuer, "aud": [api, "account"], "sub": "ada",
                "typ": "Bearer", "azp": "shop", "acr": "1", "realm_access": { "roles": ["offline_access"] },
                "scope": "email profile", "client_id": "shop", "username": "ada", "token_type": "Bearer", "active": true,
            })),
        ),
        (
            "good.okta",
            text(
                json!({ "active": true, "aud": api, "scp": ["a", "b"], "cid": "x", "uid": "y", "exp": end, "device_id": "q4" }),
            ),
        ),
        ("good.without_end", text(json!({ "active": true, "aud": [api] }))),
        (
            "good.ends_soon",
            text(json!({ "active": true, "aud": api, "exp": 1_800_000_001, "nbf": 1_800_000_030 })),
        ),
        ("bad.inactive", text(json!({ "active": false }))),
        ("bad.ended", text(json!({ "active": true, "aud": api, "exp": 1_800_000_000 }))),
        ("bad.early", text(json!({ "active": true, "aud": api, "nbf": 1_800_000_031 }))),
        ("bad.audience", text(json!({ "active": true, "aud": "https://other.example" }))),
        ("bad.no_audience", text(json!({ "active": true, "scope": "a" }))),
        (
            "bad.refresh_token",
            text(json!({ "active": true, "aud": api, "typ": "Refresh", "token_type": "refresh_token" })),
        ),
        (
            "bad.id_token",
            text(json!({ "active": true, "aud": api, "typ": "ID", "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" })),
        ),
        (
            "good.hydra",
            text(json!({ "active": true, "aud": api, "token_use": "access_token", "token_type": "Bearer" })),
        ),
        ("bad.issuer", text(json!({ "active": true, "aud": api, "iss": "https://other.example" }))),
        (
            "bad.bound",
            text(
                json!({ "active": true, "aud": api, "cnf": { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" } }),
            ),
        ),
        ("odd.active_as_text", text(json!({ "active": "true", "aud": api }))),
        ("odd.no_word", text(json!({ "aud": api }))),
        ("odd.twice", format!(r#"{{"active":false,"\u0061ctive":true,"aud":"{api}"}}"#)),
        ("odd.twice_within", format!(r#"{{"active":true,"aud":"{api}","x":[{{"a":1,"a":1}}]}}"#)),
        ("odd.html", "<!doctype html><title>502 Bad Gateway</title>".to_owned()),
    ]
}
