//! The quota of client-credentials tokens, told in Auth0's quota headers.
//!
//! # Rules
//! 1. Every client has a bucket an hour and one a day, and so has every organization.
//! 2. An answer with a token takes one from each; a refusal takes none.
//! 3. Windows are whole hours and days since the provider's start.

use std::collections::HashMap;

use super::settings::{MachineQuota, Settings};
use crate::clock::Timestamp;

/// How much each client and organization has used.
#[derive(Default)]
pub(super) struct Quotas(HashMap<String, [Usage; 2]>);

#[derive(Clone, Copy, Default)]
struct Usage {
    window: u64,
    used: u64,
}

/// What is left of a quota.
pub(super) struct Remainder([Bucket; 2]);

struct Bucket {
    name: &'static str,
    quota: u64,
    left: u64,
    seconds: u64,
}

impl Remainder {
    /// Returns the seconds until a token can be had again, or nothing where one can be had now.
    pub(super) fn retry_after(&self) -> Option<u64> {
        let empty = self.0.iter().filter(|bucket| bucket.left == 0);
        empty.map(|bucket| bucket.seconds).max()
    }

    /// Returns the value of the header.
    pub(super) fn header(&self) -> String {
        let bucket = |Bucket { name, quota, left, seconds }: &Bucket| {
            format!("b={name};q={quota};r={left};t={seconds}")
        };
        format!("{},{}", bucket(&self.0[0]), bucket(&self.0[1]))
    }
}

impl Quotas {
    /// Returns what is left to `holder` at `now`.
    pub(super) fn remainder(
        &self,
        settings: &Settings,
        quota: MachineQuota,
        holder: &str,
        now: Timestamp,
    ) -> Remainder {
        let usage = self.0.get(holder).copied().unwrap_or_default();
        let elapsed = now.since(settings.started).as_secs();
        let quotas = [quota.per_hour, quota.per_day];
        Remainder(std::array::from_fn(|at| {
            let (name, length) = WINDOWS[at];
            let used = match usage[at] {
                usage if usage.window == elapsed / length => usage.used,
                _ => 0,
            };
            Bucket {
                name,
                quota: quotas[at],
                left: quotas[at].saturating_sub(used),
                seconds: length - elapsed % length,
            }
        }))
    }

    /// Takes one token from `holder`'s buckets.
    pub(super) fn take(&mut self, settings: &Settings, holder: &str, now: Timestamp) {
        let elapsed = now.since(settings.started).as_secs();
        let usage = self.0.entry(holder.to_owned()).or_default();
        for (usage, (_, length)) in usage.iter_mut().zip(WINDOWS) {
            let window = elapsed / length;
            if usage.window != window {
                *usage = Usage { window, used: 0 };
            }
            usage.used += 1;
        }
    }
}

const WINDOWS: [(&str, u64); 2] = [("per_hour", 3_600), ("per_day", 86_400)];
