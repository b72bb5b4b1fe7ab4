//! Getting a caller its access token: serve, join, wait, or lead.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::refresh::decide::{Decision, Wanted, decide};
use crate::refresh::error::{RefreshError, RefreshErrorKind};
use crate::refresh::flights::{Entered, Flight, Flights, Landing, Outcome, Shard, Ticket};
use crate::refresh::lock::Lock;
use crate::token::{IssuedToken, RefreshKey, TokenSet};

/// A future with its type left out.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the refresh core needs from the world; the model brings another one.
pub(crate) trait World<L: Lock<Shard>>: Send + Sync {
    fn now(&self) -> Timestamp;
    /// When the caller's request began.
    fn since(&self) -> Timestamp {
        self.now()
    }
    fn buffer(&self) -> Duration;
    fn key(&self, set: &TokenSet) -> Option<RefreshKey>;
    /// Starts the flight in a task of its own, which lands `ticket` whatever becomes of the caller.
    fn depart(&self, ticket: Ticket<L>, set: Arc<TokenSet>, wanted: Wanted);
    /// Ends when the leader of an early refresh has waited long enough.
    fn patience(&self) -> BoxFuture<()>;
    /// A living token was served although a refresh was due.
    fn served_meanwhile(&self, _error: Option<&RefreshError>) {}
}

/// The token, and the set it is in: the caller's own, or a newer one to be saved.
#[derive(Clone, Debug)]
pub(crate) struct Obtained {
    pub(crate) token: Arc<IssuedToken>,
    pub(crate) set: Arc<TokenSet>,
}

/// Returns the wanted token, refreshed if need be.
///
/// # Cancellation
/// May be dropped at any time: a flight that departed lands all the same.
pub(crate) async fn obtain<L: Lock<Shard>, W: World<L>>(
    flights: &Arc<Flights<L>>,
    world: &W,
    mut set: Arc<TokenSet>,
    wanted: &Wanted,
) -> Result<Obtained, RefreshError> {
    loop {
        let now = world.now();
        let meanwhile = match decide(&set, wanted, now, world.buffer()) {
            Decision::Serve(token) => return Ok(Obtained { token, set }),
            Decision::Expired => return Err(RefreshError::new(RefreshErrorKind::Expired)),
            Decision::NoRefreshToken => return Err(RefreshError::new(RefreshErrorKind::NoRefreshToken)),
            Decision::Refresh { meanwhile } => meanwhile,
        };
        let key = world.key(&set).ok_or(RefreshError::new(RefreshErrorKind::NoRefreshToken))?;
        let landed = match flights.enter(key, set.generation, wanted, world.since(), now) {
            // Whatever was wanted is judged again in the light of the newer set.
            Entered::Settled(newer) => {
                set = Arc::new(newer.adopt(&set, now));
                continue;
            }
            Entered::Refused(error) => Some(Err(error)),
            Entered::Lead(ticket, flight) => {
                world.depart(ticket, Arc::clone(&set), wanted.clone());
                match &meanwhile {
                    Some(_) => within(flight, world.patience()).await,
                    None => Some(flight.outcome().await),
                }
            }
            // One request a refresh waits; the others are served the living token at once.
            Entered::Join(_) | Entered::Behind(_) if meanwhile.is_some() => None,
            Entered::Join(flight) => Some(flight.outcome().await),
            Entered::Behind(flight) => {
                if let Ok(Landing::Brought(newer) | Landing::Overtaken(newer)) = flight.outcome().await {
                    set = Arc::new(newer.adopt(&set, world.now()));
                }
                continue;
            }
        };
        return match (landed, meanwhile) {
            (Some(Ok(Landing::Brought(newer))), _) => brought(newer, &set, wanted, world.now()),
            // Nothing was spent for this caller: whatever was wanted is judged again.
            (Some(Ok(Landing::Overtaken(newer))), _) if newer.generation > set.generation => {
                set = Arc::new(newer.adopt(&set, world.now()));
                continue;
            }
            (Some(Ok(Landing::Overtaken(_))), meanwhile) => match meanwhile {
                Some(token) => Ok(Obtained { token, set }),
                None => Err(RefreshError::new(RefreshErrorKind::Unavailable)),
            },
            (Some(Err(error)), Some(token)) if !error.is_final() => {
                world.served_meanwhile(Some(&error));
                Ok(Obtained { token, set })
            }
            (Some(Err(error)), _) => Err(error),
            (None, Some(token)) => {
                world.served_meanwhile(None);
                Ok(Obtained { token, set })
            }
            (None, None) => Err(RefreshError::new(RefreshErrorKind::Unavailable)),
        };
    }
}

fn brought(
    newer: Arc<TokenSet>,
    held: &TokenSet,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Obtained, RefreshError> {
    let set = Arc::new(newer.adopt(held, now));
    let token = set.find(wanted.audience.as_ref()).cloned();
    token.map(|token| Obtained { token, set }).ok_or(RefreshError::new(RefreshErrorKind::Refused))
}

async fn within(flight: Flight, patience: BoxFuture<()>) -> Option<Outcome> {
    let mut outcome = std::pin::pin!(flight.outcome());
    let mut patience = patience;
    std::future::poll_fn(|context| {
        if let std::task::Poll::Ready(outcome) = outcome.as_mut().poll(context) {
            return std::task::Poll::Ready(Some(outcome));
        }
        patience.as_mut().poll(context).map(|()| None)
    })
    .await
}
