//! Many threads at once: while keys are rotated and fetched, fail and hang, and while tokens are revoked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, IdentityProvider, SigningAlgorithm};
use auth_layer::{Clock, Issuer};
use http::StatusCode;
use tests::Api;
use tokio::time::timeout;

/// A provider whose clock ticks and can be moved ahead.
async fn ticking() -> IdentityProvider {
    let builder = IdentityProvider::builder().clock(Clock::adjustable()).signing(SigningAlgorithm::Es256);
    builder.start().await.unwrap()
}

fn faults() -> [Option<Fault>; 6] {
    [
        None,
        Some(Fault::Status(500)),
        None,
        Some(Fault::DropConnection),
        Some(Fault::garbage("{", "application/json")),
        Some(Fault::Delay(Duration::from_millis(20))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_becomes_of_fetches_every_request_is_answered_and_no_good_token_is_bad() {
    let api = Api::builder().over(&ticking().await).await;
    let (done, good) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (api, done, good) = (api.clone(), Arc::clone(&done), Arc::clone(&good));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    let token = api.fresh();
                    for _ in 0..2 {
                        let answered = timeout(Duration::from_secs(10), api.status(&token)).await;
                        match answered.expect("nobody waits for ever") {
                            StatusCode::OK => good.fetch_add(1, Ordering::Relaxed),
                            // What came of a fetch that failed.
                            StatusCode::SERVICE_UNAVAILABLE => 0,
                            other => panic!("{other}: the token is good"),
                        };
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for round in 0..ROTATIONS {
        if let Some(fault) = faults()[round % faults().len()].clone() {
            api.op.fault_times(Endpoint::Jwks, fault, 1);
        }
        // The cool-down ends first, since a key that comes within it is not known before its end.
        api.clock.advance(Duration::from_secs(if round % 3 == 0 { 301 } else { 31 }));
        api.op.rotate_keys(true);
        tokio::time::sleep(Duration::from_millis(10)).await;
        // What a fault kept back is caught up with before the next key comes, for the same reason.
        while api.status(&api.fresh()).await != StatusCode::OK {
            api.clock.advance(Duration::from_secs(31));
        }
    }
    done.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(good.load(Ordering::Relaxed) > ROTATIONS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_revoked_is_refused_from_then_on_though_keys_change_at_that_moment() {
    let api = Api::builder().over(&ticking().await).await;
    let issuer = Issuer::from(api.op.issuer());
    for round in 0..40_usize {
        let token = api.op.sign_access_token(&Api::ada().with_claim("jti", round.to_string()));
        let until = api.clock.now().plus(Duration::from_secs(3_600));
        api.clock.advance(Duration::from_secs(31));
        let revoked = Arc::new(AtomicBool::new(false));
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let (api, token, revoked) = (api.clone(), token.clone(), Arc::clone(&revoked));
                tokio::spawn(async move {
                    for _ in 0..10 {
                        let is_revoked = revoked.load(Ordering::SeqCst);
                        let status = api.status(&token).await;
                        assert!(!is_revoked || status == StatusCode::UNAUTHORIZED, "{status}");
                    }
                })
            })
            .collect();
        let rotating = tokio::spawn({
            let api = api.clone();
            async move {
                api.op.rotate_keys(true);
                api.status(&api.fresh()).await
            }
        });
        api.status(&token).await;
        api.auth.revoke_token(&issuer, &round.to_string(), until);
        revoked.store(true, Ordering::SeqCst);
        assert_eq!(api.status(&token).await, StatusCode::UNAUTHORIZED);
        assert_eq!(rotating.await.unwrap(), StatusCode::OK);
        for client in clients {
            client.await.unwrap();
        }
        assert_eq!(api.status(&token).await, StatusCode::UNAUTHORIZED);
    }
}

const ROTATIONS: usize = 40;
