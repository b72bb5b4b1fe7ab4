//! Session keys are rolled while the instances serve, one instance after the other.

use std::time::Duration;

use auth_layer::{AuthConfig, Clock};
use http::StatusCode;
use tests::{BASE_URL, Fleet, Keep, SHOP, Site, Visitor, routes_behind};

const OLD: &str = tests::SESSION_KEY;
const NEW: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

/// The browser as an instance with these keys sees it, which has just been started.
async fn started(fleet: &Fleet, keep: Keep, keys: &[&str], ada: &Visitor) -> Visitor {
    let op = &fleet.op;
    let config = AuthConfig::builder(&op.issuer(), &op.client_id(), BASE_URL)
        .with_client_secret(op.client_secret())
        .with_audience(SHOP)
        .with_scopes("openid profile email offline_access read:products write:products")
        .with_clock(Clock::clone(&fleet.clock));
    let config = keys.iter().fold(config, |config, key| config.add_session_key(*key));
    let auth = keep.discover(config.build().unwrap(), fleet.store.clone()).await.unwrap();
    ada.at(routes_behind(&auth))
}

#[tokio::test]
async fn keys_are_rolled_in_three_steps_and_nobody_is_logged_out() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(1, keep).await;
        let ada = fleet.ada().await;
        // All of the instances open with a key before the first of them seals with it.
        let steps: [&[&str]; 4] = [&[OLD], &[OLD, NEW], &[NEW, OLD], &[NEW]];
        for pair in steps.windows(2) {
            let before = started(&fleet, keep, pair[0], &ada).await;
            let after = started(&fleet, keep, pair[1], &ada).await;
            for visitor in [&before, &after, &before, &after] {
                // The session rolls.
                fleet.clock.advance(Duration::from_secs(900));
                assert_eq!(visitor.get("/session").await.body, "local|ada", "{keep:?}: {pair:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_seals_before_all_instances_know_it_logs_out_whoever_comes_to_the_others() {
    for keep in Keep::BOTH {
        let fleet = Site::builder().open_fleet(1, keep).await;
        let ada = fleet.ada().await;
        let (before, after) =
            (started(&fleet, keep, &[OLD], &ada).await, started(&fleet, keep, &[NEW, OLD], &ada).await);
        assert_eq!(after.get("/session").await.status, StatusCode::OK);
        assert_eq!(before.get("/session").await.status, StatusCode::UNAUTHORIZED, "{keep:?}");
    }
}
