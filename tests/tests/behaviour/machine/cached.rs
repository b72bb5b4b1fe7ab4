//! One exchange for all who need a token, and a steady state that never waits.

use std::time::Duration;

use auth_layer::machine::MachineTokenRequest;
use auth_layer::testing::{Endpoint, Fault};
use auth_layer::token::{Principal, TokenSource};
use tests::{CATALOGUE, Machines, ORDERS, eventually, token, value};

/// Design behaviour 23, and the issue's own number.
#[tokio::test]
async fn a_thousand_callers_for_four_kinds_of_tokens_make_four_exchanges() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let kinds = [
        MachineTokenRequest::new(),
        MachineTokenRequest::new().with_scopes("read:stock"),
        MachineTokenRequest::new().with_audience(ORDERS),
        MachineTokenRequest::new().with_organization("org_acme"),
    ];
    let calls = (0..1_000).map(|call| {
        let (machine, request) = (machine.clone(), kinds[call % 4].clone());
        tokio::spawn(async move { machine.token_with(request).await.unwrap().expose().to_owned() })
    });
    let mut seen: Vec<Vec<String>> = vec![Vec::new(); 4];
    for (call, token) in calls.collect::<Vec<_>>().into_iter().enumerate() {
        seen[call % 4].push(token.await.unwrap());
    }
    assert_eq!(machines.posts(), 4);
    let distinct: std::collections::BTreeSet<_> = seen.iter().map(|tokens| tokens[0].clone()).collect();
    assert_eq!(distinct.len(), 4, "no two kinds share a token");
    assert!(seen.iter().all(|tokens| tokens.iter().all(|token| *token == tokens[0])));
}

#[tokio::test]
async fn a_token_is_the_clients_own_and_says_what_it_is_for() {
    let machines = Machines::start().await;
    let token = token(&machines.machine().await).await;
    assert_eq!((token.source(), token.principal()), (TokenSource::ClientCredentials, Principal::Client));
    assert_eq!(token.audience(), Some(CATALOGUE));
    assert_eq!(token.client_id().map(auth_layer::ClientId::as_str), Some("worker"));
    assert_eq!(token.issuer().map(ToString::to_string), Some(machines.op.issuer()));
    assert!(token.scopes().contains("read:stock"));
    assert!(token.claims().is_none(), "it is opaque to the one who asked for it");
    assert!(token.authorization().is_sensitive());
    assert!(!format!("{token:?}").contains(token.expose()));
}

/// The order of scopes is no part of what a token is.
#[tokio::test]
async fn a_set_of_scopes_is_one_kind_in_whatever_order() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    for scopes in ["read:stock write:stock", "write:stock  read:stock", "read:stock write:stock read:stock"] {
        machine.token_with(MachineTokenRequest::new().with_scopes(scopes)).await.unwrap();
    }
    assert_eq!(machines.posts(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_in_the_background_before_it_ends() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let first = value(&machine).await;
    machines.pass(3_600 - 301);
    assert_eq!((value(&machine).await, machines.posts()), (first.clone(), 1), "it is fresh");
    machines.pass(300);
    machines.op.fault(Endpoint::Token, Fault::HoldUntilReleased);
    assert_eq!(value(&machine).await, first, "a second before its end nobody waits");
    machines.op.wait_until_held(1).await;
    assert_eq!(value(&machine).await, first);
    machines.op.clear_faults();
    eventually("it happens", async || value(&machine).await != first).await;
    assert_eq!(machines.posts(), 2);
}

#[tokio::test]
async fn a_token_that_nobody_asks_for_is_not_renewed() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    value(&machine).await;
    for _ in 0..48 {
        machines.pass(3_600);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(machines.posts(), 1);
}

#[tokio::test]
async fn a_caller_who_goes_away_takes_no_token_with_them() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machines.op.fault(Endpoint::Token, Fault::HoldUntilReleased);
    for _ in 0..50 {
        let caller = tokio::spawn({
            let machine = machine.clone();
            async move { value(&machine).await }
        });
        tokio::task::yield_now().await;
        caller.abort();
    }
    machines.op.wait_until_held(1).await;
    machines.op.clear_faults();
    value(&machine).await;
    assert_eq!(machines.posts(), 1);
}

#[tokio::test]
async fn organizations_never_share_a_token() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let acme = machine.for_organization("org_acme");
    let (none, first) = (value(&machine).await, value(&acme).await);
    assert_ne!(none, first);
    assert_ne!(value(&machine.for_organization("org_other")).await, first);
    assert_eq!(value(&machine.for_organization("org_acme")).await, first, "and one shares its own");
    assert_eq!(machines.posts(), 3);
}

#[tokio::test]
async fn what_is_under_way_is_waited_for_when_the_program_ends() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machines.op.fault(Endpoint::Token, Fault::Delay(Duration::from_millis(100)));
    let caller = tokio::spawn({
        let machine = machine.clone();
        async move { value(&machine).await }
    });
    eventually("it happens", async || machines.posts() == 1).await;
    machine.drain().await;
    assert_eq!(machine.ledger().report().count("seccft"), 1);
    caller.await.unwrap();
}
