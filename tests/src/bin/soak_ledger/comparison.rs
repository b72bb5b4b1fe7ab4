//! What the ledger has and what the log has, side by side.

use std::collections::BTreeMap;

use auth_layer::ledger::{LedgerReport, Outcome};

use crate::load::Load;

/// Two counts of the same exchanges.
pub(crate) struct Comparison {
    report: LedgerReport,
    rows: Vec<Row>,
    /// Exchanges without an answer, as the ledger has it.
    unanswered: u64,
    consumed_in_log: u64,
    /// Whether a log that has more than the ledger is explained by answers that were lost.
    may_be_lost: bool,
}

struct Row {
    code: &'static str,
    ledger: u64,
    log: u64,
}

impl Comparison {
    pub(crate) async fn of(load: &Load) -> Self {
        let report = load.fleet.auths[0].ledger().report_of_fleet().await.unwrap();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let management = format!("{}/api/v2/", load.fleet.op.issuer());
        let mut consumed_in_log = 0;
        for event in load.fleet.op.log() {
            *counts.entry(event.code.to_string()).or_default() += 1;
            let counts = event.code == "seccft" && event.audience.as_deref() != Some(management.as_str());
            consumed_in_log += u64::from(counts);
        }
        // A client cannot tell why its refresh token was refused.
        let refused = counts.remove("ferrt").unwrap_or_default();
        *counts.entry("fertft".to_owned()).or_default() += refused;
        let row = |code| Row {
            code,
            ledger: report.count(code),
            log: counts.get(code).copied().unwrap_or_default(),
        };
        let unanswered = report.lines.iter().filter(|line| line.outcome == Outcome::NoAnswer);
        Self {
            rows: CODES.map(row).into(),
            unanswered: unanswered.map(|line| line.count).sum(),
            consumed_in_log,
            may_be_lost: load.is_lossy(),
            report,
        }
    }

    /// How many exchanges the log has that the ledger has under no code.
    fn missing(&self) -> u64 {
        self.rows.iter().map(|row| row.log.saturating_sub(row.ledger)).sum()
    }

    pub(crate) fn agrees(&self) -> bool {
        let none_invented = self.rows.iter().all(|row| row.ledger <= row.log);
        let explained = if self.may_be_lost { self.unanswered } else { 0 };
        let consumed = self.report.m2m_quota_consumed;
        let consumed_agrees =
            consumed <= self.consumed_in_log && self.consumed_in_log - consumed <= explained;
        none_invented && self.missing() <= explained && consumed_agrees
    }

    pub(crate) fn print(&self) {
        println!("  {:<40} {:>8} {:>8}", "code", "ledger", "log");
        for row in &self.rows {
            println!("  {:<40} {:>8} {:>8}", row.code, row.ledger, row.log);
        }
        println!("  {:<40} {:>8}", "no answer", self.unanswered);
        let all: u64 = self.report.lines.iter().map(|line| line.count).sum();
        println!("  {:<40} {all:>8}", "exchanges");
        println!(
            "  {:<40} {:>8} {:>8}",
            "M2M quota consumed", self.report.m2m_quota_consumed, self.consumed_in_log
        );
        let verdict = if self.agrees() { "they agree" } else { "THEY DIFFER" };
        println!("  {verdict}; {} in the log alone", self.missing());
    }
}

const CODES: [&str; 10] = [
    "s",
    "seacft",
    "feacft",
    "sertft",
    "fertft",
    "seccft",
    "feccft",
    "success_on_behalf_of_token_exchange",
    "failed_on_behalf_of_token_exchange",
    "secte",
];
