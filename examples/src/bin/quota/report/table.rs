//! The tables of an audit, for people.

use std::fmt::Write as _;

use super::columns::{Columns, harmless, number};
use super::findings::{ByClient, Findings, Wasted};
use crate::count::Order;
use crate::ledger::Comparison;
use crate::log::shown_time;

/// Returns what was found, as text.
pub(crate) fn table(findings: &Findings) -> String {
    let mut text = String::new();
    what_was_read(&mut text, findings);
    what_counted(&mut text, findings);
    what_did_not(&mut text, findings);
    waste(&mut text, &findings.waste);
    if let Some(comparison) = &findings.comparison {
        compared(&mut text, comparison, findings.not_compared);
    }
    text
}

fn what_was_read(text: &mut String, findings: &Findings) {
    let Findings { events, broken, order, .. } = findings;
    say(text, &format!("{} in {}", several(*events, "event"), several(findings.logs as u64, "log")));
    if let (Some(first), Some(last)) = (&findings.first, &findings.last) {
        let order = match order {
            Order::OldestFirst => "oldest first",
            Order::NewestFirst => "newest first",
            Order::Mixed => "in mixed order",
        };
        say(text, &format!("  from {first} to {last}, {order}"));
    }
    if findings.duplicates > 0 {
        say(text, &format!("  {} came twice and were counted once", number(findings.duplicates)));
    }
    if findings.of_other_clients > 0 {
        say(text, &format!("  {} of other clients were left out", number(findings.of_other_clients)));
    }
    if broken.count > 0 {
        say(text, &format!("  {} broken, not counted:", number(broken.count)));
        for place in &broken.first {
            say(text, &format!("    {}:{}: {}", harmless(&place.log), place.line, harmless(&place.why)));
        }
        let more = broken.count - broken.first.len() as u64;
        if more > 0 {
            say(text, &format!("    and {} more", number(more)));
        }
    }
}

fn what_counted(text: &mut String, findings: &Findings) {
    say(text, "");
    say(text, &format!("M2M QUOTA CONSUMED: {}", number(findings.m2m_quota_consumed)));
    say(text, "  seccft: client credentials for an external API. Nothing else counts.");
    if findings.m2m_quota_consumed == 0 {
        return;
    }
    clients(text, "by client", &findings.by_client);
    let mut audiences = Columns::default();
    for line in findings.by_audience.iter().take(MOST) {
        audiences.row([number(line.count), or_none(line.audience.as_ref())]);
    }
    section(text, "by audience", &audiences, findings.by_audience.len());
    for audience in &findings.doubtful_audiences {
        let audience = harmless(audience);
        say(text, &format!("  ? {audience} looks like the tenant's own: if it is, say so with --tenant"));
    }
    let mut days = Columns::default();
    let most = findings.by_day.values().copied().max().unwrap_or(1).max(1);
    for (day, count) in findings.by_day.iter().rev().take(MOST_DAYS) {
        let bar = "#".repeat(usize::try_from(count * 40 / most).unwrap_or_default());
        days.row([number(*count), day.clone(), bar]);
    }
    let days_left = findings.by_day.len().saturating_sub(MOST_DAYS);
    let title = match days_left {
        0 => "by day (UTC)".to_owned(),
        left => format!("by day (UTC), the latest; {left} earlier ones with --json"),
    };
    say(text, &format!("\n  {title}"));
    text.push_str(&days.render());
}

fn what_did_not(text: &mut String, findings: &Findings) {
    let mut rows = Columns::default();
    for line in findings.not_counted.iter().take(MOST_CODES) {
        rows.row([number(line.count), line.code.clone(), line.why.clone()]);
    }
    if !findings.not_counted.is_empty() {
        say(text, "\nDID NOT COUNT");
        text.push_str(&rows.render());
        more(text, findings.not_counted.len(), MOST_CODES);
    }
    if !findings.undocumented.is_empty() {
        let sum: u64 = findings.undocumented.iter().map(|line| line.count).sum();
        say(
            text,
            &format!(
                "\nNOT DOCUMENTED EITHER WAY: {} token exchanges (secte, success_on_behalf_of_token_exchange, seta)",
                number(sum)
            ),
        );
        say(text, "  In no sum above: it is never claimed that they count, nor that they do not.");
        clients(text, "by client", &findings.undocumented);
    }
    if !findings.rate_limits.is_empty() {
        let sum: u64 = findings.rate_limits.iter().map(|line| line.count).sum();
        say(text, &format!("\nRATE LIMITS HIT: {} (api_limit)", number(sum)));
        clients(text, "by client", &findings.rate_limits);
    }
}

