//! Quotas: the provider's and the application's own. At zero nothing is posted, and what lives is served.

use std::time::Duration;

use auth_layer::Period;
use auth_layer::config::{Budget, QuotaHeaders};
use auth_layer::ledger::SetBy;
use auth_layer::machine::{MachineTokenError, MachineTokenErrorKind, MachineTokenRequest, QuotaHolder};
use auth_layer::testing::{Endpoint, Fault};
use tests::{Machines, value};

fn of(number: usize) -> MachineTokenRequest {
    MachineTokenRequest::new().with_organization(format!("org_{number}"))
}

fn exhausted(error: &MachineTokenError) -> (SetBy, Option<Period>, u64) {
    let MachineTokenErrorKind::QuotaExhausted { set_by, period, resets_at } = error.kind() else {
        panic!("{error:?}")
    };
    (*set_by, *period, resets_at.unix_seconds())
}

/// Design behaviour 24.
#[tokio::test]
async fn where_the_provider_says_that_nothing_is_left_nothing_is_posted() {
    let machines = Machines::start_with(|op| op.machine_quota(2, 100)).await;
    let machine = machines.machine().await;
    let living = value(&machine).await;
    assert_eq!(machine.quota()[0].remaining, Some(1));
    let read = MachineTokenRequest::new().with_scopes("read:stock");
    machine.token_with(read.clone()).await.unwrap();
    assert_eq!((machine.quota()[0].remaining, machine.quota()[0].holder), (Some(0), QuotaHolder::Client));
    for _ in 0..50 {
        let error =
            machine.token_with(MachineTokenRequest::new().with_scopes("write:stock")).await.unwrap_err();
        assert_eq!(
            exhausted(&error),
            (SetBy::Provider, Some(Period::Hour), machines.clock.now().unix_seconds() + 3_600)
        );
        assert_eq!(value(&machine).await, living);
    }
    assert_eq!(machines.posts(), 2, "the provider did not have to refuse one");
    machines.pass(3_600);
    value(&machine).await;
    assert_eq!(machines.posts(), 3);
}

#[tokio::test]
async fn a_429_that_says_when_the_quota_begins_anew_is_heeded() {
    let machines = Machines::start_with(|op| op.machine_quota(1, 100)).await;
    value(&machines.machine().await).await;
    // Another process, which knows nothing of the first.
    let machine = machines.machine().await;
    let error = machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3_600)));
    let reset = machines.clock.now().unix_seconds() + 3_600;
    assert_eq!(
        exhausted(&error),
        (SetBy::Provider, Some(Period::Hour), reset),
        "also the one it was said to"
    );
    let error = machine.token_with(MachineTokenRequest::new().with_scopes("read:stock")).await.unwrap_err();
    assert_eq!(exhausted(&error).0, SetBy::Provider, "and so is every other token of the client");
    assert_eq!(machines.posts(), 2);
}

#[tokio::test]
async fn quota_that_the_provider_only_watches_holds_nothing_back_where_that_is_said() {
    let machines = Machines::start_with(|op| op.unlimited_machine_quota()).await;
    let machine = machines.machine_with(|config| config.with_quota_headers(QuotaHeaders::Observed)).await;
    // The provider of `enforce: false` says 0 and issues: here, one that has no quota at all.
    for number in 0..5 {
        machine.token_with(of(number)).await.unwrap();
    }
    assert_eq!(machine.quota(), []);
}

#[tokio::test]
async fn an_application_stops_at_its_own_budget() {
    let machines = Machines::start().await;
    let budget = Budget::default().with_limit(Period::Day, 3);
    let machine = machines.machine_with(|config| config.with_budget(budget)).await;
    for number in 0..3 {
        machine.token_with(of(number)).await.unwrap();
    }
    let error = machine.token_with(of(3)).await.unwrap_err();
    let midnight = Period::Day.ends(machines.clock.now());
    assert_eq!(exhausted(&error), (SetBy::Budget, Some(Period::Day), midnight.unix_seconds()));
    assert_eq!(error.resets_at(), Some(midnight));
    let shown = error.to_string();
    assert!(
        shown.starts_with("this application's budget of machine tokens for this day is used up"),
        "{shown}"
    );
    assert!(shown.ends_with(" 00:00 UTC"), "{shown}");
    let shown = machine.ledger().report().to_string();
    assert!(shown.contains("budget of worker: 3 of 3 a day; it is used up; it resets at"), "{shown}");
    machine.token_with(of(0)).await.unwrap();
    assert_eq!((machines.posts(), machine.budget_used(Period::Day)), (3, 3));
    machines.clock.advance(midnight.since(machines.clock.now()));
    machine.token_with(of(3)).await.unwrap();
    assert_eq!(machine.budget_used(Period::Day), 1);
}

