//! A login that is to be fresher or stronger (RFC 9470), at a provider that knows one of the two.

use std::time::Duration;

use http::StatusCode;

use crate::app::App;
use crate::node::BASIC;

#[tokio::test]
async fn a_page_that_wants_a_fresh_login_gets_one_and_opens() {
    let app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    // Unasked, this provider does not say when its user authenticated (OpenID Connect Core §2).
    assert_eq!(person.call(&app.url("/recent")).await.status, StatusCode::UNAUTHORIZED);
    let consent_page = person.open(&app.url("/recent")).await;
    assert!(consent_page.url.as_str().starts_with(&app.provider.issuer), "{}", consent_page.url);
    let landed = person.submit(&consent_page, &[]).await;
    assert_eq!(
        (landed.status, landed.url.as_str()),
        (StatusCode::OK, &*app.url("/recent")),
        "{}",
        landed.body
    );
    assert_eq!(person.call(&app.url("/recent")).await.status, StatusCode::OK);

    app.clock.advance(Duration::from_secs(331));
    assert_eq!(person.call(&app.url("/recent")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_provider_that_does_not_know_the_class_ends_in_a_refusal_and_not_in_a_circle() {
    let app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;
    let consent_page = person.open(&app.url("/vault")).await;
    let landed = person.submit(&consent_page, &[]).await;
    assert_eq!(landed.status, StatusCode::FORBIDDEN, "{}", landed.body);
    assert!(landed.body.contains("did not authenticate you as this page requires"), "{}", landed.body);
    // Whoever was logged in still is.
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::OK);
}
