//! A login whose end the browser asks for at two instances.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault, User};
use http::StatusCode;
use tests::{BASE_URL, Keep, Site};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_callback_that_comes_twice_at_two_instances_is_one_exchange_and_one_session() {
    for keep in Keep::BOTH {
        for at_once in [false, true] {
            let fleet = Site::builder().open_fleet(2, keep).await;
            let ada = fleet.visitor();
            let departure = ada.get("/auth/login").await;
            let callback = fleet.op.browser().log_in(&User::ada(), &departure.location()).await.unwrap();
            let callback = callback[BASE_URL.len()..].to_owned();
            let (first, second) = (ada.copied(), fleet.at(1, &ada.copied()));
            if at_once {
                fleet.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
            }
            let going = tokio::spawn({
                let (first, callback) = (first.clone(), callback.clone());
                async move { first.get(&callback).await }
            });
            if at_once {
                fleet.op.wait_until_held(1).await;
                let op = fleet.op.clone();
                tokio::spawn(async move {
                    tokio::task::yield_now().await;
                    op.release();
                });
            } else {
                tests::eventually("the first is in", async || {
                    first.get("/session").await.status == StatusCode::OK
                })
                .await;
            }
            let again = second.get(&callback).await;
            let before = going.await.unwrap();
            assert_eq!(
                (before.status, again.status),
                (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER),
                "{keep:?}"
            );
            assert_eq!(before.location(), again.location(), "{keep:?}");
            assert_eq!(fleet.op.token_calls("authorization_code"), 1, "{keep:?}");
            fleet.clock.advance(HOUR);
            for visitor in [&first, &second] {
                assert_eq!(visitor.get("/token").await.status, StatusCode::OK, "{keep:?}: the grant lives");
            }
        }
    }
}
