//! Instances that share a store have one token, one budget and one ledger.

use std::collections::BTreeSet;
use std::time::Duration;

use auth_layer::machine::MachineTokenRequest;
use auth_layer::session::{Groups, SessionStore};
use auth_layer::testing::{Endpoint, Fault};
use tests::{Machines, Mood, ORDERS, eventually, value};

#[tokio::test]
async fn ten_instances_that_start_at_once_make_one_exchange() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(10).await;
    let calls: Vec<_> = (0..200)
        .map(|call| {
            let machine = fleet[call % 10].clone();
            tokio::spawn(async move { value(&machine).await })
        })
        .collect();
    let mut seen = BTreeSet::new();
    for call in calls {
        seen.insert(call.await.unwrap());
    }
    assert_eq!((machines.posts(), seen.len()), (1, 1));
}

#[tokio::test]
async fn a_token_outlives_the_instance_that_got_it() {
    let machines = Machines::start().await;
    let first = value(&machines.fleet(1).await[0]).await;
    machines.pass(600);
    assert_eq!(value(&machines.fleet(1).await[0]).await, first);
    assert_eq!(machines.posts(), 1);
}

#[tokio::test]
async fn a_renewal_is_one_exchange_for_all_instances() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(5).await;
    for machine in &fleet {
        value(machine).await;
    }
    for lifetime in 1..=3 {
        let before = value(&fleet[0]).await;
        machines.pass(3_600 - 60);
        let have_another = async || {
            let mut values = BTreeSet::new();
            for machine in &fleet {
                values.insert(value(machine).await);
            }
            values.len() == 1 && !values.contains(&before)
        };
        eventually("all instances have the other token", have_another).await;
        assert_eq!(machines.posts(), 1 + lifetime);
    }
}

#[tokio::test]
async fn an_instance_that_dies_while_it_asks_delays_the_others_by_its_lease() {
    let machines = Machines::start().await;
    let fleet = machines.fleet_with(2, |config| config.with_lease(Duration::from_secs(3))).await;
    machines.op.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
    // A runtime of its own, which is torn down in the middle of the exchange.
    let dying = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let machine = fleet[0].clone();
    dying.spawn(async move { value(&machine).await });
    machines.op.wait_until_held(1).await;
    dying.shutdown_background();
    let other = tokio::spawn({
        let machine = fleet[1].clone();
        async move { value(&machine).await }
    });
    // The lease ends by the clock of the store.
    while !other.is_finished() {
        machines.clock.advance(Duration::from_millis(200));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    other.await.unwrap();
    assert_eq!(machines.posts(), 2);
    machines.op.clear_faults();
}

#[tokio::test]
async fn while_the_store_is_away_each_instance_asks_for_itself_and_once() {
    for mood in [Mood::Away, Mood::Stuck] {
        let machines = Machines::start().await;
        let fleet = machines.fleet(3).await;
        machines.store.set(mood);
        for _ in 0..2 {
            for machine in &fleet {
                value(machine).await;
            }
        }
        assert_eq!(machines.posts(), 3, "{mood:?}");
        machines.store.set(Mood::Well);
        assert_eq!(fleet[0].ledger().report_of_fleet().await.unwrap().count("seccft"), 1);
        for machine in &fleet {
            machine.drain().await;
        }
        assert_eq!(fleet[0].ledger().report_of_fleet().await.unwrap().count("seccft"), 3, "none is lost");
    }
}

#[tokio::test]
async fn one_failure_holds_all_instances_back() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(4).await;
    machines.op.fault(Endpoint::Token, Fault::RetryAfter(429, Duration::from_secs(30)));
    for _ in 0..3 {
        for machine in &fleet {
            machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
        }
    }
    assert_eq!(machines.posts(), 1);
    machines.op.clear_faults();
    machines.pass(60);
    for machine in &fleet {
        value(machine).await;
    }
    assert_eq!(machines.posts(), 2);
}

#[tokio::test]
async fn an_instance_that_did_not_ask_says_why_as_the_one_that_did() {
    for (code, request) in [
        ("invalid_client", MachineTokenRequest::new()),
        ("access_denied", MachineTokenRequest::new().with_audience(ORDERS)),
    ] {
        let machines = Machines::start().await;
        machines.op.fault(Endpoint::Token, Fault::Error(403, code.into()));
        let mut said = BTreeSet::new();
        for machine in &machines.fleet(3).await {
            let error = machine.token_with(request.clone()).await.unwrap_err();
            assert_eq!((error.code(), error.is_final()), (Some(code), true));
            said.insert(error.to_string());
        }
        assert_eq!((machines.posts(), said.len()), (1, 1), "{said:?}");
    }
}

