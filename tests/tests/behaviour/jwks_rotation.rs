//! Keys that are rotated: no good token is refused, and no key outlives its withdrawal by ten minutes.

use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault};
use futures_util::future::join_all;
use http::StatusCode;
use tests::{Api, eventually};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_rotation_under_load_refuses_no_good_token_and_fetches_once() {
    let api = Api::quick().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    let old: Vec<String> = (0..50).map(|_| api.fresh()).collect();
    api.op.rotate_keys(true);
    let new: Vec<String> = (0..150).map(|_| api.fresh()).collect();
    let before = api.op.calls(Endpoint::Jwks);
    let all = old.iter().chain(&new).chain(std::iter::repeat_n(&known, 300));
    let statuses = join_all(all.map(|token| api.status(token))).await;
    let wrong = statuses.iter().filter(|status| **status != StatusCode::OK).count();
    assert_eq!((statuses.len(), wrong), (500, 0));
    assert_eq!(api.op.calls(Endpoint::Jwks) - before, 1);
}

#[tokio::test]
async fn a_fetch_that_was_answered_before_the_rotation_refuses_no_new_token() {
    let api = Api::quick().await;
    api.op.fault_times(Endpoint::Jwks, Fault::HoldResponseUntilReleased, 1);
    api.clock.advance(5 * MINUTE);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "in the background the keys are fetched");
    api.op.wait_until_held(1).await;
    api.op.rotate_keys(true);
    let new = api.fresh();
    let (replies, ()) = tokio::join!(join_all((0..20).map(|_| api.status(&new))), async {
        // All of them wait by now.
        tokio::task::yield_now().await;
        api.op.release();
    });
    assert_eq!(replies, [StatusCode::OK; 20]);
    assert_eq!(api.op.calls(Endpoint::Jwks), 3, "the first, the one that was too early, and one more");
}

#[tokio::test]
async fn nobody_waits_for_two_fetches_longer_than_for_one() {
    let timeout = Duration::from_secs(1);
    let api = Api::builder().quick().config(move |config| config.with_timeout(timeout)).open().await;
    let early = Fault::HoldResponseUntilReleased;
    api.op.fault_times(Endpoint::Jwks, early, 1);
    api.op.fault(Endpoint::Jwks, Fault::HoldUntilReleased);
    api.clock.advance(5 * MINUTE);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    api.op.wait_until_held(1).await;
    api.op.rotate_keys(true);
    let (began, new) = (Instant::now(), api.fresh());
    let (status, ()) = tokio::join!(api.status(&new), async {
        tokio::time::sleep(timeout * 4 / 5).await;
        api.op.release();
    });
    // The first took nearly all of its time, and the second takes all of its own.
    assert_eq!((status, api.op.calls(Endpoint::Jwks)), (StatusCode::SERVICE_UNAVAILABLE, 3));
    assert!(began.elapsed() < timeout * 3 / 2, "{:?}", began.elapsed());
    api.op.clear_faults();
    api.clock.advance(Duration::from_secs(2));
    assert_eq!(api.status(&new).await, StatusCode::OK);
}

#[tokio::test]
async fn a_fetch_that_slips_after_a_rotation_is_made_once_more_a_second_later() {
    let api = Api::quick().await;
    api.op.rotate_keys(true);
    api.op.fault_times(Endpoint::Jwks, Fault::Status(500), 1);
    let new = api.fresh();
    let refused = api.call(&new).await;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    api.clock.advance(Duration::from_secs(1));
    assert_eq!(api.status(&new).await, StatusCode::OK);
    assert_eq!(api.op.calls(Endpoint::Jwks), 3);
}

#[tokio::test]
async fn after_a_withdrawal_the_next_fetch_refuses_what_the_old_key_signed_known_or_not() {
    let api = Api::quick().await;
    let (known, other) = (api.fresh(), api.fresh());
    assert_eq!(api.status(&known).await, StatusCode::OK);
    api.op.rotate_keys(false);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "the new key counts at first sight");
    assert_eq!(api.op.calls(Endpoint::Jwks), 2);
    for (name, token) in [("known", &known), ("never seen", &other)] {
        let reply = api.call(token).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{name}");
        assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{name}");
    }
}

#[tokio::test]
async fn a_withdrawn_key_is_noticed_within_ten_minutes_where_only_known_tokens_come() {
    let api = Api::quick().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    api.op.rotate_keys(false);
    assert_eq!(api.status(&known).await, StatusCode::OK, "nobody has told us yet");
    api.clock.advance(5 * MINUTE);
    eventually("the known token is refused", async || api.status(&known).await == StatusCode::UNAUTHORIZED)
        .await;
    assert_eq!(api.op.calls(Endpoint::Jwks), 3, "the first, the one ahead of need, one for its unknown key");
}

#[tokio::test]
async fn keys_without_names_are_rotated_like_others() {
    let api = Api::builder().quick().provider(|op| op.keys_without_kid()).open().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    api.op.rotate_keys(false);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "at first sight");
    assert_eq!(api.status(&known).await, StatusCode::UNAUTHORIZED);
    assert_eq!(api.op.calls(Endpoint::Jwks), 2, "the old token comes within the cool-down");
}

#[tokio::test]
async fn a_document_that_was_written_anew_with_the_same_keys_forgets_no_token() {
    let api = Api::quick().await;
    let known = api.fresh();
    let place = async || {
        let request = http::Request::get("/where").header("authorization", format!("Bearer {known}"));
        api.send(request).await.body
    };
    let first = place().await;
    api.op.fault(Endpoint::Jwks, Fault::rewrite(|jwks| jwks["written"] = "anew".into()));
    let unknown = api.op.sign_access_token(&Api::ada().with_header("kid", "unknown"));
    assert_eq!(api.status(&unknown).await, StatusCode::UNAUTHORIZED);
    assert_eq!(api.op.calls(Endpoint::Jwks), 2);
    assert_eq!(place().await, first, "its key is still there");
}
