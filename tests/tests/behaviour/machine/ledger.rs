//! The ledger against the provider's own log, after a mixed load with faults.

use std::collections::BTreeMap;
use std::time::Duration;

use auth_layer::ledger::{LedgerReport, Outcome};
use auth_layer::machine::MachineTokenRequest;
use auth_layer::testing::{Endpoint, Fault};
use tests::{CATALOGUE, Machines, Mood, ORDERS};

const CODES: [&str; 8] = ["s", "seacft", "feacft", "sertft", "fertft", "seccft", "feccft", "ferrt"];

type Key = (String, Option<String>, Option<String>);

/// What a ledger counted that a log would have, by code, client and audience.
fn counted(report: &LedgerReport) -> BTreeMap<Key, u64> {
    let mut all = BTreeMap::new();
    for line in report.lines.iter().filter(|line| line.log_code.is_some()) {
        let key = (line.log_code.unwrap().to_owned(), line.client_id.clone(), line.audience.clone());
        *all.entry(key).or_default() += line.count;
    }
    all
}

#[tokio::test]
async fn after_a_mixed_load_with_faults_the_ledger_is_the_log() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(4).await;
    let faults = [
        Fault::Status(500),
        Fault::DropConnection,
        Fault::RetryAfter(429, Duration::from_secs(1)),
        Fault::Error(503, "temporarily_unavailable".into()),
    ];
    for round in 0..40 {
        machines.op.fault_times(Endpoint::Token, faults[round % 4].clone(), 3);
        let calls: Vec<_> = (0..40)
            .map(|call| {
                let machine = fleet[call % 4].clone();
                let audience = [CATALOGUE, ORDERS, "https://unknown.example"][call % 3];
                let organization = format!("org_{}", call % 5);
                let request =
                    MachineTokenRequest::new().with_audience(audience).with_organization(organization);
                tokio::spawn(async move { drop(machine.token_with(request).await) })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        machines.pass(3_700);
    }
    for machine in &fleet {
        machine.drain().await;
    }
    let report = fleet[0].ledger().report_of_fleet().await.unwrap();
    for code in CODES {
        assert_eq!(report.count(code), machines.op.log_count(code) as u64, "{code}\n{report}");
    }
    let (exchanges, lost) = report.lines.iter().fold((0, 0), |(all, lost), line| {
        (all + line.count, lost + if line.outcome == Outcome::NoAnswer { line.count } else { 0 })
    });
    assert!(exchanges > 400 && lost >= 30, "{exchanges} exchanges, {lost} without an answer");
    let sum: u64 = counted(&report).values().sum();
    assert_eq!(sum + lost, exchanges);
    assert_eq!(report.m2m_quota_consumed, report.count("seccft"));
}

/// Answers of the store that are lost are no counts that are lost, and none that are added twice.
#[tokio::test]
async fn after_a_day_of_outages_of_the_store_the_ledger_is_the_log() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(3).await;
    for round in 0..8 {
        let calls: Vec<_> = (0..12)
            .map(|call| {
                let machine = fleet[call % 3].clone();
                let request = MachineTokenRequest::new().with_organization(format!("org_{round}_{call}"));
                tokio::spawn(async move { machine.token_with(request).await.unwrap() })
            })
            .collect();
        // In the middle of it.
        for _ in 0..20 * round {
            tokio::task::yield_now().await;
        }
        machines.store.set([Mood::Away, Mood::Deaf, Mood::Well][round % 3]);
        for call in calls {
            call.await.unwrap();
        }
        machines.pass(3_700);
    }
    machines.store.set(Mood::Well);
    for machine in &fleet {
        machine.drain().await;
    }
    let report = fleet[0].ledger().report_of_fleet().await.unwrap();
    assert_eq!(report.count("seccft"), machines.op.log_count("seccft") as u64, "{report}");
    assert!(report.count("seccft") >= 96);
}

/// An answer that is lost on the way was logged, and the ledger says that it does not know.
#[tokio::test]
async fn an_answer_that_was_lost_is_told_apart() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machines.op.fault_times(Endpoint::Token, Fault::DropResponse, 1);
    machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
    machines.pass(2);
    machine.token_with(MachineTokenRequest::new()).await.unwrap();
    let report = machine.ledger().report();
    let lost: u64 =
        report.lines.iter().filter(|line| line.outcome == Outcome::NoAnswer).map(|line| line.count).sum();
    assert_eq!((report.count("seccft"), lost, machines.op.log_count("seccft")), (1, 1, 2));
}

#[tokio::test]
async fn a_report_is_json_and_a_table() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machine.token_with(MachineTokenRequest::new().with_organization("org_acme")).await.unwrap();
    machine
        .token_with(MachineTokenRequest::new().with_audience("https://x\u{1b}[2J.example"))
        .await
        .unwrap_err();
    let report = machine.ledger().report();
    let json = serde_json::to_value(&report).unwrap();
    let line = &json["lines"][0];
    assert_eq!(json["reach"], "process");
    assert_eq!(
        (
            &line["grant"],
            &line["log_code"],
            &line["client_id"],
            &line["audience"],
            &line["organization"],
            &line["outcome"],
            &line["quota"],
            &line["count"]
        ),
        (
            &"client_credentials".into(),
            &"seccft".into(),
            &"worker".into(),
            &CATALOGUE.into(),
            &"org_acme".into(),
            &"token".into(),
            &"counted".into(),
            &1.into()
        )
    );
    assert_eq!(json["hours"][0]["begins"], 1_764_590_400_u64);
    assert_eq!(json["days"][0]["m2m_quota_consumed"], 1);
    let shown = report.to_string();
    assert!(
        shown.contains("1  seccft  client_credentials  worker  https://catalogue.example (org_acme)"),
        "{shown}"
    );
    assert!(shown.contains("counts: a machine's token for an API of yours"), "{shown}");
    assert!(shown.contains("M2M quota consumed: 1"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "a name does not reach the terminal's controls");
}
