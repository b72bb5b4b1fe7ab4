//! The provider's quota, as its last answer had it.

use crate::clock::Timestamp;
use crate::provider::{Bucket, QuotaNews};

/// What is left of one of the provider's quotas (Auth0's `Auth0-Client-Quota-Limit` and
/// `Auth0-Organization-Quota-Limit`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaBucket {
    /// Whose it is.
    pub holder: QuotaHolder,
    /// What the provider calls it: `per_hour`, `per_day`; up to 32 of `a-z 0-9 _`.
    pub name: String,
    /// How many tokens it has in all.
    pub limit: Option<u64>,
    /// How many are left.
    pub remaining: Option<u64>,
    /// When it begins anew.
    pub resets_at: Timestamp,
}

/// Whose quota it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaHolder {
    /// The client's.
    Client,
    /// That of the organization which the last token was for.
    Organization,
}

pub(crate) fn buckets(news: QuotaNews) -> Vec<QuotaBucket> {
    let all = |holder, buckets: Vec<Bucket>| {
        buckets.into_iter().map(move |Bucket { name, limit, remaining, resets_at }| QuotaBucket {
            holder,
            name,
            limit,
            remaining,
            resets_at,
        })
    };
    all(QuotaHolder::Client, news.client).chain(all(QuotaHolder::Organization, news.organization)).collect()
}
