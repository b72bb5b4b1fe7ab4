//! Logout tokens that were acted on (OpenID Connect Back-Channel Logout 1.0 §2.6): each is good once.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::identifier::{ClientId, Issuer};
use crate::session::store::{Groups, SessionStore, Swap};

/// The logout tokens that were acted on, each for as long as it could come again.
///
/// In the store that instances share, where there is one, and in this process, 100,000 of them: only what
/// the provider signed is remembered.
#[derive(Clone)]
pub(crate) struct SpentLogoutTokens {
    issuer: Issuer,
    client: ClientId,
    here: Cache<Id, Duration>,
    /// Those that are being tried again.
    again: Arc<Mutex<HashSet<Id>>>,
    shared: Option<Arc<dyn SessionStore>>,
}

/// A hash of the issuer, the client and the `jti`, which is unique to its issuer alone.
///
/// A token may be meant for several clients (`aud` is a list): each of them acts on it, also where they
/// share a store.
type Id = [u8; 32];

impl SpentLogoutTokens {
    pub(crate) fn new(issuer: Issuer, client: ClientId, shared: Option<Arc<dyn SessionStore>>) -> Self {
        // The newest are the ones that can come again.
        let policy = EvictionPolicy::lru();
        let here = Cache::builder().max_capacity(MOST).eviction_policy(policy).expire_after(EachInItsTime);
        Self { issuer, client, here: here.build(), again: Arc::default(), shared }
    }

    /// Whether this process has acted on a token.
    pub(crate) fn is_spent_here(&self, jti: &str) -> bool {
        self.here.contains_key(&self.id(jti))
    }

    /// Notes for `lifetime` that a token was acted on; false where it was noted before, here or by another
    /// instance.
    ///
    /// A store that gives no answer undoes nothing: the token may then come again at other instances, and
    /// ends what is over anyway.
    pub(crate) async fn spend(&self, jti: &str, lifetime: Duration) -> bool {
        let id = self.id(jti);
        if !self.here.entry(id).or_insert(lifetime).is_fresh() {
            return false;
        }
        let Some(store) = &self.shared else { return true };
        let lifetime = lifetime.clamp(SHORTEST, LONGEST);
        match store.insert(&name(&id), Vec::new(), lifetime, Groups::none()).await {
            Ok(inserted) => matches!(inserted, Swap::Done(_)),
            Err(error) => {
                tracing::warn!(%error, "that a logout token was used could not be noted for other instances");
                true
            }
        }
    }

    /// Notes that what a token says is being tried again; false where it was already.
    pub(crate) fn begin_again(&self, jti: &str) -> bool {
        self.again.lock().unwrap_or_else(PoisonError::into_inner).insert(self.id(jti))
    }

    /// Notes that it is not tried any more.
    pub(crate) fn end_again(&self, jti: &str) {
        self.again.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id(jti));
    }

    fn id(&self, jti: &str) -> Id {
        let mut context = Context::new(&SHA256);
        for part in [self.issuer.as_str(), self.client.as_str(), jti] {
            // The length first, so that no two lists read alike.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut id = [0_u8; 32];
        id.copy_from_slice(context.finish().as_ref());
        id
    }
}

struct EachInItsTime;

impl Expiry<Id, Duration> for EachInItsTime {
    fn expire_after_create(&self, _: &Id, lifetime: &Duration, _: Instant) -> Option<Duration> {
        Some(*lifetime)
    }
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

    fn of(issuer: &str, client: &str, store: Option<&Arc<dyn SessionStore>>) -> SpentLogoutTokens {
        SpentLogoutTokens::new(Issuer::from(issuer), ClientId::from(client), store.map(Arc::clone))
    }

    #[tokio::test]
    async fn a_token_is_good_once_and_of_another_issuer_or_for_another_client_it_is_another() {
        let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::system()));
        for (issuer, client, jti) in [
            ("https://op.example", "shop", "7"),
            ("https://op.example", "shop", "8"),
            ("https://op.example", "billing", "7"),
            ("https://op.exampl", "eshop", "7"),
            ("https://op.example", "sho", "p7"),
        ] {
            let spent = of(issuer, client, Some(&store));
            assert!(!spent.is_spent_here(jti) && spent.spend(jti, MINUTE).await, "{issuer} {client} {jti}");
            assert!(spent.is_spent_here(jti) && !spent.spend(jti, MINUTE).await, "{issuer} {client} {jti}");
        }
    }

    #[tokio::test]
    async fn a_token_that_another_instance_has_acted_on_is_spent() {
        let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::system()));
        let [one, other] = [0, 1].map(|_| of("https://op.example", "shop", Some(&store)));
        assert!(one.spend("7", MINUTE).await);
        assert!(!other.is_spent_here("7") && !other.spend("7", MINUTE).await);
    }

    #[tokio::test]
    async fn no_lifetime_is_too_long_or_too_short() {
        let spent = of("https://op.example", "shop", None);
        assert!(spent.spend("long", Duration::MAX).await);
        assert!(!spent.spend("long", MINUTE).await);
        assert!(spent.spend("short", Duration::ZERO).await);
    }
}
