//! Answers that are no key set, or hold what must not verify anything: the old keys stay, the good ones count.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, IdentityProvider};
use http::StatusCode;
use serde_json::{Value, json};
use tests::Api;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A token that has the keys fetched, since nobody knows its key; the answer comes after the fetch.
fn of_an_unknown_key(op: &IdentityProvider) -> String {
    op.sign_access_token(&Api::ada().with_header("kid", "unknown"))
}

#[tokio::test]
async fn an_answer_that_is_no_key_set_changes_nothing() {
    let faults = [
        ("a hundred megabytes", Fault::Flood(100_000_000)),
        ("a megabyte and a little", Fault::Flood(1024 * 1024)),
        ("ten thousand keys", Fault::many_keys(10_000)),
        ("a hundred and one keys", Fault::many_keys(100)),
        ("no keys", Fault::garbage(r#"{"keys":[]}"#, "application/json")),
        (
            "no key that can be used",
            Fault::garbage(r#"{"keys":[{"kty":"oct","k":"AA"}]}"#, "application/json"),
        ),
        ("broken JSON", Fault::garbage(r#"{"keys":["#, "application/json")),
        ("JSON of another form", Fault::garbage(r#"{"keys":{}}"#, "application/json")),
        ("a page", Fault::garbage("<!doctype html><p>Sign in", "text/html")),
        ("nothing", Fault::garbage("", "application/json")),
        ("another file", Fault::Redirect("file:///etc/passwd".into())),
        ("another host", Fault::Redirect("http://127.0.0.1:1/jwks".into())),
        ("500", Fault::Status(500)),
        ("no answer", Fault::DropConnection),
    ];
    let api = Api::quick().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    for (name, fault) in faults {
        let calls = api.op.calls(Endpoint::Jwks);
        api.op.fault_times(Endpoint::Jwks, fault, 1);
        let reply = api.call(&of_an_unknown_key(&api.op)).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{name}: nobody can say");
        assert_eq!(api.op.calls(Endpoint::Jwks), calls + 1, "{name}");
        assert_eq!(api.status(&known).await, StatusCode::OK, "{name}");
        assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "{name}");
        api.clock.advance(Duration::from_secs(30));
        let unknown = of_an_unknown_key(&api.op);
        assert_eq!(api.status(&unknown).await, StatusCode::UNAUTHORIZED, "{name}: the set is whole again");
        api.clock.advance(Duration::from_secs(30));
    }
}

#[tokio::test]
async fn a_redirect_goes_nowhere() {
    let elsewhere = Api::quick().await.op;
    let before = elsewhere.calls(Endpoint::Jwks);
    let api = Api::quick().await;
    api.op.fault(Endpoint::Jwks, Fault::Redirect(elsewhere.url(Endpoint::Jwks)));
    assert_eq!(api.status(&of_an_unknown_key(&api.op)).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(elsewhere.calls(Endpoint::Jwks), before);
}

#[tokio::test]
async fn bad_keys_are_skipped_one_by_one() {
    let bad: [(&str, Value); 6] = [
        ("no object", json!("key")),
        ("another kty", json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "a" })),
        ("a weak one", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "b" })),
        ("for encryption", json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "use": "enc" })),
        ("off its curve", json!({ "kty": "EC", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43) })),
        ("of no type", json!({ "kid": 7 })),
    ];
    let api = Api::quick().await;
    for (_, jwk) in &bad {
        api.op.publish_jwk(jwk.clone());
    }
    api.op.rotate_keys(true);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "the good ones among {} bad ones", bad.len());
    assert_eq!(api.op.calls(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn a_hundred_keys_are_taken_and_keys_without_names_too() {
    let api = Api::quick().await;
    api.op.fault(Endpoint::Jwks, Fault::many_keys(98));
    api.op.rotate_keys(true);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    let api = Api::builder().quick().provider(|op| op.keys_without_kid()).open().await;
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
}

/// Serves the same bytes to all who come, and closes.
async fn raw(answer: impl Fn() -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/jwks", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(&answer()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_body_that_is_cut_off_changes_nothing() {
    let op = Api::quick_provider().await;
    let whole = reqwest::get(op.url(Endpoint::Jwks)).await.unwrap().text().await.unwrap();
    let cut = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_cut = std::sync::Arc::clone(&cut);
    let url = raw(move || {
        let length = whole.len();
        let sent = if is_cut.load(std::sync::atomic::Ordering::Relaxed) { length / 2 } else { length };
        let body = &whole[..sent];
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
    })
    .await;
    let api = Api::builder().quick().issuer(move |issuer| issuer.with_jwks_uri(&url)).open().await;
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    cut.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(api.status(&of_an_unknown_key(&api.op)).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    assert_eq!(api.op.calls(Endpoint::Discovery), 0, "an address that is configured needs no metadata");
}
