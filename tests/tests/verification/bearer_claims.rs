//! Access tokens that say what they must not (RFC 9068 §4, RFC 8725 §3), signed by the issuer.

use std::time::Duration;

use auth_layer::config::TokenProfile;
use serde_json::json;
use tests::{Api, ApiBuilder, SHOP, START};

use crate::support::{OWN_HEADER, api_with_own_key, assert_passes, assert_refused, claims_with, good_claims};

fn lenient() -> ApiBuilder {
    Api::builder().issuer(|issuer| issuer.with_profile(TokenProfile::Lenient))
}

/// Whether the lenient profile lets a token without a claim pass, and why the strict one does not.
const REQUIRED: [(&str, bool, &str); 7] = [
    ("iss", false, "iss is no trusted issuer"),
    ("aud", false, "aud is missing"),
    ("exp", false, "exp is missing"),
    ("iat", true, "iat is missing: RFC 9068 requires it"),
    ("sub", true, "sub is missing: RFC 9068 requires it"),
    ("client_id", true, "client_id is missing: RFC 9068 requires it"),
    ("jti", true, "jti is missing: RFC 9068 requires it"),
];

#[tokio::test]
async fn required_claim_missing() {
    let (strict, lenient) = (Api::open().await, lenient().open().await);
    for (name, may_be_missing, why) in REQUIRED {
        let without = || Api::ada().without_claim(name);
        let why = format!("fails at its Claims: {why}");
        assert_refused(&strict, name, &strict.token(without()), &why).await;
        match may_be_missing {
            true => assert_passes(&lenient, name, &lenient.token(without())).await,
            false => assert_refused(&lenient, name, &lenient.token(without()), &why).await,
        }
    }
    for (name, why) in
        [("sub", "sub is empty"), ("client_id", "client_id is missing"), ("jti", "jti is missing")]
    {
        let token = strict.token(Api::ada().with_claim(name, ""));
        assert_refused(&strict, name, &token, &format!("fails at its Claims: {why}")).await;
    }
}

