//! Tokens that were good and are no longer: revoked here, or signed by a key that is gone.

use std::time::Duration;

use auth_layer::config::TrustedIssuer;
use auth_layer::testing::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Endpoint, Fault, TestAccessToken};
use auth_layer::{Issuer, Subject, Timestamp};
use http::StatusCode;
use tests::{Api, ApiBuilder, START};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const FORMS: [fn(TestAccessToken) -> TestAccessToken; 2] = [|token| token, TestAccessToken::opaque];

fn builder(cache: usize) -> ApiBuilder {
    Api::builder()
        .issuer(|issuer: TrustedIssuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET))
        .config(move |config| config.with_token_cache_bytes(cache))
}

fn issuer(api: &Api) -> Issuer {
    Issuer::from(api.op.issuer())
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(START + seconds)
}

async fn passes(api: &Api, token: &str) -> bool {
    let reply = api.call(token).await;
    assert!(matches!(reply.status, StatusCode::OK | StatusCode::UNAUTHORIZED), "{reply:?}");
    reply.status == StatusCode::OK
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_stays_refused() {
    for cache in [64 << 20, 0] {
        for form in FORMS {
            let api = builder(cache).open().await;
            let named = |id: &str| api.token(form(Api::ada().with_claim("jti", id)));
            let (revoked, other, nameless) = (
                named("one"),
                named("two"),
                api.token(form(Api::ada()).without_claim("jti").with_claim("x", 1)),
            );
            for token in [&revoked, &other] {
                assert!(passes(&api, token).await && passes(&api, token).await);
            }
            api.auth.revoke_token(&issuer(&api), "one", at(3_600));
            for _ in 0..3 {
                assert!(!passes(&api, &revoked).await, "cache of {cache} bytes");
                assert!(passes(&api, &other).await);
            }
            // Under the strict profile a JWT without a name is none; an opaque one may have none.
            assert_eq!(passes(&api, &nameless).await, !nameless.starts_with("eyJ"));
        }
    }
}

#[tokio::test]
async fn a_revoked_token_stays_refused_to_its_last_moment_and_the_skew() {
    let api = builder(64 << 20).open().await;
    let token = api.token(Api::ada().with_claim("jti", "one"));
    assert!(passes(&api, &token).await);
    api.auth.revoke_token(&issuer(&api), "one", at(3_600));
    api.clock.advance(HOUR + 30 * SECOND - Duration::from_millis(1));
    assert!(!passes(&api, &token).await, "it would still be good otherwise");
    let other = api.token(Api::ada().with_claim("jti", "one").with_issued_at(at(3_630)));
    api.clock.advance(SECOND);
    assert!(passes(&api, &other).await, "the name is free again");
}

#[tokio::test]
async fn a_token_of_another_issuer_or_name_is_not_meant() {
    let api = builder(64 << 20).open().await;
    let token = api.token(Api::ada().with_claim("jti", "one"));
    assert!(passes(&api, &token).await);
    api.auth.revoke_token(&Issuer::from("https://other.example"), "one", at(3_600));
    api.auth.revoke_token(&Issuer::from(format!("{}/", api.op.issuer())), "one", at(3_600));
    api.auth.revoke_token(&issuer(&api), "One", at(3_600));
    api.auth.revoke_token(&issuer(&api), "", at(3_600));
    api.auth.revoke_subject(&issuer(&api), &Subject::from("one"), HOUR);
    assert!(passes(&api, &token).await);
}

#[tokio::test]
async fn all_tokens_of_a_subject_are_refused_and_later_ones_are_not() {
    for cache in [64 << 20, 0] {
        for form in FORMS {
            let api = builder(cache).open().await;
            let now = api.clock.now();
            let ada = |token: TestAccessToken| api.token(form(token));
            let bob = ada(TestAccessToken::new("local|bob"));
            let (one, two) = (ada(Api::ada()), ada(Api::ada().with_client_id("spa")));
            let undated = api.token(form(Api::ada()).opaque().without_claim("iat"));
            for token in [&one, &two, &bob, &undated] {
                assert!(passes(&api, token).await);
            }
            api.auth.revoke_subject(&issuer(&api), &Subject::from("local|ada"), HOUR);
            let never_seen = ada(Api::ada().with_issued_at(now));
            for _ in 0..2 {
                for token in [&one, &two, &undated, &never_seen] {
                    assert!(!passes(&api, token).await, "cache of {cache} bytes");
                }
                assert!(passes(&api, &bob).await);
            }
            api.clock.advance(SECOND);
            let later = ada(Api::ada());
            assert!(passes(&api, &later).await && passes(&api, &later).await, "a new login");
            assert!(!passes(&api, &one).await);
        }
    }
}

#[tokio::test]
async fn what_is_revoked_before_it_was_ever_seen_is_refused_too() {
    let api = builder(64 << 20).open().await;
    api.auth.revoke_token(&issuer(&api), "one", at(3_600));
    for form in FORMS {
        let token = api.token(form(Api::ada().with_claim("jti", "one")));
        assert!(!passes(&api, &token).await);
    }
}

#[tokio::test]
async fn a_revocation_in_the_middle_of_a_question_is_not_forgotten() {
    let api = builder(64 << 20).open().await;
    let token = api.token(Api::ada().with_claim("jti", "one").opaque());
    api.op.fault_times(Endpoint::Introspection, Fault::HoldResponseUntilReleased, 1);
    let revoked = async {
        api.op.wait_until_held(1).await;
        api.auth.revoke_token(&issuer(&api), "one", at(3_600));
        api.op.release();
    };
    let (passed, ()) = tokio::join!(passes(&api, &token), revoked);
    assert!(!passed, "the answer came after the word of the application");
    assert!(!passes(&api, &token).await);
}

#[tokio::test]
async fn a_token_of_a_key_that_is_gone_is_refused_once_that_is_known() {
    let api = Api::builder().provider(|op| op.own_keys()).open().await;
    let old = api.token(Api::ada());
    assert!(passes(&api, &old).await);
    api.op.rotate_keys(false);
    assert!(passes(&api, &old).await, "nobody has told us yet");
    // The new key is unknown: the keys are fetched, and with them the end of the old one.
    let new = api.token(Api::ada());
    assert!(passes(&api, &new).await);
    for _ in 0..2 {
        assert!(!passes(&api, &old).await, "known, and signed by nobody");
        assert!(passes(&api, &new).await);
    }
}

#[tokio::test]
async fn a_token_of_a_key_that_stays_published_outlives_the_rotation() {
    let api = Api::builder().provider(|op| op.own_keys()).open().await;
    let old = api.token(Api::ada());
    assert!(passes(&api, &old).await);
    api.op.rotate_keys(true);
    let new = api.token(Api::ada());
    for token in [&new, &old, &new, &old] {
        assert!(passes(&api, token).await);
    }
    assert!(api.op.calls(Endpoint::Jwks) <= 2);
}

#[tokio::test]
async fn keys_that_are_too_old_vouch_for_no_token() {
    let api = Api::builder()
        .config(|config| config.with_stale_keys(HOUR))
        .provider(|op| op.access_token_lifetime(24 * HOUR))
        .open()
        .await;
    let (one, two) = (api.token(Api::ada()), api.token(Api::ada().with_claim("jti", "two")));
    api.op.stop().await;
    api.clock.advance(HOUR - SECOND);
    assert!(passes(&api, &one).await, "stale keys serve");
    api.clock.advance(SECOND);
    let reply = api.call(&two).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "neither good nor bad: {reply:?}");
    assert!(!reply.header("retry-after").is_empty());
}

#[tokio::test]
async fn revocations_mean_nothing_where_no_tokens_are_taken() {
    let site = tests::Site::open().await;
    let ada = site.ada().await;
    let issuer = Issuer::from(site.op.issuer());
    site.auth.revoke_subject(&issuer, &Subject::from("local|ada"), HOUR);
    site.auth.revoke_token(&issuer, "x", at(3_600));
    assert_eq!(ada.get("/user").await.body, "local|ada", "a session is ended by a logout");
}
