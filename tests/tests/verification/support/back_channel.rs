//! Requests to the back-channel logout, and how they are refused.

use auth_layer::testing::{TestLogoutToken, User};
use axum::body::Body;
use http::Request;
use http::request::Builder;
use serde_json::Value;
use tower::ServiceExt as _;

use super::app::App;
use super::browser::Browser;
use super::page::Page;

pub(crate) const PATH: &str = "/auth/backchannel-logout";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The application, and Ada who is logged in there.
pub(crate) async fn shop() -> (App, Browser) {
    let app = App::start().await;
    let ada = app.browser().logged_in(&User::ada()).await;
    (app, ada)
}

pub(crate) fn form() -> Builder {
    Request::post(PATH).header("content-type", FORM)
}

pub(crate) async fn send(app: &App, request: Builder, body: impl Into<Body>) -> Page {
    let request = request.body(body.into()).unwrap();
    Page::of(app.router.clone().oneshot(request).await.unwrap()).await
}

pub(crate) async fn tell(app: &App, token: &str) -> Page {
    send(app, form(), format!("logout_token={token}")).await
}

pub(crate) fn of_ada() -> TestLogoutToken {
    TestLogoutToken::of_user(User::ada().subject())
}

/// Asserts that the request was refused with this status, and that Ada is still logged in.
pub(crate) async fn assert_refused(page: &Page, status: u16, ada: &mut Browser, attack: &str) {
    assert_eq!(page.status, status, "{attack}: {page:?}");
    assert_eq!(page.header("cache-control"), "no-store", "{attack}");
    assert!(page.set_cookies().is_empty(), "{attack}: {page:?}");
    if status != 405 {
        let error: Value = serde_json::from_str(&page.body).unwrap();
        assert_eq!(error["error"], "invalid_request", "{attack}");
        assert!(error["error_description"].as_str().is_some_and(|text| !text.is_empty()), "{attack}");
    }
    assert_eq!(ada.who().await, "local|ada", "{attack}");
}
