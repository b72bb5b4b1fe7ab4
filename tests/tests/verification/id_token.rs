//! Id tokens that say what they must not (OpenID Connect Core §3.1.3.7, RFC 8725), signed by the provider.

use std::time::Duration;

use auth_layer::flow::LoginErrorKind;
use auth_layer::testing::User;
use serde_json::{Value, json};

use crate::support::{App, OwnKey, Page, encoded};

#[track_caller]
fn assert_refused(page: &Page, attack: &str) {
    assert!(!page.begins_session(), "{attack}: {page:?}");
    assert_eq!((page.status, page.login_error.clone()), (400, Some(LoginErrorKind::IdToken)), "{attack}");
}

/// Logs in with honest claims that `bend` changes, under the provider's own signature.
async fn claims(app: &App, bend: impl Fn(&mut Value) + Send + Sync + 'static) -> Page {
    let op = app.op.clone();
    app.log_in_with(move |header, claims| {
        let mut claims = claims.clone();
        bend(&mut claims);
        op.sign(header, &claims)
    })
    .await
}

/// Logs in with one claim replaced; `null` removes it.
async fn claim(app: &App, name: &'static str, value: Value) -> Page {
    claims(app, move |claims| {
        let claims = claims.as_object_mut().unwrap();
        match &value {
            Value::Null => claims.remove(name),
            value => claims.insert(name.to_owned(), value.clone()),
        };
    })
    .await
}

#[tokio::test]
async fn honest_token_signed_again() {
    let app = App::start().await;
    assert!(claims(&app, |_| ()).await.begins_session(), "what these tests bend is good before");
}

#[tokio::test]
async fn required_claim_missing() {
    let app = App::start().await;
    for name in ["iss", "sub", "aud", "exp", "iat", "nonce"] {
        assert_refused(&claim(&app, name, Value::Null).await, name);
    }
}

#[tokio::test]
async fn issuer_of_another_provider() {
    let app = App::start().await;
    let issuer = app.op.issuer();
    let table = [
        json!("https://evil.example"),
        json!(format!("{issuer}/")),
        json!(issuer.replace("http", "HTTP")),
        json!(format!("{issuer}.evil.example")),
        json!([issuer]),
        json!(""),
    ];
    for value in table {
        assert_refused(&claim(&app, "iss", value.clone()).await, &value.to_string());
    }
}

#[tokio::test]
async fn audience_of_another_client() {
    let app = App::start().await;
    let table = [
        json!("other"),
        json!(["other"]),
        json!([]),
        json!(""),
        json!("shop "),
        json!("Shop"),
        json!("shop,other"),
        json!({ "shop": true }),
        json!(["shop", 7]),
        json!([["shop"]]),
        json!(7),
    ];
    for value in table {
        assert_refused(&claim(&app, "aud", value.clone()).await, &value.to_string());
    }
    assert!(claim(&app, "aud", json!(["shop"])).await.begins_session(), "a list of one is as good");
}

#[tokio::test]
async fn second_audience_untrusted() {
    let app = App::start().await;
    assert_refused(&claim(&app, "aud", json!(["shop", "other"])).await, "no azp");
    for azp in [json!("other"), json!(["shop"]), json!(7)] {
        let bend = move |claims: &mut Value| {
            claims["aud"] = json!(["shop", "other"]);
            claims["azp"] = azp.clone();
        };
        assert_refused(&claims(&app, bend).await, "azp of another");
    }
}

#[tokio::test]
async fn authorized_party_is_another_client() {
    let app = App::start().await;
    for azp in [json!("other"), json!(""), json!(["shop"]), json!(true)] {
        assert_refused(&claim(&app, "azp", azp.clone()).await, &azp.to_string());
    }
    assert!(claim(&app, "azp", json!("shop")).await.begins_session());
}

#[tokio::test]
async fn nonce_of_another_login() {
    let app = App::start().await;
    for nonce in [json!("x"), json!(""), json!(["x"]), json!(7), json!(false)] {
        assert_refused(&claim(&app, "nonce", nonce.clone()).await, &nonce.to_string());
    }
}

#[tokio::test]
async fn whole_id_token_replayed_from_another_login() {
    let app = App::start().await;
    let (sender, receiver) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let op = app.op.clone();
    let spy = move |header: &Value, claims: &Value| {
        let token = op.sign(header, claims);
        sender.lock().unwrap().send(token.clone()).unwrap();
        token
    };
    assert!(app.log_in_with(spy).await.begins_session());
    let stolen = receiver.recv().unwrap();
    let page = app.log_in_with(move |_, _| stolen.clone()).await;
    assert_refused(&page, "the nonce is that of the first login");
}

#[tokio::test]
async fn expired_not_yet_valid_or_from_the_future() {
    let app = App::start().await;
    let now = app.now();
    for (name, value, good) in [
        ("exp", now - 30, false),
        ("exp", now - 29, true),
        ("exp", now - 3_600, false),
        ("exp", 0, false),
        ("iat", now + 31, false),
        ("iat", now + 30, true),
        ("nbf", now + 31, false),
        ("nbf", now + 30, true),
        ("nbf", now + 300, false),
    ] {
        let page = claim(&app, name, json!(value)).await;
        assert_eq!(page.begins_session(), good, "{name} {value}");
    }
}

