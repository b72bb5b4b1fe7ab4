//! Instances that share a store exchange once for all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use auth_layer::exchange::{ExchangeError, ExchangeErrorKind, ExchangeRequest};
use auth_layer::session::{Groups, MemoryStore, SessionStore};
use auth_layer::testing::{Endpoint, Fault, User};
use auth_layer::{AccessToken, Auth, Session};
use http::Request;
use tests::{BILLING, Fleet, Keep, Mood, Visitor, eventually, routes_behind};
use tokio::time::timeout;

use super::kit::{HOUR, TOKEN_EXCHANGE, captured, claims, invoices, kind, site};

const FEDERATED: &str = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

/// The token that a handler of an instance is given.
async fn token(fleet: &Fleet, instance: usize, visitor: &Visitor) -> AccessToken {
    captured(&fleet.auths[instance], visitor, Request::get("/captured")).await
}

async fn exchange(fleet: &Fleet, instance: usize, visitor: &Visitor) -> Result<AccessToken, ExchangeError> {
    fleet.auths[instance].exchange(&token(fleet, instance, visitor).await, invoices()).await
}

fn posts(fleet: &Fleet) -> usize {
    fleet.op.token_calls(TOKEN_EXCHANGE)
}

/// Whether a text is in the store, in a name or in a record.
fn is_legible(fleet: &Fleet, text: &str) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    fleet.store.written().iter().any(|(name, bytes)| holds(name.as_bytes()) || holds(bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_callers_at_four_instances_make_one_post_for_each_user() {
    for keep in Keep::BOTH {
        let fleet = site().open_fleet(4, keep).await;
        let mut calls = Vec::new();
        for (user, subject) in [(User::ada(), "local|ada"), (User::bob(), "local|bob")] {
            let visitor = fleet.visitor();
            visitor.log_in(&user).await;
            for call in 0..100 {
                let (auth, held) = (fleet.auths[call % 4].clone(), token(&fleet, call % 4, &visitor).await);
                calls.push(tokio::spawn(async move {
                    let billing = auth.exchange(&held, invoices()).await.unwrap();
                    assert_eq!(claims(&billing)["sub"], subject);
                    billing.expose().to_owned()
                }));
            }
        }
        let mut seen = BTreeSet::new();
        for call in calls {
            seen.insert(call.await.unwrap());
        }
        assert_eq!((posts(&fleet), seen.len()), (2, 2), "{keep:?}");
    }
}

/// A store that promises to decide within one process is shared there all the same.
#[tokio::test]
async fn two_that_share_a_store_in_one_process_exchange_once() {
    let fleet = site().open_fleet(1, Keep::InTheStore).await;
    let store = MemoryStore::new(fleet.clock.clone());
    let mut auths = Vec::new();
    for _ in 0..2 {
        auths.push(Auth::discover_with_store(fleet.config.clone(), store.clone()).await.unwrap());
    }
    let ada = fleet.visitor().at(routes_behind(&auths[0]));
    ada.log_in(&User::ada()).await;
    let mut seen = BTreeSet::new();
    for auth in &auths {
        let held: AccessToken = captured(auth, &ada, Request::get("/captured")).await;
        seen.insert(auth.exchange(&held, invoices()).await.unwrap().expose().to_owned());
    }
    assert_eq!((posts(&fleet), seen.len()), (1, 1));
}

#[tokio::test]
async fn what_an_instance_finds_is_as_what_it_would_have_got() {
    for keep in Keep::BOTH {
        let fleet = site().open_fleet(2, keep).await;
        let ada = fleet.ada().await;
        let first = exchange(&fleet, 0, &ada).await.unwrap();
        let found = exchange(&fleet, 1, &ada).await.unwrap();
        assert_eq!((found.expose(), posts(&fleet)), (first.expose(), 1));
        assert_eq!((found.audience(), found.scopes()), (Some(BILLING), first.scopes()));
        assert_eq!((found.expires_at(), found.principal()), (first.expires_at(), first.principal()));
        assert_eq!(format!("{:?}", found.source()), "Exchange");
        let narrower = ExchangeRequest::for_audience(BILLING);
        let other = fleet.auths[1].exchange(&token(&fleet, 1, &ada).await, narrower).await.unwrap();
        assert_ne!(other.expose(), first.expose(), "asked for with other scopes it is another token");
    }
}

#[tokio::test]
async fn a_token_that_another_instance_has_is_one_look_and_one_at_hand_is_none() {
    let fleet = site().open_fleet(2, Keep::InCookies).await;
    let ada = fleet.ada().await;
    let held = [token(&fleet, 0, &ada).await, token(&fleet, 1, &ada).await];
    let mut calls = Vec::new();
    for instance in [0, 1, 0, 1] {
        let before = fleet.store.calls();
        fleet.auths[instance].exchange(&held[instance], invoices()).await.unwrap();
        calls.push(fleet.store.calls() - before);
    }
    // Who asks looks, takes the lease, looks again, looks and leaves the token, and gives the lease back.
    assert_eq!(calls, [6, 1, 0, 0]);
}

#[tokio::test]
async fn a_token_that_an_api_refused_is_replaced_for_all_instances() {
    let fleet = site().open_fleet(3, Keep::InTheStore).await;
    let ada = fleet.ada().await;
    let refused = exchange(&fleet, 0, &ada).await.unwrap();
    let refused_at_the_other = exchange(&fleet, 1, &ada).await.unwrap();
    let mut got = BTreeSet::new();
    for (instance, refused) in [(0, &refused), (1, &refused_at_the_other), (1, &refused_at_the_other)] {
        let held = token(&fleet, instance, &ada).await;
        let next = fleet.auths[instance].exchange(&held, invoices().instead_of(refused)).await.unwrap();
        assert_ne!(next.expose(), refused.expose());
        got.insert(next.expose().to_owned());
    }
    got.insert(exchange(&fleet, 2, &ada).await.unwrap().expose().to_owned());
    assert_eq!((posts(&fleet), got.len()), (2, 1));
}

#[tokio::test]
async fn a_renewal_is_one_post_for_all_instances() {
    let fleet = site().open_fleet(3, Keep::InTheStore).await;
    let ada = fleet.ada().await;
    // The next of it would not end as soon as the token that is exchanged.
    fleet.op.fault(Endpoint::Token, Fault::rewrite(|answer| answer["expires_in"] = 600.into()));
    let first = exchange(&fleet, 0, &ada).await.unwrap();
    for instance in 1..3 {
        exchange(&fleet, instance, &ada).await.unwrap();
    }
    fleet.clock.advance(Duration::from_secs(570));
    eventually("all instances have the other token", async || {
        let mut seen = BTreeSet::new();
        for instance in 0..3 {
            seen.insert(exchange(&fleet, instance, &ada).await.unwrap().expose().to_owned());
        }
        seen.len() == 1 && !seen.contains(first.expose())
    })
    .await;
    assert_eq!(posts(&fleet), 2);
}

#[tokio::test]
async fn one_refusal_holds_all_instances_back_and_each_says_the_same() {
    for (fault, kind, code) in [
        (Fault::Error(400, "invalid_target".into()), ExchangeErrorKind::Refused, Some("invalid_target")),
        (Fault::Error(401, "invalid_client".into()), ExchangeErrorKind::Client, Some("invalid_client")),
        (Fault::RetryAfter(429, Duration::from_secs(30)), ExchangeErrorKind::Unavailable, None),
    ] {
        let fleet = site().open_fleet(3, Keep::InCookies).await;
        let ada = fleet.ada().await;
        fleet.op.fault(Endpoint::Token, fault);
        for instance in [0, 1, 2, 1] {
            let error = exchange(&fleet, instance, &ada).await.unwrap_err();
            assert_eq!((error.kind(), error.code()), (kind, code));
            assert!(error.retry_after().is_some_and(|wait| !wait.is_zero()), "{error:?}");
        }
        assert_eq!(posts(&fleet), 1, "{code:?}");
        fleet.op.clear_faults();
        fleet.clock.advance(Duration::from_secs(120));
        for instance in 0..3 {
            exchange(&fleet, instance, &ada).await.unwrap();
        }
        assert_eq!(posts(&fleet), 2, "{code:?}");
    }
}

#[tokio::test]
async fn an_instance_that_starts_in_an_outage_of_the_provider_is_served_what_another_left() {
    let fleet = site().open_fleet(2, Keep::InTheStore).await;
    let ada = fleet.ada().await;
    fleet.op.fault(Endpoint::Token, Fault::rewrite(|answer| answer["expires_in"] = 600.into()));
    let first = exchange(&fleet, 0, &ada).await.unwrap();
    fleet.op.clear_faults();
    fleet.op.fault(Endpoint::Token, Fault::Status(503));
    // It is to be renewed by now, and lives.
    fleet.clock.advance(Duration::from_secs(570));
    for _ in 0..5 {
        assert_eq!(exchange(&fleet, 1, &ada).await.unwrap().expose(), first.expose());
    }
    eventually("the provider is asked for another", async || posts(&fleet) == 2).await;
    assert_eq!(exchange(&fleet, 1, &ada).await.unwrap().expose(), first.expose());
    assert_eq!(posts(&fleet), 2, "once");
}

#[tokio::test]
async fn while_the_store_is_away_each_instance_exchanges_for_itself_and_once() {
    for mood in [Mood::Away, Mood::Stuck] {
        let fleet = site().open_fleet(2, Keep::InTheStore).await;
        let ada = fleet.ada().await;
        let held = [token(&fleet, 0, &ada).await, token(&fleet, 1, &ada).await];
        fleet.store.set(mood);
        for _ in 0..2 {
            for (auth, held) in fleet.auths.iter().zip(&held) {
                auth.exchange(held, invoices()).await.unwrap();
            }
        }
        assert_eq!(posts(&fleet), 2, "{mood:?}");
    }
}

#[tokio::test]
async fn neither_token_is_legible_in_the_store_and_a_record_that_was_tampered_with_is_none() {
    let fleet = site().open_fleet(2, Keep::InCookies).await;
    let ada = fleet.ada().await;
    let billing = exchange(&fleet, 0, &ada).await.unwrap();
    assert!(!is_legible(&fleet, billing.expose()));
    assert!(!is_legible(&fleet, token(&fleet, 0, &ada).await.expose()));
    let mut records = 0;
    for (name, mut bytes) in fleet.store.written() {
        if name.starts_with("x:") {
            records += 1;
            fleet.store.remove(&name).await.unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fleet.store.insert(&name, bytes, HOUR, Groups::none()).await.unwrap();
        }
    }
    assert_eq!(records, 1);
    let other = exchange(&fleet, 1, &ada).await.unwrap();
    assert_eq!(posts(&fleet), 2);
    assert_ne!(other.expose(), billing.expose());
}

#[tokio::test]
async fn after_a_logout_no_instance_serves_the_next_session_what_was_got_for_the_last() {
    let fleet = site().open_fleet(2, Keep::InTheStore).await;
    let ada = fleet.ada().await;
    let before = exchange(&fleet, 0, &ada).await.unwrap();
    ada.get("/auth/logout").await;
    ada.log_in(&User::ada()).await;
    for instance in 0..2 {
        assert_ne!(exchange(&fleet, instance, &ada).await.unwrap().expose(), before.expose());
    }
    assert_eq!(posts(&fleet), 2);
}

#[tokio::test]
async fn the_token_of_a_connection_is_one_for_all_instances_also_past_a_refresh() {
    for keep in Keep::BOTH {
        let fleet = site().open_fleet(3, keep).await;
        let ada = fleet.ada().await;
        let mut seen = BTreeSet::new();
        for instance in 0..3 {
            let session: Session = captured(&fleet.auths[instance], &ada, Request::get("/captured")).await;
            let google = session.federated_token("google-oauth2").await.unwrap();
            assert_eq!(format!("{:?}", google.source()), "Connection");
            seen.insert(google.expose().to_owned());
            // Its refresh token is another one afterwards, and the connection's the same.
            ada.get("/force").await;
        }
        assert_eq!((fleet.op.token_calls(FEDERATED), seen.len()), (1, 1), "{keep:?}");
        assert!(!is_legible(&fleet, seen.first().unwrap()));
        let bob = fleet.visitor();
        bob.log_in(&User::bob()).await;
        let session: Session = captured(&fleet.auths[1], &bob, Request::get("/captured")).await;
        let of_bob = session.federated_token("google-oauth2").await.unwrap();
        assert!(of_bob.expose().starts_with("google-oauth2.bob@gmail.example."));
        assert_eq!(kind(session.federated_token("github").await), ExchangeErrorKind::Refused);
        assert_eq!(fleet.op.token_calls(FEDERATED), 3);
    }
}

/// A caller does not wait for the next token where the one that is there lives.
#[tokio::test]
async fn an_instance_that_starts_serves_what_lives_while_the_provider_is_slow() {
    let fleet = site().open_fleet(2, Keep::InTheStore).await;
    let ada = fleet.ada().await;
    fleet.op.fault(Endpoint::Token, Fault::rewrite(|answer| answer["expires_in"] = 600.into()));
    let first = exchange(&fleet, 0, &ada).await.unwrap();
    fleet.op.clear_faults();
    fleet.clock.advance(Duration::from_secs(570));
    fleet.op.fault(Endpoint::Token, Fault::HoldUntilReleased);
    // It renews in the background, and holds the lease.
    assert_eq!(exchange(&fleet, 0, &ada).await.unwrap().expose(), first.expose());
    fleet.op.wait_until_held(1).await;
    let held = token(&fleet, 1, &ada).await;
    for _ in 0..2 {
        let served = timeout(Duration::from_secs(2), fleet.auths[1].exchange(&held, invoices())).await;
        assert_eq!(served.expect("it lives").unwrap().expose(), first.expose());
    }
    fleet.op.clear_faults();
    eventually("the instance has the other token", async || {
        exchange(&fleet, 1, &ada).await.unwrap().expose() != first.expose()
    })
    .await;
    assert_eq!(posts(&fleet), 2);
}

/// A process that was suspended reads an answer long after it was given.
#[tokio::test]
async fn a_token_is_as_old_as_the_request_for_it_and_a_dead_one_is_left_to_nobody() {
    for (late, lives) in [(300, true), (700, false)] {
        let fleet = site().open_fleet(2, Keep::InTheStore).await;
        let ada = fleet.ada().await;
        let held = token(&fleet, 0, &ada).await;
        let session: Session = captured(&fleet.auths[0], &ada, Request::get("/captured")).await;
        for grant in ["of the user", "of the connection"] {
            let (clock, began) = (fleet.clock.clone(), fleet.clock.now());
            let answer_late = Fault::rewrite(move |answer| {
                answer["expires_in"] = 600.into();
                clock.advance(Duration::from_secs(late));
            });
            fleet.op.fault_times(Endpoint::Token, answer_late, 1);
            let outcome = match grant {
                "of the user" => fleet.auths[0].exchange(&held, invoices()).await,
                _ => session.federated_token("google-oauth2").await,
            };
            match outcome {
                Ok(token) if lives => {
                    assert_eq!(token.expires_at(), began.plus(Duration::from_secs(600)), "{grant}");
                }
                Err(error) if !lives => assert_eq!(error.kind(), ExchangeErrorKind::Unavailable, "{grant}"),
                outcome => panic!("{grant}, {late}: {outcome:?}"),
            }
        }
        let left = fleet.store.written().iter().filter(|(name, _)| name.starts_with("x:")).count();
        assert_eq!(left, if lives { 2 } else { 0 }, "{late}");
    }
}

#[tokio::test]
async fn whoever_still_holds_a_session_that_is_over_is_not_handed_what_another_instance_left() {
    for keep in Keep::BOTH {
        let fleet = site().open_fleet(3, keep).await;
        let ada = fleet.ada().await;
        let mut held: Vec<Session> = Vec::new();
        for instance in 0..3 {
            held.push(captured(&fleet.auths[instance], &ada, Request::get("/captured")).await);
        }
        held[1].federated_token("google-oauth2").await.unwrap();
        ada.get("/auth/logout").await;
        for instance in [0, 2] {
            let outcome = held[instance].federated_token("google-oauth2").await;
            assert_eq!(kind(outcome), ExchangeErrorKind::Refused, "{instance}, {keep:?}");
        }
    }
}
