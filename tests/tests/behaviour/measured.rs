//! What can be watched from outside: counters, with labels that nobody outside can multiply.

use std::collections::BTreeMap;
use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tests::Site;

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
        ("auth_layer_token_exchanges_total none", 1),
        ("auth_layer_token_exchanges_total s", 1),
        ("auth_layer_token_exchanges_total seacft", 1),
        ("auth_layer_token_exchanges_total sertft", 1),
    ];
    assert_eq!(counters(&snapshotter), expected.map(|(name, count)| (name.to_owned(), count)).into());
}
