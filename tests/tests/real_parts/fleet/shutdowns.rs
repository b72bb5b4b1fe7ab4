//! Shops that are asked to end in the middle of refreshes.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use http::StatusCode;
use tests::Keep;

use super::rig::SESSION;
use super::{Engine, Rig};

/// Ends a shop in the middle of refreshes, twice; every other client has hung up before.
async fn terminated(keep: Keep, delays: [u64; 2]) {
    let engine = Engine::redis().await;
    let mut rig = Rig::start(&engine, keep).await;
    let mut refreshed = 0;
    for delay in delays {
        let visitors = rig.expired(SESSIONS).await;
        let before = rig.refreshes();
        rig.op.fault(Endpoint::Token, Fault::HoldResponseUntilReleased);
        let requests: Vec<_> = visitors
            .iter()
            .map(|visitor| {
                let (mut visitor, url) = (visitor.clone(), rig.url(0, SESSION));
                tokio::spawn(async move { visitor.get(&url).await })
            })
            .collect();
        rig.op.wait_until_held(SESSIONS).await;
        requests.iter().step_by(2).for_each(|request| request.abort());
        let op = rig.op.clone();
        let releasing = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            op.clear_faults();
        });
        assert_eq!(rig.shops.terminate(0).await, Some(0), "{}: the exit code", rig.name);
        releasing.await.unwrap();
        for (number, request) in requests.into_iter().enumerate() {
            match request.await {
                Ok(answer) => assert_eq!(answer.status, StatusCode::OK, "{answer:?}"),
                Err(error) => assert!(error.is_cancelled() && number % 2 == 0, "{error}"),
            }
        }
        rig.shops.restart(0).await;
        // With the cookies of before, as of a browser that saw no answer.
        for (number, visitor) in visitors.iter().enumerate() {
            let answer = visitor.clone().get(&rig.url(number % 3, SESSION)).await;
            assert_eq!(answer.subject().as_ref(), Some(&visitor.subject), "{}: {answer:?}", rig.name);
        }
        refreshed += rig.refreshes() - before;
    }
    assert_eq!(refreshed, 2 * SESSIONS, "{}", rig.name);
    assert_eq!(rig.reuses(), 0, "{}", rig.name);
    println!(
        "F29: SIGTERM in the middle of {refreshed} refreshes, {delays:?} ms before the provider's answers ({}): \
         exit code 0, {refreshed} of {refreshed} rotations saved, 0 refresh tokens used twice",
        rig.name
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_asked_to_end_saves_what_its_refreshes_bring() {
    tokio::join!(terminated(Keep::InCookies, [50, 210]), terminated(Keep::InTheStore, [130, 300]));
}

const SESSIONS: usize = 25;
