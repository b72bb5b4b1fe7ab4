//! The provider is down, slow, broken or busy: sessions stay, and nobody asks too often.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use http::StatusCode;
use tests::Site;

const HOUR: Duration = Duration::from_secs(3_600);

fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("500", Fault::Status(500)),
        ("503", Fault::Status(503)),
        ("502 with a page", Fault::garbage("<html>bad gateway</html>", "text/html")),
        ("429", Fault::RetryAfter(429, Duration::from_secs(30))),
        ("no connection", Fault::DropConnection),
        ("server_error", Fault::Error(400, "server_error".into())),
        ("a secret that was rotated", Fault::Error(401, "invalid_client".into())),
    ]
}

#[tokio::test]
async fn within_the_buffer_the_living_token_is_served_and_the_session_stays() {
    for (name, fault) in faults() {
        let site = Site::open().await;
        let ada = site.ada().await;
        let living = ada.get("/token").await.token();
        site.op.fault(Endpoint::Token, fault);
        site.clock.advance(HOUR - Duration::from_secs(30));
        for _ in 0..5 {
            assert_eq!(ada.get("/token").await.token(), living, "{name}");
        }
        assert_eq!(site.refreshes(), 1, "{name}: one try, then the backoff");
        site.op.clear_faults();
        site.clock.advance(Duration::from_secs(29));
        assert_eq!(ada.get("/token").await.status, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn an_expired_token_is_503_with_retry_after_and_the_session_stays() {
    for (name, fault) in faults() {
        let site = Site::open().await;
        let ada = site.ada().await;
        site.op.fault(Endpoint::Token, fault);
        site.clock.advance(HOUR);
        for _ in 0..5 {
            let reply = ada.get("/token").await;
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{name}");
            assert!(reply.header("retry-after").parse::<u64>().unwrap() >= 1, "{name}");
            assert!(!ada.cookies().is_empty(), "{name}: the session stays");
        }
        assert_eq!(site.refreshes(), 1, "{name}: one try, then the backoff");
        site.op.clear_faults();
        site.clock.advance(Duration::from_secs(31));
        assert_eq!(ada.get("/token").await.status, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn nothing_is_posted_before_retry_after_is_over() {
    let site = Site::open().await;
    let ada = site.ada().await;
    site.op.fault_times(Endpoint::Token, Fault::RetryAfter(429, Duration::from_secs(30)), 1);
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.header("retry-after"), "30");
    site.clock.advance(Duration::from_secs(29));
    assert_eq!(ada.get("/token").await.header("retry-after"), "1");
    assert_eq!(site.refreshes(), 1);
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    assert_eq!(site.refreshes(), 2);
}

#[tokio::test]
async fn an_outage_of_a_minute_costs_one_call_a_step_of_the_backoff() {
    let site = Site::open().await;
    let ada = site.ada().await;
    site.op.fault(Endpoint::Token, Fault::Status(503));
    site.clock.advance(HOUR);
    for _ in 0..60 {
        assert_eq!(ada.get("/token").await.status, StatusCode::SERVICE_UNAVAILABLE);
        site.clock.advance(Duration::from_secs(1));
    }
    let calls = site.refreshes();
    assert!((5..=7).contains(&calls), "1, 2, 4, 8, 16 and 32 seconds apart, not {calls} calls");
    site.op.clear_faults();
    site.clock.advance(Duration::from_secs(80));
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
}

#[tokio::test]
async fn only_a_final_answer_ends_the_session() {
    let site = Site::open().await;
    let (ada, other) = (site.ada().await, site.ada().await);
    site.op.fault_times(Endpoint::Token, Fault::Error(400, "invalid_grant".into()), 1);
    site.clock.advance(HOUR);
    let page = ada.copied();
    let reply = ada.get("/token").await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(ada.cookies().is_empty(), "the cookie is deleted");
    let navigation = page.open("/token").await;
    assert_eq!(navigation.status, StatusCode::SEE_OTHER);
    assert!(navigation.location().starts_with("/auth/login?returnTo="));
    assert_eq!(site.refreshes(), 1, "a dead grant is not tried again");
    assert_eq!(other.get("/token").await.status, StatusCode::OK, "no other session ends");
}

#[tokio::test]
async fn an_answer_that_was_lost_ends_that_session_cleanly_and_no_other() {
    let site = Site::open().await;
    let (ada, other) = (site.ada().await, site.ada().await);
    site.op.fault_times(Endpoint::Token, Fault::DropResponse, 1);
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.clock.advance(Duration::from_secs(2));
    assert_eq!(ada.get("/token").await.status, StatusCode::UNAUTHORIZED);
    assert!(ada.cookies().is_empty());
    assert_eq!(site.refreshes(), 2, "no storm");
    assert_eq!(other.get("/token").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_answer_that_was_lost_costs_nothing_where_the_provider_allows_an_overlap() {
    use auth_layer::testing::Rotation;
    let overlap = Duration::from_secs(60);
    let site = Site::builder().provider(move |op| op.rotation(Rotation::Overlap(overlap))).open().await;
    let ada = site.ada().await;
    site.op.fault_times(Endpoint::Token, Fault::DropResponse, 1);
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::SERVICE_UNAVAILABLE);
    site.clock.advance(Duration::from_secs(2));
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_slow_provider_delays_no_request_that_has_a_living_token_but_the_one_that_asks() {
    let site = Site::builder().config(|config| config.with_refresh_patience(Duration::ZERO)).open().await;
    let ada = site.ada().await;
    let living = ada.get("/token").await.token();
    site.op.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
    site.clock.advance(HOUR - Duration::from_secs(30));
    for _ in 0..10 {
        assert_eq!(ada.get("/token").await.token(), living);
    }
    site.op.wait_until_held(1).await;
    assert_eq!(site.refreshes(), 1);
    site.op.release();
    // The flight lands without anyone waiting; whoever asks next finds what it brought.
    let fresh = loop {
        let token = ada.get("/token").await.token();
        if token != living {
            break token;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(ada.get("/token").await.token(), fresh);
    assert_eq!(site.refreshes(), 1);
}

#[tokio::test]
async fn a_process_that_starts_while_the_provider_is_down_recovers_by_itself() {
    use auth_layer::testing::User;
    let site = Site::builder().open().await;
    site.op.stop().await;
    let late = auth_layer::Auth::discover(
        auth_layer::AuthConfig::builder(&site.op.issuer(), &site.op.client_id(), tests::BASE_URL)
            .with_client_secret(site.op.client_secret())
            .add_session_key(tests::SESSION_KEY)
            .with_clock(site.clock.clone())
            .build()
            .unwrap(),
    )
    .await
    .expect("the process comes up");
    let visitor = site
        .visitor()
        .at(axum::Router::new().layer(late.layer()).fallback(async || "here").layer(late.layer()));
    let refused = visitor.get("/auth/login").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!refused.header("retry-after").is_empty());
    site.op.restart().await;
    site.clock.advance(Duration::from_secs(2));
    visitor.log_in(&User::ada()).await;
}
