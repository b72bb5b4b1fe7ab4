//! How claims are read.
#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::jose::error::Stage;

/// The claims of RFC 9068 §2.2, and those that providers add.
const WHOLE: &str = r#"{
    "iss": "https://op.example/", "sub": "local|ada", "aud": ["https://api.example", "b"],
    "exp": 1800003600, "nbf": 1800000000.7, "iat": 1800000000, "client_id": "shop", "azp": "shop2",
    "cid": "shop3", "appid": "shop4", "jti": "7", "scope": "read:b read:a", "scp": ["c"],
    "permissions": ["p q", "r"], "cnf": {"jkt": "thumb"}, "gty": "client-credentials", "org_id": "org",
    "typ": "Bearer", "idtyp": "app", "oid": "8", "preferred_username": "ada", "tid": "t", "nonce": null, "at_hash": "x", "c_hash": "y", "events": {}, "else": {"a": [1, {}]}
}"#;

#[test]
fn each_claim_is_read_from_its_own_name() {
    let text = |text| Some(Cow::Borrowed(text));
    let words =
        |words: &[&'static str]| Some(Words::Many(words.iter().copied().map(Cow::Borrowed).collect()));
    let at = |seconds| Some(Timestamp::from_unix_seconds(seconds));
    let expected = AccessTokenClaims {
        issuer: text("https://op.example/"),
        subject: text("local|ada"),
        audience: words(&["https://api.example", "b"]),
        expires: at(1_800_003_600),
        not_before: at(1_800_000_000),
        issued: at(1_800_000_000),
        client_id: text("shop"),
        authorized_party: text("shop2"),
        cid: text("shop3"),
        appid: text("shop4"),
        jti: text("7"),
        scope: Some(Words::One(Cow::Borrowed("read:b read:a"))),
        scp: words(&["c"]),
        permissions: words(&["p q", "r"]),
        confirmation: Some(Confirmation { jkt: text("thumb"), has_others: false }),
        grant_type: Some(Words::One(Cow::Borrowed("client-credentials"))),
        organization: text("org"),
        kind: text("Bearer"),
        principal_kind: text("app"),
        object: text("8"),
        username: text("ada"),
        has_tenant: true,
        has_nonce: true,
        has_hash: true,
        has_events: true,
    };
    assert_eq!(AccessTokenClaims::read(WHOLE.as_bytes()), Ok(expected));
    assert_eq!(AccessTokenClaims::read(b"{}"), Ok(AccessTokenClaims::default()));
    let with = |name: &str| format!("{{\"{name}\":\"x\"}}");
    assert!(AccessTokenClaims::read(with("at_hash").as_bytes()).unwrap().has_hash);
    assert!(AccessTokenClaims::read(with("c_hash").as_bytes()).unwrap().has_hash);
}

#[test]
fn a_claim_of_another_type_is_wrong_and_never_absent() {
    let not_text = [json!(null), json!(7), json!(true), json!([]), json!(["a"]), json!({})];
    let not_words = [json!(null), json!(7), json!(false), json!({}), json!(["a", 7]), json!([["a"]])];
    let not_time = [
        json!(null),
        json!("1800000000"),
        json!(true),
        json!([1]),
        json!({}),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(9_223_372_036_854_775_808_u64),
        json!(1e300),
        json!(1e11),
        json!(-0.1),
    ];
    let not_confirmation = [
        json!(null),
        json!("x"),
        json!([]),
        json!({ "jkt": 7 }),
        json!({ "jkt": null }),
        json!({ "jkt": ["x"] }),
    ];
    let table: [(&[&str], &[serde_json::Value]); 4] = [
        (&["iss", "sub", "client_id", "azp", "jti", "org_id", "typ"], &not_text),
        (&["aud", "scope", "scp", "permissions", "gty"], &not_words),
        (&["exp", "nbf", "iat"], &not_time),
        (&["cnf"], &not_confirmation),
    ];
    for (names, values) in table {
        for name in names {
            for value in values {
                let payload = format!("{{\"{name}\":{value}}}");
                let error = AccessTokenClaims::read(payload.as_bytes()).unwrap_err();
                assert_eq!(
                    (error.stage(), error.why()),
                    (Stage::Claims, &*format!("{name} is of the wrong type"))
                );
            }
        }
    }
    for name in ["cid", "appid", "idtyp", "oid", "preferred_username"] {
        let payload = format!("{{\"{name}\":7,\"azp\":\"shop\"}}");
        assert_eq!(AccessTokenClaims::read(payload.as_bytes()).unwrap().client(), Some("shop"));
    }
}

#[test]
fn what_is_no_object_of_unique_members_is_no_claims() {
    let many = (0..257).map(|member| format!("\"x{member}\":0")).collect::<Vec<_>>().join(",");
    let many = format!("{{{many}}}");
    for payload in [
        "",
        "[]",
        "7",
        "{",
        "{}{}",
        r#"{"sub":"a","sub":"b"}"#,
        r#"{"sub":"a","\u0073ub":"b"}"#,
        r#"{"sub":null,"sub":"b"}"#,
        r#"{"new":1,"new":2}"#,
        r#"{"cnf":{"jkt":"a","jkt":"b"}}"#,
        r#"{"cnf":{"jkt":"a","\u006akt":"b"}}"#,
        r#"{"cnf":{"a":"a","a":"b"}}"#,
        r#"{"exp":1e400}"#,
        r#"{"exp":01}"#,
        r#"{"exp":NaN}"#,
        &many,
    ] {
        let error = AccessTokenClaims::read(payload.as_bytes()).unwrap_err();
        assert_eq!(error.stage(), Stage::Claims, "{payload:.40}");
    }
}

#[test]
fn a_binding_to_more_than_a_dpop_key_is_told() {
    for (cnf, jkt, has_others) in [
        (r#"{}"#, None, false),
        (r#"{"jkt":"a"}"#, Some("a"), false),
        (r#"{"x5t#S256":"b"}"#, None, true),
        (r#"{"jkt":"a","x5t#S256":"b"}"#, Some("a"), true),
    ] {
        let payload = format!("{{\"cnf\":{cnf}}}");
        let found = AccessTokenClaims::read(payload.as_bytes()).unwrap().confirmation.unwrap();
        assert_eq!((found.jkt.as_deref(), found.has_others), (jkt, has_others), "{cnf}");
    }
}

#[test]
fn scopes_and_client_are_found_under_the_names_of_the_providers() {
    for (payload, scopes, client) in [
        (r#"{"scope":"read:a openid","azp":"auth0"}"#, "openid read:a", Some("auth0")),
        (r#"{"scp":["openid","read:a"],"cid":"okta"}"#, "openid read:a", Some("okta")),
        (r#"{"scp":"read:a openid","appid":"entra1"}"#, "openid read:a", Some("entra1")),
        (r#"{"scope":["a","b c"],"client_id":"standard","azp":"x"}"#, "a", Some("standard")),
        (r#"{"scope":"","scp":"a"}"#, "", None),
        ("{}", "", None),
    ] {
        let claims = AccessTokenClaims::read(payload.as_bytes()).unwrap();
        assert_eq!((claims.scopes().as_str(), claims.client()), (scopes, client), "{payload}");
    }
}
