//! What to do about a wanted token: a pure function of what is kept, what failed and the time.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::exchange::error::{ExchangeError, ExchangeErrorKind};
use crate::token::{IssuedToken, OwnToken};

/// An exchanged token, and when the next one is due.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) token: Arc<OwnToken>,
    /// None where the token that was exchanged ends as soon: another exchange would bring no more.
    pub(crate) renew_at: Option<Timestamp>,
}

/// The last exchange that failed, of several in a row.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) error: ExchangeError,
    pub(crate) attempt: u32,
    pub(crate) at: Timestamp,
    /// When the next may begin, in whole milliseconds as clocks have them.
    pub(crate) until: Timestamp,
}

/// What to do.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Hand out this token; nothing else is done.
    Serve(Arc<OwnToken>),
    /// Hand out this token, and get the next one meanwhile.
    Renew(Arc<OwnToken>),
    /// Get a token, and wait for it.
    Exchange,
    /// Nothing is asked of the provider for now.
    Fail(ExchangeError),
}

pub(crate) fn decide(
    kept: Option<&Kept>,
    refused: Option<&Arc<OwnToken>>,
    failed: Option<&Failed>,
    now: Timestamp,
) -> Decision {
    let is_refused = |token: &Arc<OwnToken>| refused.is_some_and(|refused| is_same_issue(refused, token));
    let living = kept.filter(|kept| kept.token.issued.is_living(now) && !is_refused(&kept.token));
    let pause = failed.map(|failed| (failed, failed.pause(now))).filter(|(_, pause)| !pause.is_zero());
    match (living, pause) {
        (Some(kept), None)
            // Of a token from the future nobody knows how old it is.
            if kept.renew_at.is_some_and(|at| at <= now) || kept.token.issued.is_from_the_future(now) =>
        {
            Decision::Renew(Arc::clone(&kept.token))
        }
        (Some(kept), _) => Decision::Serve(Arc::clone(&kept.token)),
        (None, Some((failed, pause))) => Decision::Fail(failed.error.clone().with_retry_after(Some(pause))),
        (None, None) => Decision::Exchange,
    }
}

/// Whether two are of one issue: what comes back from a store is another copy of it.
///
/// A provider that answers a later exchange with the same value has been asked for another, and has no other.
fn is_same_issue(one: &Arc<OwnToken>, other: &Arc<OwnToken>) -> bool {
    let (one, other) = (&one.issued, &other.issued);
    other.issued_at <= one.issued_at && one.value.ct_eq(other.value.as_bytes())
}

impl Failed {
    /// How long it takes until the next attempt may begin; none at all where the clock was set back since.
    fn pause(&self, now: Timestamp) -> Duration {
        if now < self.at { Duration::ZERO } else { self.until.since(now) }
    }

    /// Whether another failure now is of the same trouble.
    pub(crate) fn goes_on(&self, now: Timestamp, memory: Duration) -> bool {
        self.at <= now && now <= self.until.plus(memory)
    }
}

/// When a token ends here that has come now.
///
/// It never outlives what was exchanged for it, and no answer makes it live longer than a day.
pub(crate) fn end(
    expires_in: Option<Duration>,
    subject_ends: Option<Timestamp>,
    now: Timestamp,
) -> Result<Timestamp, ExchangeError> {
    let lasts = expires_in.unwrap_or(ASSUMED_LIFETIME).min(LONGEST_LIFETIME);
    if lasts.is_zero() {
        return Err(ExchangeError::new(ExchangeErrorKind::Unavailable));
    }
    let ends = now.plus(lasts);
    let expires_at = subject_ends.map_or(ends, |subject_ends| subject_ends.min(ends));
    if expires_at <= now {
        return Err(ExchangeError::new(ExchangeErrorKind::Expired));
    }
    Ok(expires_at)
}

/// When the next token is due; never where it would end as soon.
pub(crate) fn renewal(
    token: &IssuedToken,
    subject_ends: Option<Timestamp>,
    buffer: Duration,
) -> Option<Timestamp> {
    let ends = token.expires_at;
    let helps = subject_ends.is_none_or(|subject_ends| subject_ends.since(ends) > buffer);
    helps.then(|| ends.minus(token.buffer(buffer)))
}

/// As for any token whose answer does not say (RFC 6749 §5.1).
const ASSUMED_LIFETIME: Duration = Duration::from_secs(300);
const LONGEST_LIFETIME: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests;