#[tokio::test]
async fn claim_of_another_type() {
    let texts = ["iss", "sub", "client_id", "azp", "jti", "org_id", "typ"];
    let lists = ["aud", "scope", "scp", "permissions", "gty"];
    let times = ["exp", "nbf", "iat"];
    let no_text = ["7", "null", "true", "[]", r#"["x"]"#, "{}", r#"{"x":1}"#, "1.5"];
    let no_list =
        ["7", "null", "false", "{}", r#"{"x":1}"#, "[7]", r#"["x",null]"#, r#"[["x"]]"#, "[true]", "[{}]"];
    let no_time = [
        r#""1800003600""#,
        r#""""#,
        r#""tomorrow""#,
        "null",
        "true",
        "[]",
        "[1800003600]",
        "{}",
        r#"{"x":1800003600}"#,
        "-1",
        "-0.5",
        "1e11",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e300",
        "-1e300",
    ];
    let no_key = ["7", "null", "true", r#""x""#, "[]", r#"{"jkt":7}"#, r#"{"jkt":null}"#, r#"{"jkt":["x"]}"#];
    let all = texts.map(|name| (name, &no_text[..])).into_iter();
    let all = all.chain(lists.map(|name| (name, &no_list[..])));
    let all = all.chain(times.map(|name| (name, &no_time[..]))).chain([("cnf", &no_key[..])]);
    let (strict, key) = api_with_own_key(Api::builder()).await;
    let lenient = lenient().over(&strict.op).await;
    for (name, values) in all {
        for value in values {
            let token = key.sign_raw(OWN_HEADER, &claims_with(&strict, name, value));
            let why = format!("fails at its Claims: {name} is of the wrong type");
            for api in [&strict, &lenient] {
                assert_refused(api, &format!("{name} = {value}"), &token, &why).await;
            }
        }
    }
}

#[tokio::test]
async fn number_that_no_float_holds() {
    let (api, key) = api_with_own_key(Api::builder()).await;
    let huge = format!("1{}", "0".repeat(400));
    for value in
        ["1e400", "-1e400", "1E+999999999", huge.as_str(), "NaN", "Infinity", "-Infinity", "0x7f", "01"]
    {
        for name in ["exp", "nbf", "iat"] {
            let token = key.sign_raw(OWN_HEADER, &claims_with(&api, name, value));
            assert_refused(
                &api,
                &format!("{name} = {value}"),
                &token,
                "fails at its Claims: they are no object",
            )
            .await;
        }
    }
    // Also where nobody reads the number.
    let token = key.sign_raw(OWN_HEADER, &claims_with(&api, "level", "NaN"));
    assert_refused(&api, "elsewhere", &token, "fails at its Claims").await;
}

#[tokio::test]
async fn claims_that_are_no_object() {
    let (api, key) = api_with_own_key(Api::builder()).await;
    let good = good_claims(&api).to_string();
    assert_passes(&api, "good", &key.sign_raw(OWN_HEADER, &good)).await;
    let deep = format!("{{\"aud\":{}{}}}", "[".repeat(4_000), "]".repeat(4_000));
    let many: String = (0..300).map(|number| format!(",\"x{number}\":0")).collect();
    let many = format!("{}{many}}}", good.trim_end_matches('}'));
    for claims in [
        "",
        "{}x",
        "{",
        "[]",
        "null",
        "7",
        "\"x\"",
        "\u{feff}{}",
        &format!("[{good}]"),
        &format!("{good}{good}"),
        &format!("{good},"),
        &good.replace('{', "{,"),
        &good.replace('"', "'"),
        &deep,
        &many,
    ] {
        let token = key.sign_raw(OWN_HEADER, claims);
        assert_refused(&api, &format!("{claims:.30}"), &token, "fails at its Claims").await;
    }
}

#[tokio::test]
async fn member_twice_in_the_claims() {
    let (api, key) = api_with_own_key(Api::builder()).await;
    let good = good_claims(&api).to_string();
    let with = |more: &str| good.replacen('{', &format!("{{{more},"), 1);
    for more in [
        r#""sub":"root""#,
        r#""aud":"https://x.example""#,
        r#""exp":1"#,
        r#""scope":"a","scope":"b""#,
        r#""\u0073ub":"root""#,
        r#""x":1,"x":1"#,
        r#""cnf":{"jkt":"a","jkt":"b"}"#,
        r#""sub":"local|ada""#,
    ] {
        let token = key.sign_raw(OWN_HEADER, &with(more));
        assert_refused(&api, more, &token, "fails at its Claims").await;
    }
}

#[tokio::test]
async fn issuer_of_another_kind() {
    let api = Api::open().await;
    let issuer = api.op.issuer();
    for iss in [
        json!("https://evil.example"),
        json!(format!("{issuer}/")),
        json!(issuer.to_uppercase()),
        json!(format!("{issuer}#")),
        json!(format!("{issuer}?")),
        json!(format!("{issuer}/../")),
        json!(format!(" {issuer}")),
        json!(format!("{issuer}\u{0}")),
        json!(issuer.replace("127.0.0.1", "127.1")),
        json!(issuer.replace("127.0.0.1", "user@127.0.0.1")),
        json!(""),
    ] {
        let token = api.token(Api::ada().with_claim("iss", iss.clone()));
        assert_refused(&api, &iss.to_string(), &token, "fails at its Claims: iss is no trusted issuer").await;
    }
}

#[tokio::test]
async fn token_of_another_audience() {
    let (strict, lenient) = (Api::open().await, lenient().open().await);
    for aud in [
        json!("https://billing.shop.example"),
        json!(format!("{SHOP}/")),
        json!(SHOP.to_uppercase()),
        json!(&SHOP[..SHOP.len() - 1]),
        json!(format!("{SHOP}x")),
        json!(format!(" {SHOP}")),
        json!(format!("{SHOP} https://x.example")),
        json!(format!("{SHOP},https://x.example")),
        json!("*"),
        json!("https://*.shop.example"),
        json!("shop"),
        json!(""),
        json!([]),
        json!([""]),
        json!(["https://x.example", "https://y.example"]),
    ] {
        for api in [&strict, &lenient] {
            let token = api.token(Api::ada().with_claim("aud", aud.clone()));
            assert_refused(api, &aud.to_string(), &token, "fails at its Claims: aud is another API").await;
        }
    }
    for aud in [json!([SHOP]), json!(["https://x.example", SHOP]), json!([SHOP, SHOP])] {
        assert_passes(&strict, &aud.to_string(), &strict.token(Api::ada().with_claim("aud", aud.clone())))
            .await;
    }
}

#[tokio::test]
async fn expired_not_yet_valid_or_from_the_future() {
    let at = |name: &str, seconds: f64| Api::ada().with_claim(name, json!(seconds));
    let start = f64::from(u32::try_from(START).unwrap());
    for skew in [0_u32, 30, 60] {
        let config = move |config: auth_layer::config::ResourceServerConfigBuilder| match skew {
            30 => config,
            skew => config.with_clock_skew(Duration::from_secs(skew.into())),
        };
        let (strict, lenient) =
            (Api::builder().config(config).open().await, lenient().config(config).open().await);
        let skew = f64::from(skew);
        for (name, seconds, why) in [
            ("exp", start - skew + 1.0, None),
            ("exp", start - skew, Some("exp is past by")),
            ("exp", start - skew + 0.9, Some("exp is past by")),
            ("exp", start - 300.0, Some("exp is past by 300 s: compare the clocks")),
            ("exp", 0.0, Some("exp is past by")),
            ("exp", 99_999_999_999.0, None),
            ("nbf", start + skew, None),
            ("nbf", start + skew + 0.9, None),
            ("nbf", start + skew + 1.0, Some("nbf is ahead by")),
            ("nbf", start + 300.0, Some("nbf is ahead by 300 s: compare the clocks")),
            ("nbf", 0.0, None),
            ("iat", start + skew, None),
            ("iat", start + skew + 1.0, Some("iat is ahead by")),
            ("iat", start + 300.0, Some("iat is ahead by 300 s: compare the clocks")),
        ] {
            for api in [&strict, &lenient] {
                let (token, attack) =
                    (api.token(at(name, seconds)), format!("{name} = {seconds}, skew {skew}"));
                match why {
                    None => assert_passes(api, &attack, &token).await,
                    Some(why) => {
                        assert_refused(api, &attack, &token, &format!("fails at its Claims: {why}")).await
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn token_bound_in_a_way_that_nobody_checks() {
    let api = Api::open().await;
    for (cnf, why) in [
        (json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }), "cnf binds it in another way"),
        (json!({ "jwk": { "kty": "EC" } }), "cnf binds it in another way"),
        (
            json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "kid": "x" }),
            "cnf binds it in another way",
        ),
        (json!({}), "cnf holds no thumbprint"),
        (json!({ "jkt": "" }), "cnf holds no thumbprint"),
        (json!({ "jkt": "0ZcOCORZNYy" }), "cnf holds no thumbprint"),
        (json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I=" }), "cnf holds no thumbprint"),
        (json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }), "came as a plain bearer token"),
    ] {
        assert_refused(&api, &cnf.to_string(), &api.token(Api::ada().with_claim("cnf", cnf.clone())), why)
            .await;
    }
}
