//! Clocks that differ, and clocks that are set back.

use std::time::Duration;

use auth_layer::config::TrustedIssuer;
use auth_layer::testing::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Endpoint, TestAccessToken};
use auth_layer::{Clock, Timestamp};
use http::StatusCode;
use tests::{Api, Listener, eventually};

const START: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_secs(3_600);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An API with a clock of its own.
async fn parted(ours: Timestamp) -> Api {
    let clock = Clock::manual(ours);
    let own = clock.clone();
    let introspecting =
        |issuer: TrustedIssuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET);
    let api = Api::builder().quick().issuer(introspecting).config(|config| config.with_clock(own));
    let mut api = api.open().await;
    api.clock = clock;
    api
}

#[tokio::test]
async fn clocks_may_differ_by_half_a_minute_and_beyond_it_the_log_says_by_how_much() {
    // In the token's last second by the clock of the provider.
    let ending = Api::ada().with_issued_at(START.minus(seconds(60))).with_expires_at(START.plus(seconds(1)));
    let fresh = Api::ada().with_not_before(START);
    let cases: [(&str, Timestamp, &TestAccessToken, Result<(), &str>); 6] = [
        ("30 s ahead of the provider", START.plus(seconds(30)), &ending, Ok(())),
        ("30 s behind the provider", START.minus(seconds(30)), &fresh, Ok(())),
        ("31 s ahead", START.plus(seconds(31)), &ending, Err("exp is past by 30 s: compare the clocks")),
        ("31 s behind", START.minus(seconds(31)), &fresh, Err("nbf is ahead by 31 s: compare the clocks")),
        ("300 s ahead", START.plus(seconds(300)), &ending, Err("exp is past by 299 s: compare the clocks")),
        ("300 s behind", START.minus(seconds(300)), &fresh, Err("nbf is ahead by 300 s: compare the clocks")),
    ];
    for (name, ours, token, expected) in cases {
        Listener::start();
        let api = parted(ours).await;
        let status = api.status(&api.op.sign_access_token(token)).await;
        let log = Listener::stop();
        match expected {
            Ok(()) => assert_eq!(status, StatusCode::OK, "{name}"),
            Err(why) => {
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{name}");
                assert!(log.contains(why), "{name}: {log}");
            }
        }
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_stops_no_fetch() {
    let api = parted(START).await;
    let unknown = api.op.sign_access_token(&Api::ada().with_header("kid", "unknown"));
    assert_eq!(api.status(&unknown).await, StatusCode::UNAUTHORIZED);
    assert_eq!(api.op.calls(Endpoint::Jwks), 2, "the cool-down has begun");
    api.clock.set_back(HOUR);
    eventually("keys of the future are fetched again", async || api.op.calls(Endpoint::Jwks) == 3).await;
    api.op.rotate_keys(true);
    let new = api.op.sign_access_token(&Api::ada().with_issued_at(api.clock.now()));
    assert_eq!(api.status(&new).await, StatusCode::OK, "no cool-down lasts an hour");
}

#[tokio::test]
async fn a_clock_that_is_set_back_while_the_provider_is_away_ends_its_pauses() {
    let op = Api::quick_provider().await;
    op.stop().await;
    let api = Api::builder().over(&op).await;
    assert_eq!(api.status(&api.fresh()).await, StatusCode::SERVICE_UNAVAILABLE);
    api.clock.set_back(HOUR);
    api.op.restart().await;
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "neither keys nor metadata wait for an hour");
}

#[tokio::test]
async fn what_was_verified_at_a_time_to_come_is_judged_by_the_present_clock() {
    let api = parted(START).await;
    let old =
        api.op.sign_access_token(&Api::ada().with_issued_at(START.minus(2 * HOUR)).with_lifetime(4 * HOUR));
    let new = api.fresh();
    for token in [&old, &new] {
        assert_eq!(api.status(token).await, StatusCode::OK);
    }
    api.clock.set_back(HOUR);
    Listener::start();
    assert_eq!(api.status(&old).await, StatusCode::OK, "good by either clock");
    assert_eq!(api.status(&new).await, StatusCode::UNAUTHORIZED, "as if it had never been seen");
    let log = Listener::stop();
    assert!(log.contains("iat is ahead by 3600 s: compare the clocks"), "{log}");
    api.clock.advance(HOUR);
    assert_eq!(api.status(&new).await, StatusCode::OK, "once the clock is right again");
}

#[tokio::test]
async fn a_known_token_ends_by_the_present_clock_whatever_it_was_before() {
    let api = parted(START).await;
    let token = api.op.sign_access_token(&Api::ada().with_lifetime(seconds(600)));
    assert_eq!(api.status(&token).await, StatusCode::OK);
    api.clock.advance(seconds(629));
    assert_eq!(api.status(&token).await, StatusCode::OK, "within the skew");
    api.clock.advance(seconds(1));
    assert_eq!(api.status(&token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_word_on_an_opaque_token_is_not_believed_for_an_hour_more() {
    let api = parted(START).await;
    let issued = Api::ada().with_issued_at(START.minus(2 * HOUR)).with_lifetime(4 * HOUR);
    let token = api.op.issue_access_token(issued.opaque());
    assert_eq!(api.status(&token).await, StatusCode::OK);
    api.clock.advance(seconds(59));
    assert_eq!(api.status(&token).await, StatusCode::OK);
    assert_eq!(api.op.calls(Endpoint::Introspection), 1);
    api.op.revoke_access_token(&token);
    api.clock.set_back(HOUR);
    assert_eq!(api.status(&token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(api.op.calls(Endpoint::Introspection), 2);
}
