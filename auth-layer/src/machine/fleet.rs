//! A machine token among instances: look, lock, look again, ask, share.

use std::sync::Arc;
use std::time::Duration;

use crate::machine::client::Client;
use crate::machine::error::{MachineTokenError, MachineTokenErrorKind};
use crate::machine::slot::Slot;
use crate::refresh::{Claim, Lease, Leases, backoff};
use crate::session::{MachineTokenAt, MachineTokenRecords, NoToken, StoreError};
use crate::token::{IssuedToken, OwnToken};

/// What instances share.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) leases: Leases,
    pub(super) tokens: MachineTokenRecords,
}

/// What one flight is after.
#[derive(Clone, Copy)]
pub(super) struct Want<'a> {
    pub(super) slot: &'a Slot,
    pub(super) instead_of: Option<&'a Arc<OwnToken>>,
    /// How many tries before went without a token.
    pub(super) attempt: u32,
}

/// A try that brought nothing.
#[derive(Debug)]
pub(super) struct Missed {
    pub(super) error: MachineTokenError,
    /// What another instance left: it lives, and was about to be renewed.
    pub(super) living: Option<Arc<IssuedToken>>,
}

impl From<MachineTokenError> for Missed {
    fn from(error: MachineTokenError) -> Self {
        Self { error, living: None }
    }
}

impl Client {
    /// Gets a token that any of the instances has, or asks for one on behalf of all.
    ///
    /// While the store is away this instance asks for itself: its callers need a token, and it costs one.
    pub(super) async fn obtain(&self, want: Want<'_>) -> Result<Arc<IssuedToken>, Missed> {
        if let Some(parameter) = want.slot.parameters.empty_name() {
            return Err(MachineTokenError::new(MachineTokenErrorKind::EmptyName { parameter }).into());
        }
        let Some(fleet) = &self.fleet else { return Ok(self.issue(&want.slot.parameters).await?) };
        match self.obtain_shared(fleet, want).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::warn!(%error, "this instance asks for its own machine token: the session store is away");
                Ok(self.issue(&want.slot.parameters).await?)
            }
        }
    }

    async fn obtain_shared(
        &self,
        fleet: &Fleet,
        want: Want<'_>,
    ) -> Result<Result<Arc<IssuedToken>, Missed>, StoreError> {
        let place = fleet.tokens.at(want.slot.key);
        if let Some(token) = self.usable(place.read().await?, want) {
            return Ok(Ok(token));
        }
        loop {
            let mut lease = match fleet.leases.claim(want.slot.key, 0, self.clock.now()).await? {
                Claim::Lead(lease) => lease,
                // Another instance has just failed, or takes its time: what there is may still do.
                Claim::Failed(error) => {
                    let living = self.living(place.read().await?, want);
                    let told = place.read_why().await?.map(|(why, left)| error_of(why, left, want));
                    let error = told.unwrap_or_else(|| unavailable(error.retry_after()));
                    return Ok(Err(Missed { error, living }));
                }
                // Nobody writes that here.
                Claim::Settled { .. } => return Ok(Err(unavailable(None).into())),
            };
            let found = match place.read().await {
                Ok(found) => found,
                Err(error) => {
                    lease.release().await;
                    return Err(error);
                }
            };
            if let Some(token) = self.usable(found.clone(), want) {
                lease.release().await;
                return Ok(Ok(token));
            }
            // This process may have been suspended since it took the lease.
            if !lease.holds().await {
                continue;
            }
            let asked = lease.while_renewed(self.issue(&want.slot.parameters)).await;
            return Ok(match asked {
                Ok(token) => {
                    let refused = want.instead_of.map(|refused| &*refused.issued);
                    if let Err(error) = place.write(&token, refused).await {
                        tracing::warn!(%error, "other instances do not find a machine token: each asks for its own");
                    }
                    lease.release().await;
                    Ok(token)
                }
                Err(error) => {
                    self.tell_others(&place, lease, want, &error).await;
                    Err(Missed { error, living: self.living(found, want) })
                }
            });
        }
    }

    /// Keeps the others from asking for as long as this instance does.
    async fn tell_others(
        &self,
        place: &MachineTokenAt,
        lease: Lease,
        want: Want<'_>,
        error: &MachineTokenError,
    ) {
        // The budget is theirs as well: they find out by themselves.
        let Some(why) = why_of(error) else { return lease.release().await };
        let now = self.clock.now();
        let attempt = want.attempt.max(lease.attempt);
        let wait = backoff(attempt, want.slot.key, error.retry_after());
        // First the reason: who finds that there is a wait looks for it.
        if let Err(error) = place.write_why(&why, wait).await {
            tracing::warn!(%error, "other instances could not be told why there is no machine token");
        }
        lease.wait(attempt.saturating_add(1), now.plus(wait), now).await;
    }

    /// A token of another instance that need not be renewed yet.
    fn usable(&self, found: Option<Arc<IssuedToken>>, want: Want<'_>) -> Option<Arc<IssuedToken>> {
        let now = self.clock.now();
        let latest = |token: &Arc<IssuedToken>| token.expires_at.minus(token.buffer(self.renewal_before));
        self.living(found, want).filter(|token| now < latest(token) && !token.is_from_the_future(now))
    }

    /// A token of another instance that lives, and is not the one that was refused.
    fn living(&self, found: Option<Arc<IssuedToken>>, want: Want<'_>) -> Option<Arc<IssuedToken>> {
        let is_refused = |token: &Arc<IssuedToken>| {
            want.instead_of.is_some_and(|refused| refused.issued.value.ct_eq(token.value.as_bytes()))
        };
        let grants = |token: &Arc<IssuedToken>| token.granted.is_superset(&want.slot.parameters.scopes);
        found.filter(|token| token.is_living(self.clock.now()) && !is_refused(token) && grants(token))
    }
}

/// What others are told; of a quota they find out by themselves.
fn why_of(error: &MachineTokenError) -> Option<NoToken> {
    match error.kind() {
        MachineTokenErrorKind::QuotaExhausted { .. } | MachineTokenErrorKind::EmptyName { .. } => None,
        MachineTokenErrorKind::Unavailable => Some(NoToken::Unavailable),
        MachineTokenErrorKind::Refused | MachineTokenErrorKind::NoAudience => {
            Some(NoToken::Refused(error.code().map(str::to_owned)))
        }
        MachineTokenErrorKind::InsufficientScope { missing } => {
            Some(NoToken::InsufficientScope(missing.to_vec()))
        }
    }
}

fn error_of(why: NoToken, left: Duration, want: Want<'_>) -> MachineTokenError {
    let error = match why {
        NoToken::Unavailable => MachineTokenError::new(MachineTokenErrorKind::Unavailable),
        NoToken::Refused(code) => {
            MachineTokenError::refused(code.as_deref(), want.slot.parameters.audience.as_ref())
        }
        NoToken::InsufficientScope(missing) => {
            let missing = missing.into();
            MachineTokenError::new(MachineTokenErrorKind::InsufficientScope { missing })
        }
    };
    error.with_retry_after(left)
}

fn unavailable(retry_after: Option<Duration>) -> MachineTokenError {
    let error = MachineTokenError::new(MachineTokenErrorKind::Unavailable);
    match retry_after {
        Some(wait) => error.with_retry_after(wait),
        None => error,
    }
}
