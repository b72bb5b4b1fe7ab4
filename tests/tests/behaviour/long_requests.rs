//! Requests that outlive the grace period: a stream, a large export, a socket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth_layer::session::MemoryStore;
use auth_layer::{AccessToken, Session};
use axum::Router;
use axum::routing::get;
use http::StatusCode;
use tests::{Site, Visitor};
use tokio::sync::Notify;

const HOUR: Duration = Duration::from_secs(3_600);
/// Longer than the grace period.
const WHILE: Duration = Duration::from_secs(61);

/// A visitor's session, as the task behind a stream holds it after the response has left.
async fn held(site: &Site, visitor: &Visitor) -> Session {
    let kept = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&kept);
    let stream = get(async move |session: Session| drop(keep.lock().unwrap().replace(session)));
    let app = Router::new().route("/stream", stream).layer(site.auth.layer());
    assert_eq!(visitor.at(app).get("/stream").await.status, StatusCode::OK);
    kept.lock().unwrap().take().unwrap()
}

#[tokio::test]
async fn a_stream_refreshes_time_and_again() {
    let stored = Site::builder().open_with_store(MemoryStore::new).await;
    for (home, site) in [("cookie", Site::open().await), ("store", stored)] {
        let ada = site.ada().await;
        let session = held(&site, &ada).await;
        for cycle in 1..=3 {
            site.clock.advance(HOUR);
            assert!(session.access_token().await.is_ok(), "{home}, cycle {cycle}");
            assert_eq!((site.refreshes(), site.op.log_count("ferrt")), (cycle, 0), "{home}");
        }
        assert_eq!(ada.get("/token").await.status, StatusCode::OK, "{home}");
    }
}

#[tokio::test]
async fn a_stream_spends_no_refresh_token_that_its_browser_has_spent() {
    let stored = Site::builder().open_with_store(MemoryStore::new).await;
    for (home, site) in [("cookie", Site::open().await), ("store", stored)] {
        let ada = site.ada().await;
        let session = held(&site, &ada).await;
        site.clock.advance(HOUR);
        // The second request shows the successor: the grace period begins.
        let token = [ada.get("/token").await, ada.get("/token").await][1].token();
        site.clock.advance(WHILE);
        assert_eq!(session.access_token().await.unwrap().expose(), token, "{home}");
        assert_eq!((site.refreshes(), site.op.log_count("ferrt")), (1, 0), "{home}");
    }
}

#[tokio::test]
async fn a_response_that_took_longer_than_the_grace_does_not_bring_spent_tokens_back() {
    let site = Site::open().await;
    let ada = site.ada().await;
    let (began, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (at_first, at_last) = (Arc::clone(&began), Arc::clone(&done));
    let export = get(async move |_: AccessToken| {
        at_first.notify_one();
        at_last.notified().await;
    });
    let slow = ada.at(Router::new().route("/export", export).layer(site.auth.layer()));
    site.clock.advance(HOUR);
    let slow = tokio::spawn(async move { slow.get("/export").await });
    began.notified().await;
    ada.get("/force").await.token();
    let newest = ada.get("/token").await.token();
    site.clock.advance(WHILE);
    done.notify_one();
    assert_eq!(slow.await.unwrap().status, StatusCode::OK);
    assert_eq!(ada.get("/token").await.token(), newest);
    site.clock.advance(HOUR);
    assert_eq!(ada.get("/token").await.status, StatusCode::OK);
    assert_eq!(site.op.log_count("ferrt"), 0);
}