fn waste(text: &mut String, waste: &Wasted) {
    if waste.fetched == 0 {
        return;
    }
    let avoidable = waste.fetched - waste.sufficient;
    say(text, &format!("\nFETCHED AGAIN WHILE ONE WAS LIVING: {}", number(waste.while_living)));
    say(
        text,
        &format!(
            "  {} fetched; {} would have sufficed, {} % less",
            several(waste.fetched, "token"),
            number(waste.sufficient),
            avoidable * 100 / waste.fetched,
        ),
    );
    if waste.unexamined > 0 {
        let unexamined = number(waste.unexamined);
        say(text, &format!("  {unexamined} more were not looked at: too many clients, audiences or fetches"));
    }
    if waste.sets.is_empty() {
        return;
    }
    let mut sets = Columns::default();
    sets.row(
        ["fetched", "living", "enough", "lives", "client, audience, scope, organization"].map(str::to_owned),
    );
    for set in waste.sets.iter().take(MOST) {
        let client = set.client_name.as_ref().or(set.client_id.as_ref());
        let mut what = format!("{}, {}", or_none(client), or_none(set.audience.as_ref()));
        if !set.scope.is_empty() {
            let _ = write!(what, ", {}", set.scope);
        }
        if let Some(organization) = &set.organization {
            let _ = write!(what, ", {organization}");
        }
        let [fetched, living, enough] = [set.fetched, set.while_living, set.sufficient].map(number);
        sets.row([fetched, living, enough, lifetime(set.lifetime_seconds), what]);
    }
    text.push_str(&sets.render());
    more(text, waste.sets.len() + waste.more_sets, MOST);
    say(
        text,
        "  living: fetched while one was; enough: one living token at each fetch; lives: see --lifetime",
    );
}

fn compared(text: &mut String, comparison: &Comparison, not_compared: u64) {
    let until = comparison.until.map_or_else(|| "its end".to_owned(), |until| shown_time(until * 1_000));
    let since = shown_time(comparison.since.saturating_mul(1_000));
    say(text, &format!("\nLOG AND LEDGER, from {since} to {until}"));
    let mut rows = Columns::default();
    rows.row([number(comparison.in_log), "exchanges in the log".to_owned()]);
    rows.row([number(comparison.in_ledger), "in the ledger".to_owned()]);
    rows.row([number(comparison.m2m_quota_in_log), "M2M quota in the log".to_owned()]);
    rows.row([number(comparison.m2m_quota_in_ledger), "in the ledger".to_owned()]);
    if comparison.answers_lost > 0 {
        let lost = "in the log only, explained by answers that never came";
        rows.row([number(comparison.answers_lost), lost.to_owned()]);
    }
    if not_compared > 0 {
        rows.row([number(not_compared), "not compared: too many clients and audiences".to_owned()]);
    }
    text.push_str(&rows.render());
    if comparison.agrees() {
        say(text, "  they agree");
        return;
    }
    say(text, "  THEY DIFFER");
    let mut rows = Columns::default();
    for difference in comparison.differences.iter().take(MOST_DIFFERENCES) {
        let row = &difference.row;
        let (count, which) = match difference.only_in_log {
            0 => (difference.only_in_ledger, "in the ledger only"),
            count => (count, "in the log only"),
        };
        let whose = format!("{}, {}", or_none(row.client_id.as_ref()), or_none(row.audience.as_ref()));
        rows.row([number(count), which.to_owned(), row.code.clone(), whose]);
    }
    text.push_str(&rows.render());
    more(text, comparison.differences.len(), MOST_DIFFERENCES);
    if comparison.quota_differs() {
        say(text, "  the M2M quota differs by more than answers that were lost");
    }
}

fn clients(text: &mut String, title: &str, lines: &[ByClient]) {
    let mut rows = Columns::default();
    for line in lines.iter().take(MOST) {
        let name = line.client_name.clone().unwrap_or_default();
        rows.row([number(line.count), or_none(line.client_id.as_ref()), name]);
    }
    section(text, title, &rows, lines.len());
}

fn section(text: &mut String, title: &str, rows: &Columns, all: usize) {
    say(text, &format!("\n  {title}"));
    text.push_str(&rows.render());
    more(text, all, MOST);
}

fn more(text: &mut String, all: usize, shown: usize) {
    if all > shown {
        say(text, &format!("  and {} more, with --json", all - shown));
    }
}

fn or_none(name: Option<&String>) -> String {
    name.cloned().unwrap_or_else(|| "(none)".to_owned())
}

fn lifetime(seconds: u64) -> String {
    match seconds {
        days if days.is_multiple_of(86_400) => format!("{} d", days / 86_400),
        hours if hours.is_multiple_of(3_600) => format!("{} h", hours / 3_600),
        seconds => format!("{seconds} s"),
    }
}

fn several(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{} {what}s", number(count)) }
}

fn say(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

const MOST: usize = 10;
const MOST_CODES: usize = 30;
const MOST_DAYS: usize = 31;
const MOST_DIFFERENCES: usize = 50;
