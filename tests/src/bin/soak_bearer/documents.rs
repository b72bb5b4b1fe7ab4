//! Answers that are huge: they take no memory to speak of, and the old keys stay.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use http::StatusCode;
use tokio::runtime::Handle;

use crate::open;
use crate::seen::{mebibytes, resident};

pub(crate) async fn run(on: &Handle) {
    let api = open(on, |api| api).await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    let faults = [
        ("100 MB", Fault::Flood(100_000_000)),
        ("10,000 keys", Fault::many_keys(10_000)),
        ("100 keys", Fault::many_keys(99)),
    ];
    for (name, fault) in faults {
        api.op.fault(Endpoint::Jwks, fault);
        let before = resident();
        let mut most = before;
        for _ in 0..20 {
            api.clock.advance(Duration::from_secs(31));
            let unknown = api.op.sign_access_token(&tests::Api::ada().with_header("kid", "unknown"));
            let (status, ()) = tokio::join!(api.status(&unknown), async {
                most = most.max(resident());
            });
            most = most.max(resident());
            assert_ne!(status, StatusCode::OK);
            assert_eq!(api.status(&known).await, StatusCode::OK, "the old keys stay");
        }
        println!(
            "documents: {name}, twenty times: {} more at most, {} in the end",
            mebibytes(most - before),
            mebibytes(resident().saturating_sub(before)),
        );
        assert!(most - before <= 16 * 1024 * 1024, "the provider, which is in this process, included");
    }
}
