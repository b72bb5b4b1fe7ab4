//! Id tokens under a wrong key, algorithm or form (RFC 7515, RFC 8725 §3).

use std::time::{Duration, Instant};

use auth_layer::flow::LoginErrorKind;
use auth_layer::testing::{Endpoint, SigningAlgorithm, User};
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::support::{App, OwnKey, Page, decoded, encoded, provider, unsigned};

#[track_caller]
fn assert_refused(page: &Page, attack: &str) {
    assert!(!page.begins_session(), "{attack}: {page:?}");
    assert_eq!((page.status, page.login_error.clone()), (400, Some(LoginErrorKind::IdToken)), "{attack}");
}

/// Logs in with an honest token whose header is bent, signed by the provider's key.
async fn header(app: &App, bend: impl Fn(&mut Value) + Send + Sync + 'static) -> Page {
    let op = app.op.clone();
    app.log_in_with(move |header, claims| {
        let mut header = header.clone();
        bend(&mut header);
        op.sign(&header, claims)
    })
    .await
}

#[tokio::test]
async fn id_token_alg_none() {
    let app = App::start().await;
    for alg in ["none", "None", "NONE", "nOnE", "", " none"] {
        for signature in ["", "AA"] {
            let page = app
                .log_in_with(move |_, claims| {
                    format!("{}.{signature}", unsigned(&json!({ "alg": alg, "typ": "JWT" }), claims))
                })
                .await;
            assert_refused(&page, alg);
        }
    }
    assert_refused(&header(&app, |header| header["alg"] = json!("none")).await, "none, yet signed");
    let no_alg = |header: &mut Value| drop(header.as_object_mut().unwrap().remove("alg"));
    assert_refused(&header(&app, no_alg).await, "no alg");
}

