//! The place of one kind of machine token: who is served, who waits, and who asks the provider.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use crate::clock::{Clock, Timestamp};
use crate::identifier::{Audience, Organization};
use crate::ledger::SetBy;
use crate::machine::decide::{Freshness, Pause, freshness, may_replace};
use crate::machine::error::{MachineTokenError, MachineTokenErrorKind};
use crate::refresh::backoff;
use crate::scope::ScopeSet;
use crate::token::{OwnToken, RefreshKey};

/// What a token is asked for: with its client and issuer, all that tells two of them apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parameters {
    pub(super) audience: Option<Audience>,
    pub(super) scopes: ScopeSet,
    pub(super) organization: Option<Organization>,
}

impl Parameters {
    /// Which of them is there without a name.
    pub(super) fn empty_name(&self) -> Option<&'static str> {
        if self.organization.as_ref().is_some_and(|organization| organization.as_str().is_empty()) {
            Some("organization")
        } else if self.audience.as_ref().is_some_and(|audience| audience.as_str().is_empty()) {
            Some("audience")
        } else {
            None
        }
    }
}

/// The token for some parameters, and what is being done about it.
pub(super) struct Slot {
    pub(super) parameters: Parameters,
    /// Names the token in a store; derived from the client's secret.
    pub(super) key: RefreshKey,
    held: ArcSwapOption<Held>,
    state: Mutex<State>,
}

/// A token, and when the next is to be got.
pub(super) struct Held {
    pub(super) token: Arc<OwnToken>,
    pub(super) renew_at: Timestamp,
}

#[derive(Default)]
struct State {
    flight: Option<Flight>,
    pause: Option<(Pause, MachineTokenError)>,
    /// How many tokens in a row were got because a resource server refused the one before.
    replaced_in_a_row: u32,
}

/// What came of asking.
pub(super) type Outcome = Result<Arc<OwnToken>, MachineTokenError>;

/// A flight that others wait for.
#[derive(Clone)]
pub(super) struct Flight(watch::Receiver<Option<Outcome>>);

/// What a caller is to do.
pub(super) enum Entered {
    Serve(Arc<OwnToken>),
    /// Serve, and let the ticket fly meanwhile.
    ServeAndLead(Arc<OwnToken>, Ticket),
    Lead(Ticket, Flight),
    Join(Flight),
    Refused(MachineTokenError),
}

/// The duty to ask the provider and to tell those who wait; dropped without a word it tells that there was
/// no answer.
pub(super) struct Ticket {
    pub(super) slot: Arc<Slot>,
    /// The token that a resource server refused: another one is wanted.
    pub(super) instead_of: Option<Arc<OwnToken>>,
    attempt: u32,
    sender: watch::Sender<Option<Outcome>>,
    began_at: Timestamp,
    landed: bool,
}

impl Slot {
    pub(super) fn new(parameters: Parameters, key: RefreshKey) -> Self {
        Self { parameters, key, held: ArcSwapOption::empty(), state: Mutex::default() }
    }

    /// The token, if it is fresh: a pointer is read and the time is compared.
    pub(super) fn fresh(&self, clock: &Clock) -> Option<Arc<OwnToken>> {
        let held = self.held.load();
        let held = held.as_ref()?;
        let is_fresh = freshness(&held.token.issued, held.renew_at, clock.now()) == Freshness::Fresh;
        is_fresh.then(|| Arc::clone(&held.token))
    }

    /// The token that is held, whatever its age.
    pub(super) fn held(&self) -> Option<Arc<OwnToken>> {
        self.held.load().as_ref().map(|held| Arc::clone(&held.token))
    }

    /// Decides what a caller is to do, at once for all who call at the same time.
    pub(super) fn enter(self: &Arc<Self>, instead_of: Option<&Arc<OwnToken>>, now: Timestamp) -> Entered {
        let mut state = self.state();
        let held = self.held.load_full();
        let living =
            held.as_ref().map(|held| (&held.token, freshness(&held.token.issued, held.renew_at, now)));
        let living = living.filter(|(_, freshness)| *freshness != Freshness::Expired);
        let pause = state.pause.as_ref().filter(|(pause, _)| pause.left(now).is_some());
        if let (Some(refused), Some((token, _))) = (instead_of, living) {
            if !is_same(token, refused)
                || pause.is_some()
                || !may_replace(&refused.issued, state.replaced_in_a_row, now)
            {
                return Entered::Serve(Arc::clone(token));
            }
            return match &state.flight {
                Some(flight) => Entered::Join(flight.clone()),
                None => {
                    let (ticket, flight) = self.depart(&mut state, instead_of, now);
                    Entered::Lead(ticket, flight)
                }
            };
        }
        match (living, &state.flight, pause) {
            (Some((token, Freshness::Fresh)), ..)
            | (Some((token, _)), Some(_), _)
            | (Some((token, _)), _, Some(_)) => Entered::Serve(Arc::clone(token)),
            (Some((token, _)), None, None) => {
                let token = Arc::clone(token);
                Entered::ServeAndLead(token, self.depart(&mut state, None, now).0)
            }
            (None, Some(flight), _) => Entered::Join(flight.clone()),
            (None, None, Some((pause, error))) => {
                let left = match error.resets_at() {
                    Some(resets_at) => resets_at.since(now),
                    None => pause.left(now).unwrap_or_default(),
                };
                Entered::Refused(error.clone().with_retry_after(left))
            }
            (None, None, None) => {
                let (ticket, flight) = self.depart(&mut state, None, now);
                Entered::Lead(ticket, flight)
            }
        }
    }

