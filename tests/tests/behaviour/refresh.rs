//! An access token that expires: refreshed once, whoever asks and however many.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, Rotation, User};
use futures_util::future::join_all;
use http::StatusCode;
use tests::{Reply, Site, Visitor};

const HOUR: Duration = Duration::from_secs(3_600);

async fn at_once(visitors: Vec<Visitor>, path: &'static str) -> Vec<Reply> {
    join_all(visitors.into_iter().map(|visitor| async move { visitor.get(path).await })).await
}

#[tokio::test]
async fn a_living_token_is_served_without_any_call_to_the_provider() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let calls = site.op.calls(Endpoint::Token);
    let first = ada.get("/token").await;
    let second = ada.get("/token").await;
    assert_eq!(first.token(), second.token());
    assert_eq!(site.op.calls(Endpoint::Token), calls);
    assert!(first.set_cookies().is_empty() && first.header("cache-control").is_empty());
}

#[tokio::test]
async fn fifty_parallel_requests_with_one_expired_token_refresh_once() {
    parallel(50).await;
}

#[tokio::test]
async fn two_hundred_parallel_requests_with_one_expired_token_refresh_once() {
    parallel(200).await;
}

/// The provider's refresh tokens are single-use, and a reused one kills its family.
async fn parallel(requests: usize) {
    let site = Site::open().await;
    let ada = site.ada().await;
    let old = ada.get("/token").await.token();
    for cycle in 1..=4 {
        site.clock.advance(HOUR);
        let replies = at_once((0..requests).map(|_| ada.copied()).collect(), "/token").await;
        let tokens: Vec<String> = replies.iter().map(Reply::token).collect();
        assert!(tokens.iter().all(|token| *token == tokens[0] && *token != old));
        assert_eq!(site.refreshes(), cycle, "cycle {cycle}");
        // Any one of the responses carries the session on; the browser takes the last.
        assert!(replies.iter().all(|reply| !reply.set_cookies().is_empty()));
        ada.get("/token").await;
    }
}

#[tokio::test]
async fn two_users_who_refresh_at_the_same_instant_never_see_each_others_token() {
    let site = Site::open().await;
    let (ada, bob) = (site.ada().await, site.visitor());
    bob.log_in(&User::bob()).await;
    for _ in 0..10 {
        site.clock.advance(HOUR);
        let both = (0..20).map(|index| if index % 2 == 0 { ada.copied() } else { bob.copied() });
        let replies = at_once(both.collect(), "/token").await;
        for (index, reply) in replies.iter().enumerate() {
            let expected = if index % 2 == 0 { "local|ada" } else { "local|bob" };
            assert_eq!(subject(&reply.token()), expected);
        }
        ada.get("/token").await;
        bob.get("/token").await;
    }
    assert_eq!(site.refreshes(), 20);
}

fn subject(token: &str) -> String {
    use base64::Engine as _;
    let payload = token.split('.').nth(1).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice::<serde_json::Value>(&claims).unwrap()["sub"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_late_request_with_the_old_cookie_gets_the_new_token_and_cookie() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let late = ada.copied();
    site.clock.advance(HOUR);
    let fresh = ada.get("/token").await.token();
    // The browser shows the new cookie: from here on the grace period runs.
    ada.get("/token").await;
    site.clock.advance(Duration::from_secs(50));
    let reply = late.get("/token").await;
    assert_eq!(reply.token(), fresh);
    assert!(!reply.set_cookies().is_empty());
    assert_eq!(late.get("/token").await.set_cookies().len(), 0, "the new cookie is taken as it is");
    assert_eq!(site.refreshes(), 1);
}

#[tokio::test]
async fn a_response_that_never_arrived_loses_nothing_however_late_the_browser_returns() {
    let site = Site::open().await;
    let ada = site.ada().await;
    site.clock.advance(HOUR);
    let lost = ada.copied();
    let fresh = lost.get("/token").await.token();
    drop(lost);
    // No grace period bounds this: nobody has shown the successor yet.
    site.clock.advance(Duration::from_secs(1_800));
    assert_eq!(ada.get("/token").await.token(), fresh);
    site.clock.advance(HOUR);
    ada.get("/token").await.token();
    assert_eq!(site.refreshes(), 2);
}

#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_is_kept() {
    let site = Site::builder().provider(|op| op.rotation(Rotation::Never)).open().await;
    let ada = site.ada().await;
    let mut seen = vec![ada.get("/token").await.token()];
    for _ in 0..3 {
        site.clock.advance(HOUR);
        seen.push(ada.get("/token").await.token());
    }
    seen.dedup();
    assert_eq!(seen.len(), 4);
    assert_eq!(site.refreshes(), 3);
}