#[tokio::test]
async fn a_budget_is_the_fleets_and_no_instance_passes_it() {
    let machines = Machines::start().await;
    let budget = Budget::default().with_limit(Period::Hour, 7);
    let fleet = machines.fleet_with(5, |config| config.with_budget(budget.clone())).await;
    let calls: Vec<_> = (0..50)
        .map(|call| {
            let machine = fleet[call % 5].clone();
            tokio::spawn(async move { machine.token_with(of(call)).await.is_ok() })
        })
        .collect();
    let mut served = 0;
    for call in calls {
        served += usize::from(call.await.unwrap());
    }
    assert_eq!((served, machines.posts(), machines.op.log_count("seccft")), (7, 7, 7));
}

#[tokio::test]
async fn a_token_for_the_providers_own_api_costs_no_budget() {
    let machines = Machines::start().await;
    let budget = Budget::default().with_limit(Period::Hour, 1);
    let machine = machines.machine_with(|config| config.with_budget(budget)).await;
    let management = format!("{}/api/v2/", machines.op.issuer());
    for number in 0..3 {
        machine.token_with(of(number).with_audience(management.as_str())).await.unwrap();
    }
    value(&machine).await;
    let report = machine.ledger().report();
    assert_eq!((report.count("seccft"), report.m2m_quota_consumed), (4, 1));
}

#[tokio::test]
async fn what_brought_no_token_costs_no_budget_and_what_may_have_does() {
    let refusals = [
        (Fault::Error(400, "invalid_request".into()), 0),
        (Fault::RetryAfter(429, Duration::from_secs(1)), 0),
        (Fault::Status(503), 0),
        (Fault::Status(500), 1),
        (Fault::Status(502), 1),
        (Fault::Status(504), 1),
        (Fault::DropConnection, 1),
        (Fault::DropResponse, 1),
    ];
    for (fault, used) in refusals {
        let machines = Machines::start().await;
        let machine = machines
            .machine_with(|config| config.with_budget(Budget::default().with_limit(Period::Day, 9)))
            .await;
        machines.op.fault(Endpoint::Token, fault.clone());
        machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
        assert_eq!(machine.budget_used(Period::Day), used, "{fault:?}");
    }
}

#[tokio::test]
async fn a_forecast_says_how_long_the_months_budget_lasts() {
    let machines = Machines::start().await;
    let budget = Budget::default().with_limit(Period::Month, 100);
    let machine = machines.machine_with(|config| config.with_budget(budget)).await;
    for number in 0..24 {
        machine.token_with(of(number)).await.unwrap();
        machines.pass(3_600);
    }
    let report = machine.ledger().report();
    let forecast = &report.forecasts[0];
    assert_eq!(
        (forecast.period, forecast.set_by, forecast.limit, forecast.used),
        (Period::Month, SetBy::Budget, 100, 24)
    );
    // One an hour, 76 left.
    let lasts = forecast.lasts_until.unwrap() - report.until;
    assert!((75 * 3_600..=77 * 3_600).contains(&lasts), "{lasts}");
    let shown = report.to_string();
    assert!(
        shown.contains("budget of worker: 24 of 100 a month; at this rate it lasts until 2025-12-05"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_providers_quota_is_in_the_forecast_too() {
    let machines = Machines::start_with(|op| op.machine_quota(50, 500)).await;
    let machine = machines.machine().await;
    value(&machine).await;
    let report = machine.ledger().report();
    let limits: Vec<_> =
        report.forecasts.iter().map(|forecast| (forecast.period, forecast.limit, forecast.used)).collect();
    assert_eq!(limits, [(Period::Hour, 50, 1), (Period::Day, 500, 1)]);
}
