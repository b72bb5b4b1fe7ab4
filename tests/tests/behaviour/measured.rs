//! What can be watched from outside: counters, with labels that nobody outside can multiply.

use std::collections::BTreeMap;
use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, TestLogoutToken};
use http::Request;
use http::header::CONTENT_TYPE;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tests::{Site, send_with_body};

use crate::outgoing::api::{Api, ada_at, proxying, token_of};

/// The counters by name and labels.
fn counters(snapshotter: &Snapshotter) -> BTreeMap<String, u64> {
    let entries = snapshotter.snapshot().into_vec().into_iter();
    let named = entries.filter_map(|(key, _, _, value)| match value {
        DebugValue::Counter(count) => {
            let labels: Vec<String> = key.key().labels().map(|label| label.value().to_owned()).collect();
            Some((format!("{} {}", key.key().name(), labels.join(",")).trim().to_owned(), count))
        }
        _ => None,
    });
    named.collect()
}

#[tokio::test]
async fn exchanges_and_tokens_that_were_served_meanwhile_are_counted() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let site = Site::open().await;
    let ada = site.ada().await;
    site.op.fault_times(Endpoint::Token, Fault::Status(503), 1);
    site.clock.advance(Duration::from_secs(3_600 - 30));
    ada.get("/token").await.token();
    site.clock.advance(Duration::from_secs(60));
    ada.get("/token").await.token();
    let expected = [
        ("auth_layer_jwks_fetches_total fetched", 2),
        ("auth_layer_living_token_served_total", 1),
        ("auth_layer_token_exchanges_total none,refresh_token", 1),
        ("auth_layer_token_exchanges_total s,login", 1),
        ("auth_layer_token_exchanges_total seacft,authorization_code", 1),
        ("auth_layer_token_exchanges_total sertft,refresh_token", 1),
    ];
    assert_eq!(counters(&snapshotter), expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[tokio::test]
async fn requests_that_are_passed_on_and_tokens_that_are_refused_are_counted_by_what_came_of_them() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let (site, api) = (Site::open().await, Api::start().await);
    let app = proxying(&site, site.auth.proxy("/api", &api.url).unwrap());
    let ada = ada_at(&site, app.clone()).await;
    api.refuse(&token_of(&site, &ada).await);
    ada.get("/api/a").await;
    api.refuse_all();
    ada.get("/api/a").await;
    site.visitor().at(app).get("/api/a").await;
    let mut counted = counters(&snapshotter);
    counted.retain(|name, _| name.contains("proxied") || name.contains("refused"));
    let expected = [
        ("auth_layer_proxied_total answered", 1),
        ("auth_layer_proxied_total failed", 1),
        ("auth_layer_proxied_total refused", 1),
        ("auth_layer_tokens_refused_total just_replaced", 1),
        ("auth_layer_tokens_refused_total replaced", 1),
    ];
    assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[tokio::test]
async fn logouts_of_the_provider_are_counted_by_what_came_of_them() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let site = Site::open().await;
    let token = site.op.mint_logout_token(&TestLogoutToken::of_session("s1"));
    site.op.fault_times(Endpoint::Jwks, Fault::Status(503), 1);
    for seconds in [1, 0, 0] {
        let request = Request::post("/auth/backchannel-logout");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        send_with_body(site.app(), request, format!("logout_token={token}")).await;
        site.clock.advance(Duration::from_secs(seconds));
    }
    let expected = [
        ("auth_layer_backchannel_logouts_total done", 1),
        ("auth_layer_backchannel_logouts_total failed", 1),
        ("auth_layer_backchannel_logouts_total refused", 1),
        ("auth_layer_jwks_fetches_total failed", 1),
        ("auth_layer_jwks_fetches_total fetched", 1),
    ];
    assert_eq!(counters(&snapshotter), expected.map(|(name, count)| (name.to_owned(), count)).into());
}
