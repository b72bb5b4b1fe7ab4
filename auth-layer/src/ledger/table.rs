//! A ledger's report as a table for people.

use std::fmt;

use crate::clock::Timestamp;
use crate::ledger::forecast::{Forecast, SetBy};
use crate::ledger::grant::Outcome;
use crate::ledger::quota::Quota;
use crate::ledger::report::{LedgerLine, LedgerReach, LedgerReport};
use crate::period::Period;

impl fmt::Display for LedgerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match self.reach {
            LedgerReach::Process => "this process",
            LedgerReach::Fleet => "all instances",
        };
        writeln!(f, "token exchanges of {whose} since {}", moment(self.since))?;
        let rows: Vec<[String; 6]> = self.lines.iter().map(row).collect();
        let headings = ["count", "log", "grant", "client", "audience", "M2M quota"].map(str::to_owned);
        let width = |column: usize| {
            rows.iter().chain([&headings]).map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths: [usize; 6] = std::array::from_fn(width);
        for row in [&headings].into_iter().chain(&rows) {
            let cells = row.iter().zip(widths).enumerate().map(|(at, (cell, width))| match at {
                0 => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            });
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(f, "  {}", line.trim_end())?;
        }
        writeln!(f, "M2M quota consumed: {}", self.m2m_quota_consumed)?;
        if self.undocumented > 0 {
            writeln!(f, "undocumented, and not claimed: {}", self.undocumented)?;
        }
        for forecast in &self.forecasts {
            writeln!(f, "{}", foreseen(forecast))?;
        }
        Ok(())
    }
}

fn row(line: &LedgerLine) -> [String; 6] {
    let quota = match (line.quota, line.outcome) {
        (Quota::Counted, _) => "counts",
        (Quota::Undocumented, _) => "undocumented",
        (Quota::NotCounted, _) => "no",
    };
    let audience = match (&line.audience, &line.organization) {
        (Some(audience), Some(organization)) => format!("{audience} ({organization})"),
        (Some(audience), None) => audience.clone(),
        (None, Some(organization)) => format!("- ({organization})"),
        (None, None) => "-".to_owned(),
    };
    let log = line.log_code.unwrap_or(if line.outcome == Outcome::NoAnswer { "no answer" } else { "-" });
    [
        line.count.to_string(),
        log.to_owned(),
        line.grant.as_str().to_owned(),
        line.client_id.as_deref().map_or_else(|| "-".to_owned(), printable),
        printable(&audience),
        format!("{quota}: {}", line.why),
    ]
}

fn foreseen(forecast: &Forecast) -> String {
    let whose = match forecast.set_by {
        SetBy::Budget => "budget",
        SetBy::Provider => "provider's quota",
    };
    let period = match forecast.period {
        Period::Hour => "an hour",
        Period::Day => "a day",
        Period::Month => "a month",
    };
    let lasts = match forecast.lasts_until {
        _ if forecast.used >= forecast.limit => "it is used up".to_owned(),
        Some(until) => format!("at this rate it lasts until {}", moment(until)),
        None => "at this rate it is not reached".to_owned(),
    };
    let (client, used, limit) = (printable(&forecast.client_id), forecast.used, forecast.limit);
    let resets = moment(forecast.resets_at);
    format!("{whose} of {client}: {used} of {limit} {period}; {lasts}; it resets at {resets}")
}

/// Names come from outside: none may move the cursor or end the line.
fn printable(text: &str) -> String {
    text.chars().map(|char| if char.is_control() { '\u{fffd}' } else { char }).collect()
}

fn moment(seconds: u64) -> String {
    Timestamp::from_unix_seconds(seconds).to_minute()
}
