//! The comparison of a ledger with a log.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::Ledger;

/// What a log has within a ledger's time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) rows: Vec<(Row, u64)>,
    pub(crate) m2m_quota_consumed: u64,
}

/// By what is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Row {
    pub(crate) code: String,
    pub(crate) client_id: Option<String>,
    pub(crate) audience: Option<String>,
}

/// What the two have, and what only one of them has.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    /// In seconds since the epoch.
    pub(crate) since: u64,
    pub(crate) until: Option<u64>,
    pub(crate) in_log: u64,
    pub(crate) in_ledger: u64,
    /// Events that the log has since their answers were lost.
    pub(crate) answers_lost: u64,
    pub(crate) m2m_quota_in_log: u64,
    pub(crate) m2m_quota_in_ledger: u64,
    pub(crate) differences: Vec<Difference>,
}

/// What only one of them has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    #[serde(flatten)]
    pub(crate) row: Row,
    pub(crate) only_in_log: u64,
    pub(crate) only_in_ledger: u64,
}

impl Comparison {
    /// Returns whether the quota differs by more than the lost answers.
    pub(crate) fn quota_differs(&self) -> bool {
        let more = self.m2m_quota_in_log.saturating_sub(self.m2m_quota_in_ledger);
        self.m2m_quota_in_ledger > self.m2m_quota_in_log || more > self.answers_lost
    }

    pub(crate) fn agrees(&self) -> bool {
        self.differences.is_empty() && !self.quota_differs()
    }
}

/// Compares a ledger with what a log has within its time.
pub(crate) fn compare(ledger: &Ledger, log: &Counts) -> Comparison {
    let coded = ledger.lines.iter().filter_map(|line| {
        let row = Row {
            code: one_code(line.log_code.as_deref()?).to_owned(),
            client_id: line.client_id.clone(),
            audience: line.audience.clone(),
        };
        Some((row, line.count))
    });
    let mut in_ledger = sums(coded);
    let is_compared = |code: &str| {
        let is_exchange = EXCHANGES.contains(&code) || in_ledger.keys().any(|row| row.code == code);
        is_exchange && code != FAILED_LOGIN
    };
    let of_log = log
        .rows
        .iter()
        .map(|(row, count)| (Row { code: one_code(&row.code).to_owned(), ..row.clone() }, *count));
    let mut in_log = sums(of_log.filter(|(row, _)| is_compared(&row.code)));
    in_ledger.retain(|row, _| row.code != FAILED_LOGIN);
    let mut comparison = Comparison {
        since: ledger.since,
        until: ledger.until,
        in_log: in_log.values().sum(),
        in_ledger: in_ledger.values().sum(),
        answers_lost: 0,
        m2m_quota_in_log: log.m2m_quota_consumed,
        m2m_quota_in_ledger: ledger.m2m_quota_consumed,
        differences: Vec::new(),
    };
    settle(&mut in_log, &mut in_ledger, |one, other| one == other);
    settle(&mut in_log, &mut in_ledger, Row::agrees);
    for line in ledger.lines.iter().filter(|line| line.log_code.is_none()) {
        let mut unanswered = line.count;
        for (row, left) in &mut in_log {
            let may_be = line.possible_codes().contains(&row.code.as_str())
                && agree(line.client_id.as_ref(), row.client_id.as_ref())
                && agree(line.audience.as_ref(), row.audience.as_ref());
            if may_be {
                let explained = unanswered.min(*left);
                unanswered -= explained;
                *left -= explained;
                comparison.answers_lost += explained;
            }
        }
    }
    let difference = |row, only_in_log, only_in_ledger| Difference { row, only_in_log, only_in_ledger };
    let of_log = in_log.into_iter().map(|(row, left)| difference(row, left, 0));
    let of_ledger = in_ledger.into_iter().map(|(row, left)| difference(row, 0, left));
    comparison.differences =
        of_log.chain(of_ledger).filter(|found| found.only_in_log + found.only_in_ledger > 0).collect();
    comparison.differences.sort_by(|one, other| one.row.cmp(&other.row));
    comparison
}

impl Row {
    /// Returns whether both may be the same, where one does not say.
    fn agrees(&self, other: &Self) -> bool {
        self.code == other.code
            && agree(self.client_id.as_ref(), other.client_id.as_ref())
            && agree(self.audience.as_ref(), other.audience.as_ref())
    }
}

