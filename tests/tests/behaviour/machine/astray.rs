//! Instances astray: clocks that differ, a store that comes back, a provider that cannot be reached.

use std::time::Duration;

use auth_layer::config::Budget;
use auth_layer::ledger::SetBy;
use auth_layer::machine::{MachineTokenErrorKind, MachineTokenRequest};
use auth_layer::testing::{Endpoint, Fault};
use auth_layer::{Clock, Period};
use tests::{Machines, Mood, eventually, value};

fn of(number: usize) -> MachineTokenRequest {
    MachineTokenRequest::new().with_organization(format!("org_{number}"))
}

/// Each counts in the day that its clock shows, and neither forgets the other's.
#[tokio::test]
async fn an_instance_whose_clock_is_a_day_behind_does_not_empty_what_the_fleet_counted() {
    let machines = Machines::start().await;
    let budget = Budget::default().with_limit(Period::Day, 4);
    let behind = Clock::manual(machines.clock.now());
    behind.set_back(Duration::from_secs(86_400));
    let right = &machines.fleet_with(1, |config| config.with_budget(budget.clone())).await[0];
    let astray = |config: auth_layer::config::ClientCredentialsConfigBuilder| {
        config.with_budget(budget.clone()).with_clock(behind.clone())
    };
    let astray = &machines.fleet_with(1, astray).await[0];
    let mut served = [0, 0];
    for number in 0..8 {
        served[0] += usize::from(right.token_with(of(number)).await.is_ok());
        served[1] += usize::from(astray.token_with(of(100 + number)).await.is_ok());
    }
    assert_eq!(served, [4, 4]);
}

#[tokio::test]
async fn what_was_taken_while_the_store_was_away_is_counted_when_it_is_back() {
    let machines = Machines::start().await;
    let budget = Budget::default().with_limit(Period::Hour, 4);
    let fleet = machines.fleet_with(2, |config| config.with_budget(budget.clone())).await;
    machines.store.set(Mood::Away);
    for number in 0..3 {
        fleet[0].token_with(of(number)).await.unwrap();
    }
    machines.store.set(Mood::Well);
    fleet[0].token_with(of(3)).await.unwrap();
    assert_eq!(fleet[0].budget_used(Period::Hour), 4);
    let error = fleet[1].token_with(of(4)).await.unwrap_err();
    assert!(
        matches!(error.kind(), MachineTokenErrorKind::QuotaExhausted { set_by: SetBy::Budget, .. }),
        "{error:?}"
    );
    assert_eq!(machines.posts(), 4);
}

/// What was never sent brought no token.
#[tokio::test]
async fn an_outage_of_the_provider_costs_no_budget() {
    let machines = Machines::start().await;
    let budget = || Budget::default().with_limit(Period::Day, 3);
    let known = machines.machine_with(|config| config.with_budget(budget())).await;
    machines.op.stop().await;
    let unknown = machines.machine_with(|config| config.with_budget(budget())).await;
    for _ in 0..5 {
        for machine in [&known, &unknown] {
            let error = machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
            assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable);
            assert_eq!(machine.budget_used(Period::Day), 0);
        }
        machines.pass(80);
    }
    machines.op.restart().await;
    machines.pass(80);
    value(&known).await;
    value(&unknown).await;
}

#[tokio::test]
async fn all_instances_are_told_why_one_of_them_got_no_token() {
    let minute = Duration::from_secs(60);
    let cases = [
        (Some(Fault::Error(401, "invalid_client".into())), "read:stock", Duration::ZERO),
        (Some(Fault::RetryAfter(429, 50 * minute)), "read:stock", 50 * minute),
        (None, "read:stock delete:stock", 10 * minute),
    ];
    for (fault, scopes, least) in cases {
        let machines = Machines::start().await;
        let fleet = machines.fleet(3).await;
        if let Some(fault) = &fault {
            machines.op.fault(Endpoint::Token, fault.clone());
        }
        let mut errors = Vec::new();
        for machine in &fleet {
            errors
                .push(machine.token_with(MachineTokenRequest::new().with_scopes(scopes)).await.unwrap_err());
        }
        for error in &errors {
            assert_eq!(error.kind(), errors[0].kind(), "{fault:?}");
            assert!(error.retry_after() >= Some(least.max(Duration::from_secs(1))), "{fault:?}: {error:?}");
        }
        assert_eq!(machines.posts(), 1, "{fault:?}");
    }
}

/// The store has the same token: to look there again and again would find no younger one.
#[tokio::test]
async fn a_clock_that_is_set_back_costs_a_fleet_one_token_and_no_look_at_the_store_for_each_request() {
    let machines = Machines::start().await;
    let machine = &machines.fleet(1).await[0];
    let first = value(machine).await;
    machines.clock.set_back(Duration::from_secs(7_200));
    eventually("there is another", async || value(machine).await != first).await;
    let second = value(machine).await;
    let calls = machines.store.calls();
    for _ in 0..50 {
        assert_eq!(value(machine).await, second);
        tokio::task::yield_now().await;
    }
    assert!(machines.store.calls() <= calls + 12, "{} and then {}", calls, machines.store.calls());
    assert_eq!(machines.posts(), 2);
    assert_eq!(value(&machines.fleet(1).await[0]).await, second, "others find the one of a known age");
}

/// An empty parameter is as none (RFC 6749 §3.2): the token would be one of the client without an organization.
#[tokio::test]
async fn an_organization_or_audience_without_a_name_is_asked_of_nobody() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    for (request, parameter) in [
        (MachineTokenRequest::new().with_organization(""), "organization"),
        (MachineTokenRequest::new().with_audience(""), "audience"),
    ] {
        let error = machine.token_with(request).await.unwrap_err();
        assert_eq!(error.kind(), &MachineTokenErrorKind::EmptyName { parameter });
        assert!(error.is_final());
    }
    let error = machine.for_organization("").token_with(MachineTokenRequest::new()).await.unwrap_err();
    assert!(error.to_string().starts_with("the organization has no name"), "{error}");
    assert_eq!(machines.posts(), 0);
}

/// It is as old as the request for it, however late the answer is read.
#[tokio::test]
async fn a_process_that_was_suspended_while_it_asked_takes_no_old_token_for_a_new_one() {
    for (suspended, is_living) in [(3_000, true), (7_200, false)] {
        let machines = Machines::start().await;
        let machine = machines.machine().await;
        machines.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
        let asking = tokio::spawn({
            let machine = machine.clone();
            async move { machine.token_with(MachineTokenRequest::new()).await }
        });
        machines.op.wait_until_held(1).await;
        machines.pass(suspended);
        machines.op.clear_faults();
        let token = asking.await.unwrap();
        assert_eq!(token.is_ok(), is_living, "{token:?}");
        machines.pass(700);
        value(&machine).await;
        assert_eq!(machines.posts(), 2, "the first has ended");
    }
}

/// Each of them counts.
#[tokio::test]
async fn tokens_that_have_ended_when_they_come_are_asked_for_six_times_an_hour() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let body = r#"{"access_token":"at","token_type":"Bearer","expires_in":0}"#;
    machines.op.fault(Endpoint::Token, Fault::garbage(body, "application/json"));
    for _ in 0..360 {
        machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
        machines.pass(10);
    }
    assert_eq!(machines.posts(), 6);
}
