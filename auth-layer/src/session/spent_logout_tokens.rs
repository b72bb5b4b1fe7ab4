//! Logout tokens that were acted on (OpenID Connect Back-Channel Logout 1.0 §2.6): each is good once.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::identifier::Issuer;
use crate::session::store::{Groups, SessionStore, StoreError, Swap};

/// The logout tokens that were acted on, each for as long as it could come again.
///
/// In the store that instances share, where there is one, and in this process, 100,000 of them: only what
/// the provider signed is remembered.
#[derive(Clone)]
pub(crate) struct SpentLogoutTokens {
    here: Cache<Id, Duration>,
    shared: Option<Arc<dyn SessionStore>>,
}

/// A hash of the issuer and the `jti`, which is unique to its issuer alone.
type Id = [u8; 32];

impl SpentLogoutTokens {
    pub(crate) fn new(shared: Option<Arc<dyn SessionStore>>) -> Self {
        // The newest are the ones that can come again.
        let policy = EvictionPolicy::lru();
        let here = Cache::builder().max_capacity(MOST).eviction_policy(policy).expire_after(EachInItsTime);
        Self { here: here.build(), shared }
    }

    /// Notes a token for `lifetime`; false where it was noted before, here or by another instance.
    ///
    /// # Errors
    /// The store gives no answer; then the token is not noted here.
    pub(crate) async fn spend(
        &self,
        issuer: &Issuer,
        jti: &str,
        lifetime: Duration,
    ) -> Result<bool, StoreError> {
        let id = id(issuer, jti);
        if !self.here.entry(id).or_insert(lifetime).is_fresh() {
            return Ok(false);
        }
        let Some(store) = &self.shared else { return Ok(true) };
        let lifetime = lifetime.clamp(SHORTEST, LONGEST);
        match store.insert(&name(&id), Vec::new(), lifetime, Groups::none()).await {
            Ok(inserted) => Ok(matches!(inserted, Swap::Done(_))),
            Err(error) => {
                self.here.invalidate(&id);
                Err(error)
            }
        }
    }

    /// Lets a token come again, since nothing came of it.
    pub(crate) async fn restore(&self, issuer: &Issuer, jti: &str) {
        let id = id(issuer, jti);
        self.here.invalidate(&id);
        if let Some(store) = &self.shared
            && let Err(error) = store.remove(&name(&id)).await
        {
            tracing::warn!(%error, "a logout token of which nothing came cannot come again");
        }
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

fn name(id: &Id) -> String {
    format!("j:{}", URL_SAFE_NO_PAD.encode(id))
}

impl fmt::Debug for SpentLogoutTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpentLogoutTokens(..)")
    }
}

const MOST: u64 = 100_000;
/// What a store can keep to.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_secs(400 * 86_400);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::session::memory_store::MemoryStore;

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_token_is_good_once_and_of_another_issuer_it_is_another() {
        let spent = SpentLogoutTokens::new(None);
        let (one, other) = (Issuer::from("https://op.example"), Issuer::from("https://op.exampl"));
        assert!(spent.spend(&one, "7", MINUTE).await.unwrap());
        assert!(!spent.spend(&one, "7", MINUTE).await.unwrap());
        assert!(spent.spend(&one, "8", MINUTE).await.unwrap());
        assert!(spent.spend(&other, "7", MINUTE).await.unwrap());
        assert!(spent.spend(&other, "e7", MINUTE).await.unwrap(), "the two together read as before");
    }

    #[tokio::test]
    async fn a_token_that_another_instance_has_acted_on_is_spent() {
        let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::system()));
        let [one, other] = [0, 1].map(|_| SpentLogoutTokens::new(Some(Arc::clone(&store))));
        let issuer = Issuer::from("https://op.example");
        assert!(one.spend(&issuer, "7", MINUTE).await.unwrap());
        assert!(!other.spend(&issuer, "7", MINUTE).await.unwrap());
        one.restore(&issuer, "7").await;
        let third = SpentLogoutTokens::new(Some(store));
        assert!(third.spend(&issuer, "7", MINUTE).await.unwrap());
    }

    #[tokio::test]
    async fn a_token_of_which_nothing_came_may_come_again() {
        let spent = SpentLogoutTokens::new(None);
        let issuer = Issuer::from("https://op.example");
        assert!(spent.spend(&issuer, "7", Duration::MAX).await.unwrap(), "no lifetime is too long");
        spent.restore(&issuer, "7").await;
        assert!(spent.spend(&issuer, "7", MINUTE).await.unwrap());
        assert!(spent.spend(&issuer, "short", Duration::ZERO).await.unwrap());
    }
}