fn agree(one: Option<&String>, other: Option<&String>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

fn sums(rows: impl Iterator<Item = (Row, u64)>) -> BTreeMap<Row, u64> {
    let mut sums = BTreeMap::new();
    for (row, count) in rows {
        *sums.entry(row).or_default() += count;
    }
    sums
}

/// Takes from both sides what they have in common.
fn settle(
    log: &mut BTreeMap<Row, u64>,
    ledger: &mut BTreeMap<Row, u64>,
    agrees: impl Fn(&Row, &Row) -> bool,
) {
    for (row, left) in log.iter_mut() {
        for (other, other_left) in ledger.iter_mut().filter(|(other, _)| agrees(row, other)) {
            let _ = other;
            let common = (*left).min(*other_left);
            *left -= common;
            *other_left -= common;
        }
    }
}

/// Returns the code under which a ledger counts what the log has under this one.
fn one_code(code: &str) -> &str {
    if code == "ferrt" { "fertft" } else { code }
}

const EXCHANGES: [&str; 13] = [
    "s",
    "seacft",
    "feacft",
    "sertft",
    "fertft",
    "seccft",
    "feccft",
    "secte",
    "fecte",
    "success_on_behalf_of_token_exchange",
    "failed_on_behalf_of_token_exchange",
    "seta",
    "feta",
];
const FAILED_LOGIN: &str = "f";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ledger(lines: &serde_json::Value, quota: u64) -> Ledger {
        let json = json!({ "since": 10, "until": 20, "m2m_quota_consumed": quota, "reach": "fleet", "lines": lines });
        serde_json::from_value(json).unwrap()
    }

    fn log(rows: &[(&str, Option<&str>, Option<&str>, u64)], quota: u64) -> Counts {
        let owned = |text: &Option<&str>| text.map(str::to_owned);
        let rows = rows.iter().map(|(code, client, audience, count)| {
            (Row { code: (*code).to_owned(), client_id: owned(client), audience: owned(audience) }, *count)
        });
        Counts { rows: rows.collect(), m2m_quota_consumed: quota }
    }

    const API: Option<&str> = Some("https://api");
    const WORKER: Option<&str> = Some("worker");

    fn machine(code: Option<&str>, count: u64) -> serde_json::Value {
        json!({ "grant": "client_credentials", "log_code": code, "audience": API, "client_id": "worker",
                "organization": null, "outcome": "token", "quota": "counted", "why": "", "count": count })
    }

    #[test]
    fn equal_counts_agree_and_one_more_on_either_side_does_not() {
        let lines = json!([machine(Some("seccft"), 3)]);
        assert!(compare(&ledger(&lines, 3), &log(&[("seccft", WORKER, API, 3)], 3)).agrees());
        for (in_log, only_in_log, only_in_ledger) in [(4, 1, 0), (2, 0, 1)] {
            let found = compare(&ledger(&lines, 3), &log(&[("seccft", WORKER, API, in_log)], in_log));
            assert!(!found.agrees() && found.quota_differs());
            let row = Row {
                code: "seccft".into(),
                client_id: Some("worker".into()),
                audience: API.map(Into::into),
            };
            assert_eq!(found.differences, [Difference { row, only_in_log, only_in_ledger }]);
        }
        let elsewhere = log(&[("seccft", WORKER, Some("https://other"), 3)], 3);
        assert_eq!(compare(&ledger(&lines, 3), &elsewhere).differences.len(), 2);
        let other_client = log(&[("seccft", WORKER, API, 3), ("seccft", Some("nightly"), API, 1)], 4);
        assert!(!compare(&ledger(&lines, 3), &other_client).agrees());
    }

    #[test]
    fn what_one_side_does_not_name_agrees_with_any_and_is_used_up_once() {
        let lines = json!([
            { "grant": "login", "log_code": "s", "audience": null, "count": 2 },
            { "grant": "refresh_token", "log_code": "fertft", "audience": "https://api", "count": 3 },
            { "grant": "refresh_token", "log_code": "sertft", "audience": null, "count": 5 },
        ]);
        let events = [
            ("s", Some("shop"), API, 2),
            ("fertft", Some("shop"), None, 1),
            ("ferrt", Some("shop"), None, 2),
            ("sertft", Some("shop"), API, 3),
            ("sertft", Some("shop"), Some("https://b"), 2),
        ];
        let found = compare(&ledger(&lines, 0), &log(&events, 0));
        assert!(found.agrees(), "{found:?}");
        assert_eq!((found.in_log, found.in_ledger), (10, 10));
        let more = [events.as_slice(), &[("sertft", Some("shop"), Some("https://c"), 1)]].concat();
        let found = compare(&ledger(&lines, 0), &log(&more, 0));
        assert_eq!(found.differences.iter().map(|found| found.only_in_log).sum::<u64>(), 1);
    }

    #[test]
    fn lost_answers_explain_what_the_log_has_more_and_never_what_it_has_less() {
        let lines = json!([machine(Some("seccft"), 3), machine(None, 2)]);
        let found = compare(&ledger(&lines, 3), &log(&[("seccft", WORKER, API, 5)], 5));
        assert!(found.agrees(), "{found:?}");
        assert_eq!(found.answers_lost, 2);
        for in_log in [6, 2] {
            assert!(!compare(&ledger(&lines, 3), &log(&[("seccft", WORKER, API, in_log)], in_log)).agrees());
        }
        let of_another = log(&[("seccft", WORKER, API, 3), ("sertft", WORKER, API, 1)], 3);
        assert!(!compare(&ledger(&lines, 3), &of_another).agrees());
    }

    #[test]
    fn a_failed_login_and_what_is_no_exchange_are_not_compared() {
        let lines = json!([{ "grant": "login", "log_code": "f", "count": 1 }]);
        let events =
            [("f", Some("shop"), None, 7), ("slo", Some("shop"), None, 1), ("api_limit", WORKER, None, 1)];
        let found = compare(&ledger(&lines, 0), &log(&events, 0));
        assert!(found.agrees() && found.in_log == 0, "{found:?}");
        // What a ledger names is compared, whatever it is.
        let lines = json!([{ "grant": "client_credentials", "log_code": "api_limit", "count": 1 }]);
        assert!(compare(&ledger(&lines, 0), &log(&events, 0)).agrees());
        assert!(!compare(&ledger(&lines, 0), &log(&[], 0)).agrees());
    }

    #[test]
    fn a_quota_that_differs_is_a_difference_where_the_counts_agree() {
        let lines = json!([machine(Some("seccft"), 3)]);
        let found = compare(&ledger(&lines, 0), &log(&[("seccft", WORKER, API, 3)], 3));
        assert!(found.differences.is_empty() && !found.agrees());
    }
}