#[tokio::test]
async fn hmac_with_the_client_secret() {
    let app = App::start().await;
    for (alg, algorithm) in
        [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
    {
        let secret = app.op.client_secret();
        for with_kid in [true, false] {
            let secret = secret.clone();
            let page = app
                .log_in_with(move |header, claims| {
                    let mut header = header.clone();
                    header["alg"] = json!(alg);
                    if !with_kid {
                        header.as_object_mut().unwrap().remove("kid");
                    }
                    hmac_signed(algorithm, secret.as_bytes(), &header, claims)
                })
                .await;
            assert_refused(&page, alg);
        }
    }
}

#[tokio::test]
async fn hmac_with_the_public_key() {
    let app = App::start().await;
    let jwks: Value = reqwest::get(app.op.url(Endpoint::Jwks)).await.unwrap().json().await.unwrap();
    let modulus = jwks["keys"][0]["n"].as_str().unwrap().to_owned();
    for key in [jwks["keys"][0].to_string(), modulus, jwks.to_string()] {
        let page = app
            .log_in_with(move |header, claims| {
                let mut header = header.clone();
                header["alg"] = json!("HS256");
                hmac_signed(hmac::HMAC_SHA256, key.as_bytes(), &header, claims)
            })
            .await;
        assert_refused(&page, "HS256 with what everybody knows");
    }
}

fn hmac_signed(algorithm: hmac::Algorithm, key: &[u8], header: &Value, claims: &Value) -> String {
    let input = unsigned(header, claims);
    let tag = hmac::sign(&hmac::Key::new(algorithm, key), input.as_bytes());
    format!("{input}.{}", encoded(tag.as_ref()))
}

#[tokio::test]
async fn key_brought_in_the_header() {
    let app = App::start().await;
    let key = OwnKey::get();
    let strange = crate::support::StrangeServer::start(move || {
        axum::response::Response::new(json!({ "keys": [key.jwk()] }).to_string().into())
    })
    .await;
    for member in ["jwk", "jku", "x5u", "x5c"] {
        for with_kid in [true, false] {
            let url = strange.url.clone();
            let page = app
                .log_in_with(move |honest, claims| {
                    let mut header = json!({ "alg": "ES256", "typ": "JWT" });
                    if with_kid {
                        header["kid"] = honest["kid"].clone();
                    }
                    header[member] = match member {
                        "jwk" => key.jwk(),
                        "x5c" => json!(["AAAA"]),
                        _ => json!(url),
                    };
                    key.sign_raw(&header.to_string(), &claims.to_string())
                })
                .await;
            assert_refused(&page, member);
        }
    }
    assert_eq!(strange.calls(), 0, "no address in a header is ever opened");
}

#[tokio::test]
async fn kid_absent_with_two_keys() {
    let no_kid = |header: &mut Value| drop(header.as_object_mut().unwrap().remove("kid"));
    let one = App::start().await;
    assert!(header(&one, no_kid).await.begins_session(), "with one key there is no doubt");
    let two = App::start().await;
    two.op.rotate_keys(true);
    assert_refused(&header(&two, no_kid).await, "which of the two?");
    // Another type of key raises no doubt.
    let (mixed, _) = App::with_own_key().await;
    assert!(header(&mixed, no_kid).await.begins_session());
}

#[tokio::test]
async fn kid_of_no_key_or_of_a_hostile_kind() {
    let app = App::start().await;
    let table = [
        json!("unknown"),
        json!("../../../../dev/null"),
        json!("' OR 1=1 --"),
        json!("$(id)"),
        json!("a\r\nb"),
        json!("\u{0}"),
        json!(""),
        json!("k".repeat(257)),
        json!("k".repeat(10_000)),
        json!(7),
        json!(["k"]),
        json!({ "k": 1 }),
        Value::Null,
    ];
    for kid in table {
        let name = kid.to_string();
        assert_refused(&header(&app, move |header| header["kid"] = kid.clone()).await, &name);
    }
    assert!(app.op.calls(Endpoint::Jwks) <= 2, "a flood of unknown keys is one fetch");
}

#[tokio::test]
async fn unknown_kid_flood_and_a_real_rotation_within() {
    let app = App::start().await;
    assert!(app.browser().log_in(&User::ada()).await.begins_session());
    let before = app.op.calls(Endpoint::Jwks);
    for index in 0..20 {
        let bend = move |header: &mut Value| header["kid"] = json!(format!("random-{index}"));
        assert_refused(&header(&app, bend).await, "unknown kid");
    }
    assert_eq!(app.op.calls(Endpoint::Jwks), before + 1, "one fetch for all within the cool-down");
    app.op.rotate_keys(true);
    app.pass(Duration::from_secs(30));
    assert!(app.browser().log_in(&User::ada()).await.begins_session(), "the new key is found");
    assert_eq!(app.op.calls(Endpoint::Jwks), before + 2);
}

#[tokio::test]
async fn algorithm_that_is_not_the_keys() {
    let app = App::start().await;
    for alg in [
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "RS1",
        "rs256",
        "RS256 ",
        "RSA-OAEP",
        "dir",
        "A256GCM",
        "PBES2-HS256+A128KW",
    ] {
        assert_refused(&header(&app, move |header| header["alg"] = json!(alg)).await, alg);
    }
    for alg in [json!(256), json!(["RS256"]), json!({ "alg": "RS256" }), Value::Null] {
        assert_refused(&header(&app, move |header| header["alg"] = alg.clone()).await, "alg of another type");
    }
}

#[tokio::test]
async fn es256_provider_signs_with_rs256() {
    let op = provider(|builder| builder.signing(SigningAlgorithm::Es256)).await;
    let app = App::over(&op, |config| config).await;
    assert!(app.browser().log_in(&User::ada()).await.begins_session());
    let rsa = provider(|builder| builder).await;
    let page = app.log_in_with(move |header, claims| {
        let mut header = header.clone();
        header["alg"] = json!("RS256");
        rsa.sign(&header, claims)
    });
    assert_refused(&page.await, "RS256 under the name of a P-256 key");
}

#[tokio::test]
async fn signature_of_another_provider() {
    let app = App::start().await;
    let other = provider(|builder| builder.own_keys()).await;
    let page = app.log_in_with(move |header, claims| other.sign(header, claims)).await;
    assert_refused(&page, "another provider's key under this one's name");
}

#[tokio::test]
async fn signature_bent_cut_or_swapped() {
    let app = App::start().await;
    let op = app.op.clone();
    type Bend = fn(&str, &str, &str) -> String;
    let table: [(&str, Bend); 9] = [
        ("no signature", |header, claims, _| format!("{header}.{claims}.")),
        ("two segments", |header, claims, _| format!("{header}.{claims}")),
        ("four segments", |header, claims, signature| format!("{header}.{claims}.{signature}.x")),
        ("cut", |header, claims, signature| format!("{header}.{claims}.{}", &signature[..100])),
        ("zeros", |header, claims, _| format!("{header}.{claims}.{}", encoded([0; 256]))),
        ("claims bent", |header, claims, signature| {
            let mut bent: Value = decoded(&format!("{header}.{claims}"))[1].clone();
            bent["email"] = json!("root@shop.example");
            format!("{header}.{}.{signature}", encoded(bent.to_string()))
        }),
        ("padding", |header, claims, signature| format!("{header}.{claims}.{signature}==")),
        ("standard alphabet", |header, claims, signature| {
            format!("{header}.{claims}.{}", signature.replace('-', "+").replace('_', "/"))
        }),
        ("whitespace", |header, claims, signature| format!("{header}.{claims}.{signature}\n")),
    ];
    for (attack, bend) in table {
        let op = op.clone();
        let page = app
            .log_in_with(move |header, claims| {
                let token = op.sign(header, claims);
                let segments: Vec<&str> = token.split('.').collect();
                bend(segments[0], segments[1], segments[2])
            })
            .await;
        // A signature without `-` and `_` is the same in both alphabets; 342 characters have some.
        assert_refused(&page, attack);
    }
}

#[tokio::test]
async fn critical_extension_detached_or_compressed() {
    let app = App::start().await;
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(["b64"])),
        ("crit", json!("x")),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
    ] {
        assert_refused(&header(&app, move |header| header[name] = value.clone()).await, name);
    }
}

