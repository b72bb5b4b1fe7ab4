//! The counts of a fleet: one record a day in the store that instances share.
//!
//! # Rules
//! 1. An instance counts in its memory, and brings what it counted to the store: machine tokens at once,
//!    the others within five seconds. An instance that dies loses what it had not brought.
//! 2. What is brought is added by compare-and-swap, so that no two instances overwrite each other.
//! 3. It is added once. Each instance numbers what it brings, and the record has the last number of each:
//!    whoever got no answer looks before trying again.
//!
//! # Limits
//! 62 days; 256 lines a day of at most 52 KiB together, beyond which lines lose their names; the numbers of
//! 256 instances.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use crate::identifier::Issuer;
use crate::ledger::tally::DayTally;
use crate::one_time::random_number;
use crate::period::{DAY, Day};
use crate::session::{Groups, SessionStore, StoreError, Swap};

/// The ledger of all instances that share a store, for one issuer.
pub(crate) struct SharedLedger {
    store: Arc<dyn SessionStore>,
    issuer: String,
    /// Who brings: this instance, until it ends.
    writer: u64,
}

/// What one instance brings at once.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) day: Day,
    pub(crate) tally: DayTally,
    /// Counts up from one with each batch of this instance.
    pub(crate) number: u64,
}

#[derive(Default, Serialize, Deserialize)]
struct SharedDay {
    tally: DayTally,
    /// The last batch of each instance, the latest last.
    writers: Vec<(u64, u64)>,
}

impl SharedLedger {
    pub(crate) fn new(store: Arc<dyn SessionStore>, issuer: &Issuer) -> Self {
        let hash = digest(&SHA256, issuer.as_str().as_bytes());
        Self { store, issuer: URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12]), writer: random_number() }
    }

    fn name(&self, day: Day) -> String {
        format!("l:{}:{}", self.issuer, day.0)
    }

    /// Adds a batch to what is in the store, once.
    ///
    /// # Errors
    /// The store gives no answer: the same batch is to be brought again.
    ///
    /// # Cancellation
    /// As an error.
    pub(crate) async fn bring(&self, batch: &Batch) -> Result<(), StoreError> {
        let name = self.name(batch.day);
        let mut pause = FIRST_PAUSE;
        for _ in 0..TRIES {
            let found = self.store.load(&name).await?;
            let mut day =
                found.as_ref().map_or_else(SharedDay::default, |found| SharedDay::decode(&found.bytes));
            if !day.add(self.writer, batch) {
                return Ok(());
            }
            let bytes = day.encode();
            let swap = match found {
                None => self.store.insert(&name, bytes, KEPT, Groups::none()).await?,
                Some(found) => self.store.compare_and_swap(&name, found.version, bytes, KEPT).await?,
            };
            if let Swap::Done(_) = swap {
                return Ok(());
            }
            // Spread, so that those who met do not meet again.
            sleep(
                pause
                    + pause.mul_f64(f64::from(u16::try_from(random_number() % 1_000).unwrap_or(0)) / 1_000.0),
            )
            .await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(StoreError::new("the ledger could not be written: too many instances write it at once"))
    }

    /// The days up to `today`, oldest first.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn days(&self, today: Day) -> Result<Vec<(Day, DayTally)>, StoreError> {
        let days = (today.0.saturating_sub(DAYS - 1)..=today.0).map(Day);
        let names: Vec<(Day, String)> = days.map(|day| (day, self.name(day))).collect();
        let asked: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
        let found = self.store.load_all(&asked).await?;
        let found = names.into_iter().zip(found);
        Ok(found
            .filter_map(|((day, _), found)| Some((day, SharedDay::decode(&found?.bytes).tally)))
            .collect())
    }
}

impl SharedDay {
    /// Returns false where it was added before.
    fn add(&mut self, writer: u64, batch: &Batch) -> bool {
        if self.writers.iter().any(|(known, number)| *known == writer && *number >= batch.number) {
            return false;
        }
        if self.writers.is_empty() {
            self.tally.since = batch.tally.since;
        }
        self.writers.retain(|(known, _)| *known != writer);
        self.writers.push((writer, batch.number));
        if self.writers.len() > MAX_WRITERS {
            self.writers.remove(0);
        }
        self.tally.merge(&batch.tally);
        true
    }

    fn encode(&mut self) -> Vec<u8> {
        let encoded = |tally: &DayTally| postcard::to_allocvec(tally).map_or(0, |bytes| bytes.len());
        self.tally.fold_until(|tally| encoded(tally) <= MAX_BYTES);
        postcard::to_extend(&*self, vec![VERSION]).expect("strings and numbers always have a compact form")
    }

    /// What does not read as a day is none: the count begins anew, and says so.
    fn decode(bytes: &[u8]) -> Self {
        let read = match bytes {
            [VERSION, body @ ..] => postcard::from_bytes(body).ok(),
            _ => None,
        };
        read.unwrap_or_else(|| {
            tracing::error!("a day of the ledger in the store cannot be read: it begins anew");
            Self::default()
        })
    }
}

impl fmt::Debug for SharedLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedLedger(..)")
    }
}

const VERSION: u8 = 1;
/// How many days are kept, here and in memory.
pub(crate) const DAYS: u64 = 62;
const KEPT: Duration = Duration::from_secs((DAYS + 1) * DAY);
const MAX_BYTES: usize = 52 * 1024;
const MAX_WRITERS: usize = 256;
const TRIES: usize = 64;
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
