//! Look, lock, look again, ask, share.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::fleet::wanted::{Missed, Wanted};
use crate::refresh::{Claim, Lease, Leases, backoff};
use crate::session::{BoundedStore, Purpose, SharedKind, SharedTokenAt, SharedTokens, StoreError};
use crate::token::IssuedToken;

/// The instances of one client that share tokens of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    leases: Leases,
    tokens: SharedTokens,
    clock: Clock,
}

impl Fleet {
    /// A lease is of this `length`, and another's is waited for as long as `wait`.
    pub(crate) fn new(
        kind: SharedKind,
        store: BoundedStore,
        client: Purpose,
        (length, wait): (Duration, Duration),
        clock: Clock,
    ) -> Self {
        let tokens = SharedTokens::new(kind, Arc::new(store.clone()), client, clock.clone());
        let (notes, grace) = (tokens.leases(), Duration::ZERO);
        let leases = Leases { notes, store, length, wait, grace, clock: clock.clone() };
        Self { leases, tokens, clock }
    }

    /// Gets a token that any of the instances has, or asks for one on behalf of all.
    pub(crate) async fn obtain<W: Wanted>(&self, wanted: &W) -> Result<Arc<IssuedToken>, Missed<W::Error>> {
        match self.obtain_shared(wanted).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::warn!(%error, "this instance asks for a token of its own: the session store is away");
                Ok(wanted.ask().await?)
            }
        }
    }

    async fn obtain_shared<W: Wanted>(
        &self,
        wanted: &W,
    ) -> Result<Result<Arc<IssuedToken>, Missed<W::Error>>, StoreError> {
        let place = self.tokens.at(wanted.key());
        if let Some(token) = self.at_once(place.read().await?, wanted) {
            return Ok(Ok(token));
        }
        loop {
            let mut lease = match self.leases.claim(wanted.key(), 0, self.clock.now()).await? {
                Claim::Lead(lease) => lease,
                // Another instance has just failed, or takes its time: what there is may still do.
                Claim::Failed(error) => {
                    let living = self.living(place.read().await?, wanted);
                    let told = place.read_why().await?.map(|(why, left)| wanted.told(why, left));
                    let error = told.unwrap_or_else(|| wanted.unavailable(error.retry_after()));
                    return Ok(Err(Missed { error, living }));
                }
                // Nobody writes that here.
                Claim::Settled { .. } => return Ok(Err(wanted.unavailable(None).into())),
            };
            let found = match place.read().await {
                Ok(found) => found,
                Err(error) => {
                    lease.release().await;
                    return Err(error);
                }
            };
            if let Some(token) = self.fresh(found.clone(), wanted) {
                lease.release().await;
                return Ok(Ok(token));
            }
            // This process may have been suspended since it took the lease.
            if !lease.holds().await {
                continue;
            }
            let asked = lease.while_renewed(wanted.ask()).await;
            return Ok(match asked {
                Ok(token) => {
                    if let Err(error) = place.write(&token, wanted.instead_of()).await {
                        tracing::warn!(%error, "other instances do not find a token: each asks for its own");
                    }
                    lease.release().await;
                    Ok(token)
                }
                Err(error) => {
                    self.tell_others(&place, lease, wanted, &error).await;
                    Err(Missed { error, living: self.living(found, wanted) })
                }
            });
        }
    }

    /// Keeps the others from asking for as long as this instance does.
    async fn tell_others<W: Wanted>(
        &self,
        place: &SharedTokenAt,
        lease: Lease,
        wanted: &W,
        error: &W::Error,
    ) {
        let Some(why) = wanted.why(error) else { return lease.release().await };
        let now = self.clock.now();
        let attempt = wanted.attempt().max(lease.attempt);
        let wait = backoff(attempt, wanted.key(), wanted.retry_after(error));
        // First the reason: who finds that there is a wait looks for it.
        if let Err(error) = place.write_why(&why, wait).await {
            tracing::warn!(%error, "other instances could not be told why there is no token");
        }
        lease.wait(attempt.saturating_add(1), now.plus(wait), now).await;
    }

    /// What spares the wait for a lease: whoever has callers waiting takes what lives, and renews it for the next.
    fn at_once<W: Wanted>(&self, found: Option<Arc<IssuedToken>>, wanted: &W) -> Option<Arc<IssuedToken>> {
        if !wanted.is_waited_for() {
            return self.fresh(found, wanted);
        }
        let now = self.clock.now();
        self.living(found, wanted).filter(|token| !token.is_from_the_future(now))
    }

    /// A token of another instance that need not be renewed yet.
    fn fresh<W: Wanted>(&self, found: Option<Arc<IssuedToken>>, wanted: &W) -> Option<Arc<IssuedToken>> {
        let now = self.clock.now();
        let is_fresh = |token: &Arc<IssuedToken>| {
            wanted.renew_at(token).is_none_or(|renew_at| now < renew_at) && !token.is_from_the_future(now)
        };
        self.living(found, wanted).filter(is_fresh)
    }

    /// A token of another instance that lives, and is not the one that was refused.
    fn living<W: Wanted>(&self, found: Option<Arc<IssuedToken>>, wanted: &W) -> Option<Arc<IssuedToken>> {
        let is_refused = |token: &Arc<IssuedToken>| {
            wanted.instead_of().is_some_and(|refused| refused.value.ct_eq(token.value.as_bytes()))
        };
        found.filter(|token| token.is_living(self.clock.now()) && !is_refused(token) && wanted.does(token))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
