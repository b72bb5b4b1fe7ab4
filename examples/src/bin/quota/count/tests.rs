//! What events come to.

use super::*;
use crate::audit::Audit;
use crate::ledger::Ledger;
use crate::report::{Findings, table};
use crate::settings::AuditSettings;

const API: &str = "https://api.acme.example";

fn audited(log: &str) -> Findings {
    audited_with(&AuditSettings::default(), None, &[log])
}

fn audited_with(settings: &AuditSettings, ledger: Option<Ledger>, logs: &[&str]) -> Findings {
    let mut audit = Audit::new(settings, ledger).unwrap();
    for (number, log) in logs.iter().enumerate() {
        audit.read(&format!("page-{number}"), log.as_bytes()).unwrap();
    }
    audit.finish()
}

fn machine(second: u64, client: &str, audience: &str) -> String {
    format!(
        r#"{{"date":{},"type":"seccft","client_id":"{client}","client_name":"The {client}","audience":"{audience}","scope":"a b","log_id":"{client} {audience} {second}"}}"#,
        second * 1_000
    )
}

fn of(code: &str) -> String {
    format!(r#"{{"date":1,"type":"{code}","client_id":"web","audience":"{API}"}}"#)
}

#[test]
fn client_credentials_for_an_external_audience_count_and_nothing_else() {
    let mut lines = vec![machine(0, "worker", API), machine(90_000, "worker", API), machine(5, "cli", API)];
    for own in ["https://acme.eu.auth0.com/api/v2/", "https://acme.eu.auth0.com/userinfo"] {
        lines.push(machine(7, "worker", own));
    }
    let others = ["s", "seacft", "sertft", "feccft", "ferrt", "fp", "secte", "api_limit", "slo", "brand_new"];
    lines.extend(others.map(of));
    let found = audited(&lines.join("\n"));
    assert_eq!((found.events, found.m2m_quota_consumed), (15, 3));
    let clients: Vec<_> = found
        .by_client
        .iter()
        .map(|line| (line.client_id.as_deref(), line.client_name.as_deref(), line.count))
        .collect();
    assert_eq!(clients, [(Some("worker"), Some("The worker"), 2), (Some("cli"), Some("The cli"), 1)]);
    assert_eq!(found.by_audience[0].audience.as_deref(), Some(API));
    let days: Vec<_> = found.by_day.iter().map(|(day, count)| (day.as_str(), *count)).collect();
    assert_eq!(days, [("1970-01-01", 2), ("1970-01-02", 1)]);
    let not_counted: Vec<_> = found.not_counted.iter().map(|line| (line.code.as_str(), line.count)).collect();
    assert_eq!(
        not_counted,
        [
            ("seccft", 1),
            ("seccft", 1),
            ("brand_new", 1),
            ("feccft", 1),
            ("ferrt", 1),
            ("fp", 1),
            ("s", 1),
            ("seacft", 1),
            ("sertft", 1),
            ("slo", 1),
        ]
    );
    assert_eq!((found.undocumented[0].count, found.rate_limits[0].count), (1, 1));
    let text = table(&found);
    for part in ["M2M QUOTA CONSUMED: 3", "NOT DOCUMENTED EITHER WAY: 1", "RATE LIMITS HIT: 1", "The worker"]
    {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn a_machine_token_whose_audience_the_log_does_not_say_counts() {
    let found = audited(r#"{"date":1,"type":"seccft","client_id":"worker","audience":null}"#);
    assert_eq!((found.m2m_quota_consumed, found.by_audience[0].audience.as_deref()), (1, None));
}

#[test]
fn an_event_that_comes_again_is_counted_once_also_across_pages() {
    let [one, two, three] = [1, 2, 3].map(|second| machine(second, "worker", API));
    let pages = [format!("[{one},{two}]"), format!("[{two},{three}]")];
    let found = audited_with(&AuditSettings::default(), None, &[&pages[0], &pages[1]]);
    assert_eq!((found.logs, found.events, found.duplicates, found.m2m_quota_consumed), (2, 3, 1, 3));
    let nameless = r#"{"date":1,"type":"s","log_id":""}"#;
    assert_eq!(audited(&format!("{nameless}\n{nameless}")).events, 2);
}

#[test]
fn waste_is_the_same_oldest_first_newest_first_and_with_the_pages_exchanged() {
    let seconds = [0, 10, 3_000, 90_000, 90_001, 200_000];
    let lines = seconds.map(|second| machine(second, "worker", API));
    let reversed: Vec<String> = lines.iter().rev().cloned().collect();
    let halves = [lines[3..].join("\n"), lines[..3].join("\n")];
    for (pages, order) in [
        (vec![lines.join("\n")], Order::OldestFirst),
        (vec![reversed.join("\n")], Order::NewestFirst),
        (halves.to_vec(), Order::Mixed),
    ] {
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        let found = audited_with(&AuditSettings::default(), None, &pages);
        let waste = &found.waste;
        assert_eq!((waste.fetched, waste.while_living, waste.sufficient), (6, 3, 3), "{order:?}");
        assert_eq!((found.order, waste.sets[0].scope.as_str()), (order, "a b"));
    }
    let short =
        AuditSettings { lifetimes: vec![format!("{API}=10").parse().unwrap()], ..AuditSettings::default() };
    assert_eq!(audited_with(&short, None, &[&lines.join("\n")]).waste.while_living, 1);
}

#[test]
fn one_client_can_be_looked_at_alone() {
    let lines = [machine(0, "worker", API), machine(1, "cli", API)].join("\n");
    let only = AuditSettings { clients: vec!["cli".to_owned()], ..AuditSettings::default() };
    let found = audited_with(&only, None, &[&lines]);
    assert_eq!((found.events, found.of_other_clients, found.m2m_quota_consumed), (1, 1, 1));
}

#[test]
fn a_ledger_is_compared_within_its_seconds_alone() {
    let lines: Vec<String> = [99, 100, 200, 201].map(|second| machine(second, "worker", API)).into();
    let ledger = |count: u64| {
        let line = serde_json::json!({ "grant": "client_credentials", "log_code": "seccft", "audience": API,
            "client_id": "worker", "outcome": "token", "count": count });
        let ledger =
            serde_json::json!({ "since": 100, "until": 200, "m2m_quota_consumed": count, "lines": [line] });
        Some(serde_json::from_value(ledger).unwrap())
    };
    for (count, agrees) in [(1, false), (2, true), (3, false)] {
        let found = audited_with(&AuditSettings::default(), ledger(count), &[&lines.join("\n")]);
        assert_eq!(found.comparison.as_ref().unwrap().agrees(), agrees, "{count}");
        let text = table(&found);
        assert_eq!((text.contains("they agree"), text.contains("THEY DIFFER")), (agrees, !agrees), "{text}");
    }
}

#[test]
fn a_hundred_thousand_clients_and_audiences_are_counted_in_bounded_memory() {
    let lines: Vec<String> = (0..100_000)
        .map(|number| machine(number, &format!("c{number}"), &format!("https://{number}")))
        .collect();
    let found = audited(&lines.join("\n"));
    assert_eq!(found.m2m_quota_consumed, 100_000);
    assert_eq!(found.by_client.iter().map(|line| line.count).sum::<u64>(), 100_000);
    assert_eq!((found.by_client.len(), found.by_client[0].client_id.as_deref()), (10_001, Some("(others)")));
    assert_eq!((found.waste.fetched, found.waste.unexamined), (10_000, 90_000));
}

#[test]
fn what_is_broken_is_listed_up_to_twenty_places_and_counted() {
    let found = audited(&format!("{}\n{}", "x\n".repeat(30), of("s")));
    assert_eq!((found.events, found.broken.count, found.broken.first.len()), (1, 30, 20));
    let text = table(&found);
    assert!(text.contains("page-0:20: it is not an object") && text.contains("and 10 more"), "{text}");
}
