//! The same program, by axum's router and by the guarded one, gives the same answers.

use auth_layer::axum::public_service;
use http::Request;
use tests::{Reply, Site, Visitor};

use super::program::{METHODS, PATHS, program};

async fn answer(visitor: &Visitor, method: &str, path: &str) -> Reply {
    let request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
    visitor.send(request).await
}

#[tokio::test]
async fn every_request_is_answered_as_by_axums_own_router() {
    let site = Site::open().await;
    let by_axum: axum::Router = program!(axum, plain);
    let guarded: auth_layer::axum::Router = program!(auth_layer::axum, public_service);
    let ada = site.ada().await;
    for who in [site.visitor(), ada] {
        let of_axum = who.at(by_axum.clone().layer(site.auth.layer()));
        let of_ours = who.at(guarded.clone().layer(site.auth.layer()).into());
        for path in PATHS {
            for method in METHODS {
                let (expected, found) =
                    (answer(&of_axum, method, path).await, answer(&of_ours, method, path).await);
                assert_eq!(
                    (found.status, found.headers, found.body),
                    (expected.status, expected.headers, expected.body),
                    "{method} {path}"
                );
            }
        }
    }
}

#[tokio::test]
async fn after_its_fallback_was_reset_it_answers_as_axums_does() {
    let site = Site::open().await;
    let by_axum: axum::Router = program!(axum, plain).reset_fallback();
    let guarded: auth_layer::axum::Router = program!(auth_layer::axum, public_service).reset_fallback();
    let (of_axum, of_ours) = (site.visitor().at(by_axum), site.visitor().at(guarded.into()));
    for path in ["/nowhere", "/deep/nowhere", "/kept/nowhere", "/merged"] {
        let (expected, found) = (answer(&of_axum, "GET", path).await, answer(&of_ours, "GET", path).await);
        assert_eq!((found.status, found.body), (expected.status, expected.body), "{path}");
    }
}