#[tokio::test]
async fn a_refresh_that_narrows_the_scope_takes_rights_away_and_one_that_is_silent_keeps_them() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let scope = |reply: Reply| reply.json()["scope"].as_str().unwrap().to_owned();
    let all = scope(ada.get("/token").await);
    assert!(all.contains("read:products") && all.contains("write:products"));

    site.op.fault_times(Endpoint::Token, silent_about_scope(), 1);
    site.clock.advance(HOUR);
    assert_eq!(scope(ada.get("/token").await), all);

    site.op.fault_times(Endpoint::Token, says_scope("openid read:products"), 1);
    site.clock.advance(HOUR);
    assert_eq!(scope(ada.get("/token").await), "openid read:products");

    site.op.fault_times(Endpoint::Token, silent_about_scope(), 1);
    site.clock.advance(HOUR);
    assert_eq!(scope(ada.get("/token").await), "openid read:products");

    site.op.fault_times(Endpoint::Token, says_scope(""), 1);
    site.clock.advance(HOUR);
    assert_eq!(scope(ada.get("/token").await), "", "an empty scope is no scope, not as asked");
}

fn silent_about_scope() -> Fault {
    Fault::rewrite(|answer| drop(answer.as_object_mut().unwrap().remove("scope")))
}

fn says_scope(scope: &'static str) -> Fault {
    Fault::rewrite(move |answer| answer["scope"] = scope.into())
}

#[tokio::test]
async fn after_a_refresh_within_a_request_every_later_read_sees_the_new_token() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let reads = ada.get("/three-times").await.json();
    assert_ne!(reads[0], reads[1]);
    assert_eq!(reads[1], reads[2]);
    assert_eq!(ada.get("/token").await.token(), reads[1].as_str().unwrap());
    assert_eq!(site.refreshes(), 1);
}

#[tokio::test]
async fn a_forced_refresh_is_not_merged_into_one_that_was_not_forced() {
    let site = Site::open().await;
    let ada = site.ada().await;
    site.clock.advance(HOUR);
    site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let (needed, forced) = (ada.copied(), ada.copied());
    let needed = tokio::spawn(async move { needed.get("/token").await });
    site.op.wait_until_held(1).await;
    let forced = tokio::spawn(async move { forced.get("/force").await });
    // The forced one waits behind the flight under way; there is nothing to see of that but its result.
    tokio::task::yield_now().await;
    site.op.release();
    let (needed, forced) = (needed.await.unwrap(), forced.await.unwrap());
    assert_ne!(needed.token(), forced.token());
    assert_eq!(site.refreshes(), 2);
}

#[tokio::test]
async fn parallel_forced_refreshes_share_one() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let replies = at_once((0..20).map(|_| ada.copied()).collect(), "/force").await;
    assert!(replies.iter().all(|reply| reply.status == StatusCode::OK));
    let refreshes = site.refreshes();
    assert!((1..=2).contains(&refreshes), "{refreshes} refreshes for requests of the same instant");
}

#[tokio::test]
async fn no_refresh_token_means_a_login_and_says_so() {
    let site = Site::builder().config(|config| config.with_scopes("openid read:products")).open().await;
    let ada = site.ada().await;
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    site.clock.advance(HOUR);
    assert_eq!(ada.copied().get("/token").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ada.open("/token").await.status, StatusCode::SEE_OTHER);
    assert!(ada.cookies().is_empty());
}