#[tokio::test]
async fn time_of_another_type_or_beyond_measure() {
    let app = App::start().await;
    let exp = app.now() + 600;
    for name in ["exp", "iat", "nbf", "auth_time"] {
        for value in [
            json!(exp.to_string()),
            json!(true),
            json!([exp]),
            json!({ "s": exp }),
            json!(-1),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(9_223_372_036_854_775_808_u64),
            json!(1e300),
        ] {
            assert_refused(&claim(&app, name, value.clone()).await, &format!("{name} = {value}"));
        }
    }
    // JSON null is not absence either.
    for name in ["exp", "nbf", "auth_time", "azp", "at_hash"] {
        let bend = move |claims: &mut Value| claims[name] = Value::Null;
        assert_refused(&claims(&app, bend).await, &format!("{name} = null"));
    }
}

/// Logs in with the text of honest claims that `bend` changes beyond what a `Value` can say.
async fn text(
    app: &App,
    key: &'static OwnKey,
    bend: impl Fn(&str) -> String + Send + Sync + 'static,
) -> Page {
    app.log_in_with(move |_, claims| key.sign(&bend(&claims.to_string()))).await
}

#[tokio::test]
async fn number_that_no_float_holds() {
    let (app, key) = App::with_own_key().await;
    for (raw, good) in [
        ("1800003600", true),
        ("1800003600.5", true),
        ("1e400", false),
        ("-1e400", false),
        ("1e999999999", false),
        ("-0.0000001", false),
        ("0x7fffffff", false),
        ("NaN", false),
        ("Infinity", false),
        ("01800003600", false),
        ("1_800_003_600", false),
    ] {
        let bend = move |claims: &str| {
            let bent = claims.replace("\"exp\":1800003600", &format!("\"exp\":{raw}"));
            assert!(bent != claims || good);
            bent
        };
        assert_eq!(text(&app, key, bend).await.begins_session(), good, "{raw}");
    }
}

#[tokio::test]
async fn member_twice_in_the_claims() {
    let (app, key) = App::with_own_key().await;
    for (again, good) in [
        (r#""new":1"#, true),
        (r#""new":1,"new":1"#, false),
        (r#""sub":"local|bob""#, false),
        (r#""\u0073ub":"local|bob""#, false),
        (r#""aud":"shop""#, false),
        (r#""nonce":"x""#, false),
    ] {
        let page = text(&app, key, move |claims| format!("{{{again},{}", &claims[1..])).await;
        assert_eq!(page.begins_session(), good, "{again}");
    }
}

#[tokio::test]
async fn claims_that_are_no_object() {
    let (app, key) = App::with_own_key().await;
    let deep = "[".repeat(5_000);
    for raw in ["[]", "\"text\"", "7", "null", "", "{", "{}{}", "\u{feff}{}", &deep] {
        let raw = raw.to_owned();
        assert_refused(&text(&app, key, move |_| raw.clone()).await, "no object");
    }
}

#[tokio::test]
async fn max_age_ignored_by_the_provider() {
    let app = App::with(|config| config.with_max_age(Duration::from_secs(300))).await;
    let now = app.now();
    for (value, good) in [
        (Value::Null, false),
        (json!(now - 331), false),
        (json!(now - 330), true),
        (json!("0"), false),
        (json!(now + 31), false),
        (json!(now), true),
    ] {
        let page = claim(&app, "auth_time", value.clone()).await;
        assert_eq!(page.begins_session(), good, "auth_time {value}");
    }
    let request = crate::support::query(&app.browser().begin_login().await);
    assert_eq!(request["max_age"], "300");
}

#[tokio::test]
async fn access_token_swapped_beside_its_hash() {
    let app = App::start().await;
    for hash in [json!("x"), json!(""), json!(encoded([0; 16])), json!(7), json!([])] {
        assert_refused(&claim(&app, "at_hash", hash.clone()).await, &hash.to_string());
    }
    let page = app.log_in_with_answer(|answer| answer["access_token"] = json!("another-token")).await;
    assert_refused(&page, "the hash is of the token that was taken away");
}

#[tokio::test]
async fn subject_empty_huge_or_no_text() {
    let app = App::start().await;
    for sub in [json!(""), json!("a".repeat(256)), json!(7), json!(["local|ada"]), json!({})] {
        assert_refused(&claim(&app, "sub", sub.clone()).await, "sub");
    }
}

#[tokio::test]
async fn token_of_another_kind() {
    let app = App::start().await;
    for typ in
        ["at+jwt", "application/at+jwt", "AT+JWT", "logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", ""]
    {
        let op = app.op.clone();
        let page = app
            .log_in_with(move |header, claims| {
                let mut header = header.clone();
                header["typ"] = json!(typ);
                op.sign(&header, claims)
            })
            .await;
        assert_refused(&page, typ);
    }
    // The access token itself, which names this client and is signed with the same key.
    let page = app.log_in_with_answer(|answer| answer["id_token"] = answer["access_token"].clone()).await;
    assert_refused(&page, "the access token as id token");
    // A logout token without a type has no nonce.
    let logout = |claims: &mut Value| {
        claims.as_object_mut().unwrap().remove("nonce");
        claims["events"] = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    };
    assert_refused(&claims(&app, logout).await, "a logout token as id token");
}

#[tokio::test]
async fn no_id_token_at_all() {
    let app = App::start().await;
    for value in [Value::Null, json!(""), json!("."), json!("..")] {
        let page = app.log_in_with_answer(move |answer| answer["id_token"] = value.clone()).await;
        assert_refused(&page, "no id token");
    }
    let mut browser = app.browser();
    assert!(browser.log_in(&User::ada()).await.begins_session());
}