#[tokio::test]
async fn member_twice_in_the_header() {
    let (app, key) = App::with_own_key().await;
    for (header, good) in [
        (r#"{"alg":"ES256","kid":"own"}"#, true),
        (r#"{"alg":"none","alg":"ES256","kid":"own"}"#, false),
        (r#"{"alg":"ES256","kid":"own","alg":"none"}"#, false),
        (r#"{"alg":"ES256","kid":"x","kid":"own"}"#, false),
        (r#"{"alg":"ES256","kid":"own","\u0061lg":"none"}"#, false),
        (r#"["ES256"]"#, false),
        (r#""ES256""#, false),
        ("{", false),
        ("", false),
    ] {
        let page = app.log_in_with(move |_, claims| key.sign_raw(header, &claims.to_string())).await;
        assert_eq!(page.begins_session(), good, "{header}");
    }
}

#[tokio::test]
async fn json_serialisation_and_encryption() {
    let app = App::start().await;
    let op = app.op.clone();
    let page = app
        .log_in_with(move |header, claims| {
            let token = op.sign(header, claims);
            let segments: Vec<&str> = token.split('.').collect();
            json!({ "protected": segments[0], "payload": segments[1], "signature": segments[2] }).to_string()
        })
        .await;
    assert_refused(&page, "a JWS in JSON");
    for segments in [5, 6, 100] {
        let page = app.log_in_with(move |_, _| vec!["e30"; segments].join(".")).await;
        assert_refused(&page, "a JWE, or worse");
    }
}

#[tokio::test]
async fn token_of_half_a_megabyte_or_of_a_million_dots() {
    let app = App::start().await;
    let header = encoded(r#"{"alg":"RS256"}"#);
    let (p2c, dots) =
        (encoded(r#"{"alg":"PBES2-HS256+A128KW","p2c":2147483647,"enc":"A256GCM"}"#), ".".repeat(900_000));
    for token in
        [dots, "A".repeat(900_000), format!("{header}.{}.AA", "A".repeat(500_000)), format!("{p2c}....")]
    {
        let began = Instant::now();
        let page = app.log_in_with(move |_, _| token.clone()).await;
        assert_refused(&page, "huge");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    // Just under the limit, and just over it.
    for (padding, good) in [(9_000, true), (15_000, false)] {
        let op = app.op.clone();
        let page = app
            .log_in_with(move |header, claims| {
                let mut header = header.clone();
                header["pad"] = json!("p".repeat(padding));
                op.sign(&header, claims)
            })
            .await;
        // A session that is too large for its cookies has passed this door.
        assert_eq!(page.login_error != Some(LoginErrorKind::IdToken), good, "{padding}");
    }
}
