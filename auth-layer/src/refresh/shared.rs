//! A refresh among instances: lock, reload, look again, refresh, commit.

use std::sync::Arc;

use tokio::time::{Duration, sleep};
use tracing::Instrument as _;

use crate::clock::Timestamp;
use crate::refresh::commit::{Committer, Landed};
use crate::refresh::decide::Wanted;
use crate::refresh::error::{RefreshError, RefreshErrorKind};
use crate::refresh::flights::{FIRST_BACKOFF, LONGEST_REQUEST, backoff};
use crate::refresh::lease::{Claim, Lease, Leases, Refusal, Settling};
use crate::session::{Home, Saved, Shelf, StoreError};
use crate::token::{RefreshKey, TokenSet};

impl Committer {
    /// Refreshes where others may be about to: one of all instances spends the refresh token.
    pub(super) async fn fly_with_lease(
        &self,
        leases: &Leases,
        held: Arc<TokenSet>,
        key: RefreshKey,
        wanted: &Wanted,
        attempt: u32,
    ) -> Landed {
        loop {
            let mut lease = match leases.claim(key, held.generation, self.session.opened_at).await {
                Ok(Claim::Lead(lease)) => lease,
                Ok(Claim::Settled { tokens, until }) => return Landed::Overtaken { tokens, until },
                Ok(Claim::Failed(error)) => return Landed::Failed(error),
                Err(error) => return store_is_away(&error),
            };
            let set = match self.reload(&held).await {
                Ok(Reloaded::Same(set)) => set,
                Ok(Reloaded::Newer(tokens)) => {
                    lease.release().await;
                    return Landed::Overtaken { tokens, until: self.clock.now() };
                }
                Ok(Reloaded::Gone) => {
                    lease.release().await;
                    return self.gone();
                }
                Err(error) => {
                    lease.release().await;
                    return store_is_away(&error);
                }
            };
            // This process may have been suspended since it took the lease.
            if !lease.holds().await {
                continue;
            }
            let attempt = attempt.max(lease.attempt);
            return match lease.while_renewed(self.exchange(&set, key, wanted)).await {
                Ok(successor) => self.commit(leases, lease, set, successor).await,
                Err(error) => self.failed(leases, lease, &set, key, attempt, error).await,
            };
        }
    }

    /// The tokens as the session's home has them now.
    async fn reload(&self, held: &Arc<TokenSet>) -> Result<Reloaded, StoreError> {
        let Home::Store(shelf) = &self.session.home else { return Ok(Reloaded::Same(Arc::clone(held))) };
        Ok(match shelf.load(self.id()).await? {
            None => Reloaded::Gone,
            Some(record) if record.token_set.generation > held.generation => {
                Reloaded::Newer(record.token_set)
            }
            Some(record) => Reloaded::Same(record.token_set),
        })
    }

    /// Saves the successor where every instance finds it, before anyone sees its access token.
    async fn commit(
        &self,
        leases: &Leases,
        mut lease: Lease,
        spent: Arc<TokenSet>,
        successor: Arc<TokenSet>,
    ) -> Landed {
        match self.try_commit(leases, &mut lease, &spent, &successor).await {
            Ok(landed) => {
                if matches!(self.session.home, Home::Store(_)) {
                    // The store has the result: whoever takes the lease next finds it there.
                    lease.release().await;
                }
                landed
            }
            Err(error) => {
                tracing::error!(%error, "the session store did not take refreshed tokens: it is tried again until it does");
                self.commit_later(leases.clone(), lease, spent, Arc::clone(&successor));
                Landed::Brought { tokens: successor, until: self.session.returns_until }
            }
        }
    }

    async fn try_commit(
        &self,
        leases: &Leases,
        lease: &mut Lease,
        spent: &Arc<TokenSet>,
        successor: &Arc<TokenSet>,
    ) -> Result<Landed, StoreError> {
        match &self.session.home {
            Home::Store(shelf) => self.commit_to(shelf, spent, successor).await,
            Home::Cookie => self.commit_note(leases, lease, successor).await,
        }
    }

    async fn commit_to(
        &self,
        shelf: &Shelf,
        spent: &TokenSet,
        successor: &Arc<TokenSet>,
    ) -> Result<Landed, StoreError> {
        Ok(match shelf.save_tokens(self.id(), spent, successor).await? {
            Saved::Yes => Landed::Brought { tokens: Arc::clone(successor), until: self.clock.now() },
            Saved::Overtaken(tokens) => overtaken(tokens, self.clock.now()),
            Saved::Ended => {
                self.revoke(successor).await;
                self.gone()
            }
        })
    }

    async fn commit_note(
        &self,
        leases: &Leases,
        lease: &mut Lease,
        successor: &Arc<TokenSet>,
    ) -> Result<Landed, StoreError> {
        let (now, until) = (self.clock.now(), self.session.returns_until);
        if let Settling::Overtaken { tokens, until } = lease
            .settle(
                successor,
                until,
                (until.since(now).max(leases.grace) + LONGEST_REQUEST).min(LONGEST_LIFETIME),
            )
            .await?
        {
            return Ok(overtaken(tokens, until));
        }
        // In this order: a logout writes its tombstone first and looks for tokens to revoke then, so
        // that one of the two sees the other.
        if self.tombstones.has_ended_by_now(&self.session.record).await? {
            self.revoke(successor).await;
            return Ok(ended());
        }
        Ok(Landed::Brought { tokens: Arc::clone(successor), until: self.asked_again(until, now) })
    }

