//! Floods: of keys that nobody knows, of tokens that are all good, of clients that hang up.

use std::time::Duration;

use auth_layer::Issuer;
use auth_layer::testing::{Endpoint, Fault, SigningAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tests::{Api, eventually};

/// The token with the name of another key; its signature is not looked at before its key is found.
fn of_key(token: &str, kid: &str) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid }).to_string();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

#[tokio::test]
async fn a_flood_of_unknown_keys_costs_one_fetch_in_thirty_seconds_and_no_good_request() {
    let api = Api::quick().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    for second in 0..60_usize {
        let flood: Vec<String> =
            (0..50).map(|number| of_key(&known, &format!("{second}-{number}"))).collect();
        let statuses = join_all(flood.iter().map(|token| api.status(token))).await;
        assert!(statuses.iter().all(|status| *status == StatusCode::UNAUTHORIZED), "{second}");
        assert_eq!(api.status(&known).await, StatusCode::OK);
        assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
        assert_eq!(api.op.calls(Endpoint::Jwks), 2 + second / 30, "after {second} s");
        api.clock.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_rotation_amid_a_flood_is_seen_within_thirty_seconds() {
    let api = Api::quick().await;
    let known = api.fresh();
    let flood = async |round: usize| {
        for number in 0..20 {
            api.status(&of_key(&known, &format!("{round}-{number}"))).await;
        }
    };
    flood(0).await;
    api.op.rotate_keys(true);
    let new = api.fresh();
    let mut waited = 0;
    while api.status(&new).await != StatusCode::OK {
        waited += 1;
        assert!(waited <= 30, "{waited} s");
        api.clock.advance(Duration::from_secs(1));
        flood(waited).await;
    }
    assert_eq!((waited, api.op.calls(Endpoint::Jwks)), (30, 3));
}

#[tokio::test]
async fn a_flood_of_unknown_keys_waits_for_a_fetch_that_hangs_and_begins_no_other() {
    let api = Api::builder().quick().config(|config| config.with_timeout(Duration::from_millis(400)));
    let api = api.open().await;
    let known = api.fresh();
    api.op.fault(Endpoint::Jwks, Fault::HoldUntilReleased);
    let flood: Vec<String> = (0..500).map(|number| of_key(&known, &number.to_string())).collect();
    let statuses = join_all(flood.iter().map(|token| api.status(token))).await;
    assert!(statuses.iter().all(|status| *status == StatusCode::SERVICE_UNAVAILABLE));
    assert_eq!(api.op.calls(Endpoint::Jwks), 2);
}

#[tokio::test]
async fn a_flood_of_good_tokens_leaves_the_hot_ones_and_nothing_that_is_over() {
    let small = 1024 * 1024;
    let api = Api::builder()
        .quick()
        .provider(|op| op.signing(SigningAlgorithm::EdDsa))
        .config(move |config| config.with_token_cache_bytes(small));
    let api = api.open().await;
    let place = async |token: &str| {
        let request = Request::get("/where").header("authorization", format!("Bearer {token}"));
        api.send(request).await.body
    };
    // As large a part of the cache as a thousand are of 64 MiB.
    let hot: Vec<String> = (0..16).map(|_| api.fresh()).collect();
    let mut places = Vec::new();
    for token in &hot {
        assert_eq!(api.status(token).await, StatusCode::OK);
        places.push(place(token).await);
    }
    let short = api.op.sign_access_token(&Api::ada().with_lifetime(Duration::from_secs(60)));
    let revoked = api.fresh();
    for token in [&short, &revoked] {
        assert_eq!(api.status(token).await, StatusCode::OK);
        assert_eq!(api.status(token).await, StatusCode::OK);
    }
    api.auth.revoke_token(
        &Issuer::from(api.op.issuer()),
        claims(&revoked)["jti"].as_str().unwrap(),
        api.clock.now().plus(Duration::from_secs(3_600)),
    );
    api.clock.advance(Duration::from_secs(90));
    for per_hot in [1_usize, 10] {
        let (mut hits, mut asked) = (0, 0);
        for number in 0..FLOOD / 2 {
            assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
            if number % per_hot == 0 {
                let which = asked % hot.len();
                let now = place(&hot[which]).await;
                hits += usize::from(now == places[which]);
                asked += 1;
                places[which] = now;
            }
            if number % 100 == 0 {
                for (name, token) in [("expired", &short), ("revoked", &revoked)] {
                    assert_eq!(api.status(token).await, StatusCode::UNAUTHORIZED, "{name}");
                }
            }
        }
        assert!(hits * 10 >= asked * 9, "{per_hot}:1, {hits} of {asked} were remembered");
    }
}

#[tokio::test]
async fn clients_that_hang_up_leave_no_question_about_a_token_behind() {
    let api = Api::builder()
        .quick()
        .issuer(|issuer| issuer.with_introspection("shop", "shop-secret-for-loopback-only"))
        .open()
        .await;
    let token = api.op.issue_access_token(Api::ada().opaque());
    api.op.fault(Endpoint::Introspection, Fault::HoldUntilReleased);
    for round in 1..=3 {
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let (api, token) = (api.clone(), token.clone());
                tokio::spawn(async move { api.status(&token).await })
            })
            .collect();
        eventually("they ask", async || api.op.calls(Endpoint::Introspection) == round).await;
        asking.iter().for_each(tokio::task::JoinHandle::abort);
        join_all(asking).await;
    }
    api.op.clear_faults();
    assert_eq!(api.status(&token).await, StatusCode::OK, "the next one asks anew");
    assert_eq!(api.op.calls(Endpoint::Introspection), 4, "four who ask at once ask one question");
}

fn claims(token: &str) -> Value {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

const FLOOD: usize = 4_000;
