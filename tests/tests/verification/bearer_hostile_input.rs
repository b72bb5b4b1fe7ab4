//! Random and nearly right credentials through the whole layer: no panic, no 5xx, and nobody passes.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use auth_layer::config::DpopPolicy;
use auth_layer::testing::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, DpopKey, dpop};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use proptest::prelude::*;
use tests::{Api, SHOP};
use tokio::runtime::Runtime;

/// One API that takes all that can be taken, and tokens of each form, for all cases.
struct Scene {
    runtime: Runtime,
    api: Api,
    key: DpopKey,
    jwt: String,
    opaque: String,
    bound: String,
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let api = runtime.block_on(async {
            let policy = DpopPolicy::new();
            Api::builder()
                .issuer(|issuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET))
                .config(|config| config.with_base_url(SHOP).with_dpop(policy))
                .open()
                .await
        });
        let key = api.op.dpop_key();
        let bound = api.token(Api::ada().bound_to(key.thumbprint()));
        let (jwt, opaque) = (api.token(Api::ada()), api.token(Api::ada().opaque()));
        Scene { runtime, api, key, jwt, opaque, bound }
    })
}

/// Sends headers, and holds what must hold whatever they were; returns whether they passed.
fn passes(headers: &[(&str, &[u8])]) -> bool {
    let scene = scene();
    let mut request = Request::get("/who");
    for (name, value) in headers {
        // What no header may hold, no server would have let through.
        let Ok(value) = HeaderValue::from_bytes(value) else { return false };
        request = request.header(*name, value);
    }
    let began = Instant::now();
    let reply = scene.runtime.block_on(scene.api.send(request));
    assert!(matches!(reply.status.as_u16(), 200 | 400 | 401), "{headers:?}: {reply:?}");
    assert!(began.elapsed() < Duration::from_secs(2), "{headers:?}: {:?}", began.elapsed());
    let challenges = reply.headers.get_all("www-authenticate").iter().count();
    assert_eq!(challenges, if reply.status == 200 { 0 } else { 2 }, "{headers:?}: {reply:?}");
    reply.status == 200
}

/// Text that has the shape of credentials.
fn near_credentials() -> impl Strategy<Value = Vec<u8>> {
    let schemes = prop_oneof!["Bearer", "bearer", "DPoP", "dpop", "Basic", "[!-~]{0,8}"];
    let spaces = prop_oneof![" ", "", "  ", "\t", ",", "[ -~]{0,2}"];
    let tokens = prop_oneof![
        "[!-~]{0,60}".prop_map(String::into_bytes),
        "eyJ[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}".prop_map(String::into_bytes),
        "(\\.|eyJ|=|e30|,| ){0,12}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    (schemes, spaces, tokens)
        .prop_map(|(scheme, space, token)| [scheme.as_bytes(), space.as_bytes(), &token].concat())
}

/// A text with one byte replaced, put in or taken out.
fn bent(text: &str, at: usize, byte: u8, how: u8) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = at % bytes.len();
    match how {
        0 => bytes[at] = byte,
        1 => bytes.insert(at, byte),
        _ => drop(bytes.remove(at)),
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_authorization_header(values in prop::collection::vec(near_credentials(), 0..3)) {
        let headers: Vec<(&str, &[u8])> = values.iter().map(|value| ("authorization", &**value)).collect();
        prop_assert!(!passes(&headers));
    }

    #[test]
    fn honest_token_bent_in_one_place(at: usize, byte in 0x20_u8..=0xff, how in 0_u8..3, which in 0_u8..2) {
        let scene = scene();
        let token = if which == 0 { &scene.jwt } else { &scene.opaque };
        let value = bent(token, at, byte, how);
        // A space at an end is no part of a token.
        let is_same = value.trim_ascii() == token.as_bytes();
        let header = [b"Bearer ", &*value].concat();
        prop_assert_eq!(passes(&[("authorization", &header)]), is_same);
    }

    #[test]
    fn honest_proof_bent_in_one_place(at: usize, byte in 0x20_u8..=0xff, how in 0_u8..3) {
        let scene = scene();
        let proof = scene.key.proof("GET", "https://api.shop.example/who", Some(&scene.bound), None);
        let header = dpop(&scene.bound);
        let value = bent(&proof, at, byte, how);
        prop_assume!(value.trim_ascii() != proof.as_bytes());
        prop_assert!(!passes(&[(AUTHORIZATION.as_str(), header.as_bytes()), ("dpop", &value)]));
        prop_assert!(passes(&[(AUTHORIZATION.as_str(), header.as_bytes()), ("dpop", proof.as_bytes())]));
    }

    #[test]
    fn any_proof(value in near_credentials(), more in prop::option::of(near_credentials())) {
        let header = dpop(&scene().bound);
        let mut headers = vec![(AUTHORIZATION.as_str(), header.as_bytes()), ("dpop", &*value)];
        headers.extend(more.as_deref().map(|more| ("dpop", more)));
        prop_assert!(!passes(&headers));
    }
}
