//! A machine token under way.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::machine::error::MachineTokenError;
use crate::machine::slot::Outcome;
use crate::token::{AccessToken, OwnToken};

/// The future of [`ClientCredentials::token`](crate::ClientCredentials::token).
///
/// A named one, so that rustc tells once of an `R` that is none, and not again for each await.
#[must_use = "a future does nothing unless it is awaited"]
pub struct MachineTokenFuture<R> {
    state: State,
    requirement: PhantomData<fn() -> R>,
}

enum State {
    /// None once it was handed out.
    AtHand(Option<Arc<OwnToken>>),
    UnderWay(Pin<Box<dyn Future<Output = Outcome> + Send>>),
}

impl<R> MachineTokenFuture<R> {
    pub(super) const fn at_hand(token: Arc<OwnToken>) -> Self {
        Self { state: State::AtHand(Some(token)), requirement: PhantomData }
    }

    pub(super) fn under_way(outcome: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Self { state: State::UnderWay(Box::pin(outcome)), requirement: PhantomData }
    }
}

impl<R> Future for MachineTokenFuture<R> {
    type Output = Result<AccessToken<R>, MachineTokenError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let outcome = match &mut self.state {
            State::AtHand(token) => {
                Poll::Ready(Ok(token.take().expect("a future is not polled after it was ready")))
            }
            State::UnderWay(outcome) => outcome.as_mut().poll(context),
        };
        outcome.map_ok(|token| AccessToken::from_any(AccessToken::own(token)))
    }
}

impl<R> fmt::Debug for MachineTokenFuture<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::AtHand(_) => "MachineTokenFuture(at hand)",
            State::UnderWay(_) => "MachineTokenFuture(under way)",
        })
    }
}
