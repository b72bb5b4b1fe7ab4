//! The judgement of a request for a rule: made at once where its token is known, and waited for elsewhere.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::gate::rejection::Rejection;
use crate::token::AccessToken;

/// What [`authenticate`](super::authenticate) returns.
///
/// Deliberately no `async fn`: the compiler writes the body of one anew into every crate, and into every
/// part of a crate, that has a handler; a build of a thousand handlers took twice as long for it.
#[must_use]
pub(crate) enum Authenticating<'a> {
    /// Nobody has to be asked; empty once it was handed over.
    Judged(Option<Judgement>),
    /// Somebody has to be asked. Boxed, so that the future of no handler is as large as a refresh.
    Waiting(Pin<Box<dyn Future<Output = Judgement> + Send + 'a>>),
}

pub(crate) type Judgement = Result<AccessToken, Rejection>;

impl Authenticating<'_> {
    pub(super) const fn judged(judgement: Judgement) -> Self {
        Self::Judged(Some(judgement))
    }
}

impl Future for Authenticating<'_> {
    type Output = Judgement;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Judgement> {
        match &mut *self {
            Self::Judged(judgement) => judgement.take().map_or(Poll::Pending, Poll::Ready),
            Self::Waiting(judgement) => judgement.as_mut().poll(context),
        }
    }
}
