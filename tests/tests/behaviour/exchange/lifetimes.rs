//! How long an exchanged token is served, and when the next one is got.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use serde_json::json;
use tests::{Site, eventually};

use super::kit::{HOUR, exchanges, invoices, kind, site, token};

fn lasting(site: &Site, expires_in: serde_json::Value) {
    site.op.fault(Endpoint::Token, Fault::rewrite(move |answer| answer["expires_in"] = expires_in.clone()));
}

#[tokio::test]
async fn the_next_token_is_got_ahead_of_the_end_while_the_old_one_is_served() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    lasting(&site, json!(600));
    let first = site.auth.exchange(&ada, invoices()).await.unwrap();
    site.clock.advance(Duration::from_secs(539));
    assert_eq!(site.auth.exchange(&ada, invoices()).await.unwrap().expose(), first.expose());
    assert_eq!(exchanges(&site), 1);
    site.clock.advance(Duration::from_secs(1));
    site.op.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
    for _ in 0..10 {
        assert_eq!(
            site.auth.exchange(&ada, invoices()).await.unwrap().expose(),
            first.expose(),
            "nobody waits"
        );
    }
    site.op.wait_until_held(1).await;
    site.op.release();
    let is_next = async || site.auth.exchange(&ada, invoices()).await.unwrap().expose() != first.expose();
    eventually("the next token is served", is_next).await;
    assert_eq!(exchanges(&site), 2);
}

#[tokio::test]
async fn a_token_ends_with_the_one_it_was_got_for_and_is_not_got_again_for_nothing() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    for expires_in in [json!(3_600), json!(864_000), json!(u64::MAX), json!("7200")] {
        let site = Site::builder().open().await;
        let ada = token(&site, &site.ada().await).await;
        lasting(&site, expires_in.clone());
        let billing = site.auth.exchange(&ada, invoices()).await.unwrap();
        assert_eq!(billing.expires_at(), ada.expires_at(), "{expires_in}");
        site.clock.advance(HOUR - Duration::from_secs(1));
        assert!(site.auth.exchange(&ada, invoices()).await.is_ok());
        assert_eq!(exchanges(&site), 1, "{expires_in}");
    }
    site.auth.exchange(&ada, invoices()).await.unwrap();
    site.clock.advance(HOUR);
    assert_eq!(format!("{:?}", kind(site.auth.exchange(&ada, invoices()).await)), "Expired");
    assert_eq!(exchanges(&site), 1, "an expired token is not even shown");
}

#[tokio::test]
async fn a_refreshed_session_exchanges_its_new_token() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let old = token(&site, &visitor).await;
    let before = site.auth.exchange(&old, invoices()).await.unwrap();
    site.clock.advance(HOUR);
    let new = token(&site, &visitor).await;
    assert_ne!(new.expose(), old.expose());
    let after = site.auth.exchange(&new, invoices()).await.unwrap();
    assert_ne!(after.expose(), before.expose());
    assert_eq!((exchanges(&site), site.refreshes()), (2, 1));
}
