//! The counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::ledger::exchange::{Exchange, Grant, Outcome};

/// Counts token exchanges by grant, audience and outcome; its copies share one count.
#[derive(Clone, Debug)]
pub struct Ledger(Arc<Book>);

#[derive(Debug)]
struct Book {
    since: Timestamp,
    lines: Mutex<BTreeMap<Key, u64>>,
}

type Key = (Grant, Option<Audience>, Outcome);

impl Ledger {
    pub(crate) fn new(since: Timestamp) -> Self {
        Self(Arc::new(Book { since, lines: Mutex::default() }))
    }

    pub(crate) fn record(&self, exchange: &Exchange) {
        let mut lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = (exchange.grant, exchange.audience.clone(), exchange.outcome);
        if lines.len() >= MAX_LINES && !lines.contains_key(&key) {
            key.1 = None;
        }
        *lines.entry(key).or_default() += 1;
        drop(lines);
        let log_code = exchange.grant.log_code(exchange.outcome).unwrap_or("none");
        #[cfg(feature = "metrics")]
        metrics::counter!("auth_layer_token_exchanges_total", "log_code" => log_code).increment(1);
        tracing::info!(grant = ?exchange.grant, log_code, at = exchange.at.unix_seconds(), "token exchange");
    }

    /// Returns the counts so far.
    #[must_use]
    pub fn report(&self) -> LedgerReport {
        let lines = self.0.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.iter().map(|((grant, audience, outcome), count)| LedgerLine {
            grant: *grant,
            log_code: grant.log_code(*outcome),
            audience: audience.as_ref().map(ToString::to_string),
            count: *count,
            counts_against_m2m_quota: false,
            why: grant.quota_note(),
        });
        LedgerReport { since: self.0.since.unix_seconds(), m2m_quota_consumed: 0, lines: lines.collect() }
    }
}

/// What a [`Ledger`] counted.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LedgerReport {
    /// Since when, in seconds since the epoch.
    pub since: u64,
    /// Tokens that counted against an M2M quota: no grant of a user does.
    pub m2m_quota_consumed: u64,
    /// One line for each grant, audience and outcome.
    pub lines: Vec<LedgerLine>,
}

impl LedgerReport {
    /// Returns the count under one code of the tenant's log, over all audiences.
    #[must_use]
    pub fn count(&self, log_code: &str) -> u64 {
        let matching = self.lines.iter().filter(|line| line.log_code == Some(log_code));
        matching.map(|line| line.count).sum()
    }
}

/// One line of a [`LedgerReport`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LedgerLine {
    /// How the tokens were asked for.
    pub grant: Grant,
    /// The code in the tenant's log; none where the provider gave no answer.
    pub log_code: Option<&'static str>,
    /// The audience that was asked for; none is the provider's default.
    pub audience: Option<String>,
    /// How many.
    pub count: u64,
    /// Whether these count against an M2M quota.
    pub counts_against_m2m_quota: bool,
    /// Why, or why not.
    pub why: &'static str,
}

const MAX_LINES: usize = 1_024;
