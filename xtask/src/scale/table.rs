//! What the rates of one session come to for all of them, and the table.

use std::fmt::Write as _;

use super::figures::{COOKIES, Commands, POSTGRES, READ, REDIS, SCRIPT, STORED};
use super::inputs::{Inputs, NOTED_AT_MOST, TOMBSTONE_KEPT};
use super::model::Rates;

/// A fleet of some size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fleet {
    pub(crate) sessions: f64,
    pub(crate) instances: usize,
}

/// A line of the table: its name, and how much of what.
pub(crate) type Row = (&'static str, f64, Unit);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    PerSecond,
    Cores,
    Bytes,
}

impl Fleet {
    pub(crate) fn rows(&self, inputs: &Inputs, rates: &Rates) -> Vec<Row> {
        let of_all = |rate: f64| rate * self.sessions;
        let logins = self.sessions / inputs.session;
        let logouts = logins * inputs.logouts;
        let rare = |commands: &Commands| {
            of_all(
                rates.rolls * commands.roll
                    + rates.refreshes * (commands.refresh + commands.acknowledge - commands.first_seen)
                    + rates.first_seen * commands.first_seen,
            ) + logins * commands.login
                + logouts * commands.logout
        };
        let (stored, cookies) = (rare(&STORED), rare(&COOKIES));
        let reads = of_all(rates.requests);
        let look_ups = of_all(rates.look_ups) + self.forgotten(inputs, rates);
        let buried = logouts * TOMBSTONE_KEPT;
        let in_cookies = |note: f64, tombstone: f64| of_all(rates.notes) * note + buried * tombstone;
        vec![
            ("requests", of_all(rates.requests), Unit::PerSecond),
            ("refresh calls at the provider", of_all(rates.refreshes), Unit::PerSecond),
            ("rolls", of_all(rates.rolls), Unit::PerSecond),
            ("sessions in the store: commands", reads + stored, Unit::PerSecond),
            ("  processors of Redis", reads * READ + stored * SCRIPT, Unit::Cores),
            ("  memory of Redis", self.sessions * REDIS.session, Unit::Bytes),
            ("  disk of PostgreSQL", self.sessions * POSTGRES.session, Unit::Bytes),
            ("sessions in cookies: commands", look_ups + cookies, Unit::PerSecond),
            ("  processors of Redis", look_ups * READ + cookies * SCRIPT, Unit::Cores),
            ("  memory of Redis", in_cookies(REDIS.note, REDIS.tombstone), Unit::Bytes),
            ("  disk of PostgreSQL", in_cookies(POSTGRES.note, POSTGRES.tombstone), Unit::Bytes),
        ]
    }

    /// Looks at notes that an instance has looked at before and forgot, having seen too many since.
    fn forgotten(&self, inputs: &Inputs, rates: &Rates) -> f64 {
        let in_use = self.sessions * inputs.active;
        rates.requests * self.sessions * (1.0 - NOTED_AT_MOST / in_use).max(0.0)
    }

    pub(crate) fn table(&self, inputs: &Inputs, formula: &Rates, seen: &Rates) -> String {
        let mut table = format!("{} sessions on {} instances\n", power(self.sessions), self.instances);
        // Writing to a string does not fail.
        let _ = writeln!(table, "{:<34} {:>14} {:>14} {:>8}", "", "formula", "simulation", "off by");
        for ((name, formula, unit), (_, seen, _)) in
            self.rows(inputs, formula).into_iter().zip(self.rows(inputs, seen))
        {
            let off = (seen / formula - 1.0) * 100.0;
            let _ =
                writeln!(table, "{name:<34} {:>14} {:>14} {off:>6.1} %", unit.show(formula), unit.show(seen));
        }
        table
    }
}

impl Unit {
    fn show(self, amount: f64) -> String {
        match self {
            Self::PerSecond if amount < 100.0 => format!("{amount:.1} /s"),
            Self::PerSecond => format!("{} /s", grouped(amount)),
            Self::Cores => format!("{amount:.2}"),
            Self::Bytes if amount < 1e9 => format!("{:.0} MB", amount / 1e6),
            Self::Bytes => format!("{:.1} GB", amount / 1e9),
        }
    }
}

fn grouped(amount: f64) -> String {
    let digits = format!("{amount:.0}");
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn power(sessions: f64) -> String {
    let exponent = sessions.log10().round();
    if (sessions - 10_f64.powf(exponent)).abs() < 0.5 { format!("10^{exponent}") } else { grouped(sessions) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_at_a_glance() {
        for (unit, amount, expected) in [
            (Unit::PerSecond, 7.25, "7.2 /s"),
            (Unit::PerSecond, 1_234_567.0, "1,234,567 /s"),
            (Unit::PerSecond, 123.0, "123 /s"),
            (Unit::Cores, 0.456, "0.46"),
            (Unit::Bytes, 12.0e6, "12 MB"),
            (Unit::Bytes, 5.25e9, "5.2 GB"),
        ] {
            assert_eq!(unit.show(amount), expected);
        }
        assert_eq!(power(1e7), "10^7");
        assert_eq!(power(2_500_000.0), "2,500,000");
    }
}