    /// Tries on until the store has the tokens: nobody else does, and the next refresh needs them.
    fn commit_later(&self, leases: Leases, mut lease: Lease, spent: Arc<TokenSet>, successor: Arc<TokenSet>) {
        let committer = self.clone();
        let trying = async move {
            while committer.clock.now() < committer.session.returns_until {
                sleep(COMMIT_AGAIN).await;
                if committer.try_commit(&leases, &mut lease, &spent, &successor).await.is_ok() {
                    tracing::info!("the session store has the refreshed tokens now");
                    if matches!(committer.session.home, Home::Store(_)) {
                        lease.release().await;
                    }
                    return;
                }
            }
        };
        self.tasks.spawn(trying.instrument(tracing::info_span!("commit")));
    }

    /// What an answer without tokens comes to, for this session and for the other instances.
    async fn failed(
        &self,
        leases: &Leases,
        mut lease: Lease,
        set: &Arc<TokenSet>,
        key: RefreshKey,
        attempt: u32,
        error: RefreshError,
    ) -> Landed {
        match error.kind() {
            RefreshErrorKind::Unavailable => {
                let (wait, now) = (backoff(attempt, key, error.retry_after()), self.clock.now());
                let holds = lease.wait(attempt.saturating_add(1), now.plus(wait), now).await;
                let meanwhile = if holds { None } else { self.brought_meanwhile(leases, set, key).await };
                meanwhile.unwrap_or_else(|| Landed::Failed(RefreshError::unavailable(wait)))
            }
            RefreshErrorKind::InvalidGrant => match self.refused(leases, &mut lease, set).await {
                Ok(landed) => landed,
                // It may have been spent by one who could not write that down either.
                Err(error) => store_is_away(&error),
            },
            RefreshErrorKind::Expired | RefreshErrorKind::NoRefreshToken | RefreshErrorKind::Refused => {
                lease.release().await;
                Landed::Failed(error)
            }
        }
    }

    /// What another instance has brought to one that lost its lease, and got no answer itself.
    ///
    /// A process that was suspended for longer than its lease finds its own request timed out when it goes
    /// on: it need not refuse for a while what the others serve.
    async fn brought_meanwhile(
        &self,
        leases: &Leases,
        set: &Arc<TokenSet>,
        key: RefreshKey,
    ) -> Option<Landed> {
        let now = self.clock.now();
        match self.reload(set).await.ok()? {
            Reloaded::Newer(tokens) => Some(overtaken(tokens, now)),
            Reloaded::Gone => Some(ended()),
            Reloaded::Same(_) => {
                let tokens = leases.settled(key, set.generation, now).await.ok()??;
                Some(overtaken(tokens, now))
            }
        }
    }

    /// The grant is dead: it is looked again whether another instance has spent it, before this session,
    /// and never another's newer one, is removed.
    async fn refused(
        &self,
        leases: &Leases,
        lease: &mut Lease,
        set: &TokenSet,
    ) -> Result<Landed, StoreError> {
        let now = self.clock.now();
        Ok(match lease.refuse(leases.grace).await? {
            Refusal::Overtaken { tokens, until } => overtaken(tokens, until),
            Refusal::Undecided => Landed::Failed(RefreshError::unavailable(FIRST_BACKOFF)),
            Refusal::Final => match &self.session.home {
                Home::Cookie => ended(),
                Home::Store(shelf) => match shelf.remove_with(self.id(), set).await? {
                    Some(tokens) => overtaken(tokens, now),
                    None => ended(),
                },
            },
        })
    }

    /// The session has ended elsewhere: its cookies were deleted then, and may be the next login's by now.
    fn gone(&self) -> Landed {
        self.tombstones.end_here(&self.session.record.id, self.session.record.expires_at);
        ended()
    }

    fn id(&self) -> &str {
        self.session.record.id.expose()
    }
}

/// What a look at the session's home, under the lease, comes to.
enum Reloaded {
    Same(Arc<TokenSet>),
    Newer(Arc<TokenSet>),
    Gone,
}

fn overtaken(tokens: Arc<TokenSet>, until: Timestamp) -> Landed {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_layer_refreshes_overtaken_total").increment(1);
    tracing::info!("another instance has refreshed this session meanwhile: its tokens are used");
    Landed::Overtaken { tokens, until }
}

fn ended() -> Landed {
    Landed::Failed(RefreshError::new(RefreshErrorKind::InvalidGrant))
}

fn store_is_away(error: &StoreError) -> Landed {
    tracing::error!(%error, "nothing is refreshed while the session store is away");
    Landed::Failed(RefreshError::unavailable(FIRST_BACKOFF))
}

/// What a store can keep to.
const LONGEST_LIFETIME: Duration = Duration::from_secs(400 * 86_400);
/// Well under a second: that long nobody takes a lease after the store was away.
const COMMIT_AGAIN: Duration = Duration::from_millis(200);