    fn depart(
        self: &Arc<Self>,
        state: &mut State,
        instead_of: Option<&Arc<OwnToken>>,
        now: Timestamp,
    ) -> (Ticket, Flight) {
        let (sender, receiver) = watch::channel(None);
        let flight = Flight(receiver);
        state.flight = Some(flight.clone());
        let attempt = state.pause.as_ref().map_or(0, |(pause, _)| pause.attempt);
        let instead_of = instead_of.map(Arc::clone);
        let ticket =
            Ticket { slot: Arc::clone(self), instead_of, attempt, sender, began_at: now, landed: false };
        (ticket, flight)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// Waits for what comes of it.
    ///
    /// # Cancellation
    /// The flight goes on.
    pub(super) async fn outcome(mut self) -> Outcome {
        // The sender says something before it goes.
        let landed = self.0.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        landed.unwrap_or_else(|| Err(MachineTokenError::new(MachineTokenErrorKind::Unavailable)))
    }
}

impl Ticket {
    /// How many tries before this one went without a token.
    pub(super) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Hands a token to everyone.
    pub(super) fn bring(mut self, held: Held) {
        let token = Arc::clone(&held.token);
        let is_another = self.instead_of.as_ref().is_none_or(|refused| !is_same(refused, &token));
        self.slot.held.store(Some(Arc::new(held)));
        let mut state = self.slot.state();
        state.pause = None;
        state.replaced_in_a_row = match self.instead_of {
            Some(_) if is_another => state.replaced_in_a_row.saturating_add(1),
            Some(_) => state.replaced_in_a_row,
            None => 0,
        };
        state.flight = None;
        drop(state);
        self.landed = true;
        self.sender.send_replace(Some(Ok(token)));
    }

    /// Tells everyone why there is none, and holds back the next try; a token that still lives does meanwhile.
    pub(super) fn fail(mut self, error: MachineTokenError, living: Option<Held>, now: Timestamp) {
        self.land(error, living, now);
    }

    fn land(&mut self, error: MachineTokenError, living: Option<Held>, now: Timestamp) {
        self.landed = true;
        let asked = error.retry_after().unwrap_or(LEAST_PAUSE);
        let (wait, told, attempt) = match error.kind() {
            // Nothing was posted: what another had taken may be given back before the budget begins anew.
            MachineTokenErrorKind::QuotaExhausted { set_by: SetBy::Budget, .. } => {
                (asked.min(LOOKED_AGAIN), asked, self.attempt)
            }
            MachineTokenErrorKind::QuotaExhausted { .. } => (asked, asked, self.attempt),
            // Exactly so long, and not a spread longer.
            MachineTokenErrorKind::InsufficientScope { .. } => (asked, asked, self.attempt.saturating_add(1)),
            _ => {
                let wait = backoff(self.attempt, self.slot.key, error.retry_after());
                (wait, wait, self.attempt.saturating_add(1))
            }
        };
        let error = error.with_retry_after(told);
        let pause = Pause { since: now, wait, attempt };
        let outcome = match living {
            Some(held) => {
                let token = Arc::clone(&held.token);
                self.slot.held.store(Some(Arc::new(held)));
                Ok(token)
            }
            None => Err(error.clone()),
        };
        let mut state = self.slot.state();
        state.pause = Some((pause, error));
        state.flight = None;
        drop(state);
        self.sender.send_replace(Some(outcome));
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.landed {
            self.land(MachineTokenError::new(MachineTokenErrorKind::Unavailable), None, self.began_at);
        }
    }
}

/// Whether two are one token: another may have been issued in the same second.
pub(super) fn is_same(one: &OwnToken, other: &OwnToken) -> bool {
    std::ptr::eq(one, other) || one.issued.value.ct_eq(other.issued.value.as_bytes())
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}

const LEAST_PAUSE: Duration = Duration::from_secs(1);
/// How soon it is looked again whether a budget that was used up has a token.
const LOOKED_AGAIN: Duration = Duration::from_secs(60);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
