//! A provider that is away, slow, or says no: nothing is lost, nothing is asked in a storm, no session ends.

use std::time::Duration;

use auth_layer::exchange::{ExchangeErrorKind, ExchangeRequest};
use auth_layer::testing::{Endpoint, Fault, User};
use http::StatusCode;
use serde_json::json;
use tests::BILLING;

use super::kit::{exchanges, invoices, kind, site, token};

#[tokio::test]
async fn a_429_is_not_asked_about_before_its_retry_after_is_over() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    site.op.fault_times(Endpoint::Token, Fault::RetryAfter(429, Duration::from_secs(30)), 1);
    let error = site.auth.exchange(&ada, invoices()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.retry_after()),
        (ExchangeErrorKind::Unavailable, Some(Duration::from_secs(30)))
    );
    assert!(!error.is_final());
    site.clock.advance(Duration::from_secs(29));
    for _ in 0..100 {
        let error = site.auth.exchange(&ada, invoices()).await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    }
    assert_eq!(exchanges(&site), 1);
    site.clock.advance(Duration::from_secs(1));
    assert!(site.auth.exchange(&ada, invoices()).await.is_ok());
    assert_eq!(exchanges(&site), 2);
}

#[tokio::test]
async fn while_the_provider_is_away_a_living_token_is_served_and_one_that_is_over_is_not() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    site.op.fault(Endpoint::Token, Fault::rewrite(|answer| answer["expires_in"] = json!(600)));
    let first = site.auth.exchange(&ada, invoices()).await.unwrap();
    site.op.stop().await;
    site.clock.advance(Duration::from_secs(550));
    for _ in 0..10 {
        assert_eq!(site.auth.exchange(&ada, invoices()).await.unwrap().expose(), first.expose());
        site.auth.drain().await;
    }
    site.clock.advance(Duration::from_secs(50));
    assert_eq!(kind(site.auth.exchange(&ada, invoices()).await), ExchangeErrorKind::Unavailable);
    site.op.restart().await;
    site.clock.advance(Duration::from_secs(75));
    let next = site.auth.exchange(&ada, invoices()).await.unwrap();
    assert_ne!(next.expose(), first.expose());
}

#[tokio::test]
async fn each_failure_in_a_row_is_waited_out_for_longer_up_to_a_minute_and_a_quarter() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    site.op.fault(Endpoint::Token, Fault::Status(503));
    let mut waits = Vec::new();
    for attempt in 1..=8 {
        let wait = site.auth.exchange(&ada, invoices()).await.unwrap_err().retry_after().unwrap();
        assert_eq!(exchanges(&site), attempt);
        waits.push(wait.as_secs_f64());
        site.clock.advance(wait);
    }
    for (wait, least) in waits.iter().zip([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]) {
        assert!((least..=least * 1.25).contains(wait), "{waits:?}");
    }
    site.op.clear_faults();
    assert!(site.auth.exchange(&ada, invoices()).await.is_ok());
}

#[tokio::test]
async fn a_refusal_names_its_code_ends_no_session_and_holds_nobody_else_back() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let ada = token(&site, &visitor).await;
    let unknown = || ExchangeRequest::for_audience("https://unknown.example");
    for _ in 0..100 {
        let error = site.auth.exchange(&ada, unknown()).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ExchangeErrorKind::Refused, Some("invalid_target")));
        assert!(error.is_final() && error.retry_after().is_some());
        assert!(error.to_string().contains("(invalid_target)"));
    }
    assert_eq!(exchanges(&site), 1);
    assert!(site.auth.exchange(&ada, invoices()).await.is_ok(), "another audience is another matter");
    let bob = site.visitor();
    bob.log_in(&User::bob()).await;
    let bob = token(&site, &bob).await;
    assert_eq!(kind(site.auth.exchange(&bob, unknown()).await), ExchangeErrorKind::Refused);
    assert_eq!(exchanges(&site), 3, "another user is another matter");
    site.op.fault_times(Endpoint::Token, Fault::Error(400, "invalid_grant".into()), 1);
    let dead = ExchangeRequest::for_audience(BILLING).with_scopes(["pay:invoices"]);
    assert_eq!(site.auth.exchange(&ada, dead).await.unwrap_err().code(), Some("invalid_grant"));
    let reply = visitor.get("/token").await;
    assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn what_the_provider_says_or_does_not_say_is_told_apart() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let ada = token(&site, &visitor).await;
    for (number, (fault, expected)) in [
        (Fault::Error(401, "invalid_client".into()), ExchangeErrorKind::Client),
        (Fault::Error(400, "unauthorized_client".into()), ExchangeErrorKind::Client),
        (Fault::Error(400, "invalid_request".into()), ExchangeErrorKind::Refused),
        (Fault::Error(400, "unsupported_grant_type".into()), ExchangeErrorKind::Refused),
        (Fault::Error(403, "access_denied".into()), ExchangeErrorKind::Refused),
        (Fault::Error(400, "temporarily_unavailable".into()), ExchangeErrorKind::Unavailable),
        (Fault::Status(500), ExchangeErrorKind::Unavailable),
        (Fault::Status(404), ExchangeErrorKind::Unavailable),
        (Fault::DropConnection, ExchangeErrorKind::Unavailable),
        (Fault::DropResponse, ExchangeErrorKind::Unavailable),
        (Fault::Redirect("https://evil.example/".into()), ExchangeErrorKind::Unavailable),
        (Fault::garbage("<html></html>", "text/html"), ExchangeErrorKind::Unavailable),
    ]
    .into_iter()
    .enumerate()
    {
        site.op.clear_faults();
        site.op.fault(Endpoint::Token, fault.clone());
        // An audience of its own each, so that none finds another's failure.
        let request = ExchangeRequest::for_audience(format!("{BILLING}/{number}"));
        assert_eq!(kind(site.auth.exchange(&ada, request).await), expected, "{fault:?}");
    }
    site.op.clear_faults();
    assert_eq!(visitor.get("/token").await.status, StatusCode::OK);
    assert!(site.auth.exchange(&ada, invoices()).await.is_ok());
}