#[tokio::test]
async fn an_instance_that_starts_in_an_outage_is_served_what_the_others_left() {
    let machines = Machines::start().await;
    let first = value(&machines.fleet(1).await[0]).await;
    machines.pass(3_600 - 60);
    machines.op.fault(Endpoint::Token, Fault::Status(503));
    let starting = &machines.fleet(1).await[0];
    for _ in 0..20 {
        assert_eq!(value(starting).await, first);
    }
    eventually("the provider is asked for another", async || machines.posts() == 2).await;
    assert_eq!(value(starting).await, first);
    assert_eq!(machines.posts(), 2, "once");
}

#[tokio::test]
async fn neither_the_token_nor_the_secret_is_legible_in_the_store() {
    let machines = Machines::start().await;
    let machine = &machines.fleet(1).await[0];
    let token = value(machine).await;
    let written = machines.store.written();
    for kind in ["m:", "b:", "l:"] {
        assert!(
            written.keys().any(|name| name.starts_with(kind)),
            "a token, a budget and a day of the ledger"
        );
    }
    for secret in [token.as_str(), tests::WORKER_SECRET] {
        let holds = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!written.iter().any(|(name, bytes)| holds(bytes) || holds(name.as_bytes())));
    }
}

#[tokio::test]
async fn clients_with_different_secrets_share_no_token() {
    let machines = Machines::start().await;
    value(&machines.fleet(1).await[0]).await;
    let config =
        auth_layer::config::ClientCredentialsConfig::builder(&machines.op.issuer(), "worker", "rotated")
            .with_audience(tests::CATALOGUE)
            .with_clock(machines.clock.clone())
            .build()
            .unwrap();
    let other =
        auth_layer::ClientCredentials::discover_with_store(config, machines.store.clone()).await.unwrap();
    other.token_with(MachineTokenRequest::new()).await.unwrap_err();
    assert_eq!(machines.posts(), 2, "it does not find what the first has");
}

/// What is under a token's name and does not open is nobody's: another takes its place.
#[tokio::test]
async fn a_record_that_was_tampered_with_is_no_token() {
    let machines = Machines::start().await;
    value(&machines.fleet(1).await[0]).await;
    for (name, mut bytes) in machines.store.written() {
        if name.starts_with("m:") {
            machines.store.remove(&name).await.unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            machines.store.insert(&name, bytes, Duration::from_secs(600), Groups::none()).await.unwrap();
        }
    }
    value(&machines.fleet(1).await[0]).await;
    assert_eq!(machines.posts(), 2);
    value(&machines.fleet(1).await[0]).await;
    assert_eq!(machines.posts(), 2, "the tampered one was replaced");
}

#[tokio::test]
async fn kinds_of_tokens_do_not_wait_for_each_other() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(2).await;
    machines.op.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
    let held = tokio::spawn({
        let machine = fleet[0].clone();
        async move { value(&machine).await }
    });
    machines.op.wait_until_held(1).await;
    fleet[1].token_with(MachineTokenRequest::new().with_audience(ORDERS)).await.unwrap();
    machines.op.clear_faults();
    held.await.unwrap();
}

/// A caller does not wait for the next token where the one that is there lives.
#[tokio::test]
async fn an_instance_that_starts_serves_what_lives_while_the_provider_is_slow() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(2).await;
    let first = value(&fleet[0]).await;
    machines.pass(3_600 - 60);
    machines.op.fault(Endpoint::Token, Fault::HoldUntilReleased);
    assert_eq!(value(&fleet[0]).await, first);
    machines.op.wait_until_held(1).await;
    for _ in 0..2 {
        let served = tokio::time::timeout(Duration::from_secs(2), value(&fleet[1])).await;
        assert_eq!(served.expect("it lives"), first);
    }
    machines.op.clear_faults();
    eventually("the instance has the other token", async || value(&fleet[1]).await != first).await;
    assert_eq!(machines.posts(), 2);
}
