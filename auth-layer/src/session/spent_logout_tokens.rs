//! Logout tokens that were acted on (OpenID Connect Back-Channel Logout 1.0 §2.6): each is good once.

use std::fmt;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::identifier::Issuer;
use crate::session::store::StoreError;

/// The logout tokens that were acted on, each for as long as it could come again.
///
/// Held by this process, 100,000 of them: only what the provider signed is remembered here.
#[derive(Clone)]
pub(crate) struct SpentLogoutTokens(Cache<Id, Duration>);

/// A hash of the issuer and the `jti`, which is unique to its issuer alone.
type Id = [u8; 32];

impl SpentLogoutTokens {
    pub(crate) fn new() -> Self {
        // The newest are the ones that can come again.
        let policy = EvictionPolicy::lru();
        Self(Cache::builder().max_capacity(MOST).eviction_policy(policy).expire_after(EachInItsTime).build())
    }

    /// Notes a token for `lifetime`; false where it was noted before.
    pub(crate) async fn spend(
        &self,
        issuer: &Issuer,
        jti: &str,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        Ok(self.0.entry(id(issuer, jti)).or_insert(lifetime).is_fresh())
    }

    /// Lets a token come again, since nothing came of it.
    pub(crate) async fn restore(&self, issuer: &Issuer, jti: &str) {
        self.0.invalidate(&id(issuer, jti));
    }
}

struct EachInItsTime;

impl Expiry<Id, Duration> for EachInItsTime {
    fn expire_after_create(&self, _: &Id, lifetime: &Duration, _: Instant) -> Option<Duration> {
        Some(*lifetime)
    }
}

fn id(issuer: &Issuer, jti: &str) -> Id {
    let mut context = Context::new(&SHA256);
    // The length first, so that no two pairs read alike.
    context.update(&(issuer.as_str().len() as u64).to_be_bytes());
    context.update(issuer.as_str().as_bytes());
    context.update(jti.as_bytes());
    let mut id = [0_u8; 32];
    id.copy_from_slice(context.finish().as_ref());
    id
}

impl fmt::Debug for SpentLogoutTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpentLogoutTokens(..)")
    }
}

const MOST: u64 = 100_000;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_token_is_good_once_and_of_another_issuer_it_is_another() {
        let spent = SpentLogoutTokens::new();
        let (one, other) = (Issuer::from("https://op.example"), Issuer::from("https://op.exampl"));
        assert!(spent.spend(&one, "7", MINUTE).await.unwrap());
        assert!(!spent.spend(&one, "7", MINUTE).await.unwrap());
        assert!(spent.spend(&one, "8", MINUTE).await.unwrap());
        assert!(spent.spend(&other, "7", MINUTE).await.unwrap());
        assert!(spent.spend(&other, "e7", MINUTE).await.unwrap(), "the two together read as before");
    }

    #[tokio::test]
    async fn a_token_of_which_nothing_came_may_come_again() {
        let spent = SpentLogoutTokens::new();
        let issuer = Issuer::from("https://op.example");
        assert!(spent.spend(&issuer, "7", Duration::MAX).await.unwrap(), "no lifetime is too long");
        spent.restore(&issuer, "7").await;
        assert!(spent.spend(&issuer, "7", MINUTE).await.unwrap());
        assert!(spent.spend(&issuer, "short", Duration::ZERO).await.unwrap());
    }
}
