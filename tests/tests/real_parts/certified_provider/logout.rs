//! Logout at the application and at the provider.

use http::StatusCode;
use http::header::LOCATION;

use crate::app::App;
use crate::node::{BASIC, POST};

#[tokio::test]
async fn logout_at_the_provider_comes_back_to_the_application() {
    let app = App::start(BASIC).await;
    let (person, _) = app.log_in("ada").await;

    let asked = person.open(&app.url("/auth/logout")).await;
    assert!(asked.url.as_str().starts_with(&app.provider.issuer), "{}", asked.url);
    assert!(asked.body.contains("Do you want to sign-out"), "{}", asked.body);
    let landed = person.submit(&asked, &[("logout", "yes")]).await;

    assert_eq!(landed.url.as_str(), app.url("/"));
    assert_eq!(landed.body, "nobody");
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::UNAUTHORIZED);
    // The provider forgot the user too: it asks for a login and not for consent alone.
    let again = person.open(&app.url("/auth/login")).await;
    assert!(again.body.contains("name=\"login\""), "{}", again.body);
}

#[tokio::test]
async fn logout_revokes_the_newest_refresh_token_at_once() {
    let app = App::start(POST).await;
    let (person, _) = app.log_in("ada").await;
    app.let_access_tokens_expire();
    assert_eq!(person.call(&app.url("/products")).await.status, StatusCode::OK);
    let newest = app.provider.issued_refresh_tokens().await.pop().unwrap();

    // The browser goes no further than the application's answer.
    let answer = person.call(&app.url("/auth/logout")).await;

    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(answer.headers[LOCATION].to_str().unwrap().contains("id_token_hint="));
    assert!(!person.has_cookie("auth_session"));
    assert_eq!(app.provider.count("revoked").await, 1);
    assert_eq!(app.provider.spend(&newest).await.as_deref(), Some("invalid_grant"));
}
