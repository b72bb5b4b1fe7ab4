//! Bodies on their way out: whole, behind a flood, or byte by byte; never larger in memory than
//! the answer itself.

use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// The body of an answer.
pub(super) struct Outgoing {
    /// Bytes of white space that are still to come before the rest.
    flood: Option<u64>,
    rest: Bytes,
    pace: Option<Pace>,
}

/// The time between two bytes.
struct Pace {
    period: Duration,
    next: Pin<Box<Sleep>>,
}

impl Outgoing {
    pub(super) fn whole(body: Bytes) -> Self {
        Self { flood: None, rest: body, pace: None }
    }

    pub(super) fn flooded(body: Bytes, flood: u64) -> Self {
        Self { flood: Some(flood), ..Self::whole(body) }
    }

    pub(super) fn trickling(body: Bytes, period: Duration) -> Self {
        let next = Box::pin(tokio::time::sleep(period));
        Self { pace: Some(Pace { period, next }), ..Self::whole(body) }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if let Some(flood) = this.flood.as_mut().filter(|flood| **flood > 0) {
            let length = usize::try_from(*flood).unwrap_or(usize::MAX).min(WAVE.len());
            *flood -= length as u64;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&WAVE[..length])))));
        }
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        let data = match &mut this.pace {
            None => std::mem::take(&mut this.rest),
            Some(pace) => {
                ready!(pace.next.as_mut().poll(cx));
                pace.next = Box::pin(tokio::time::sleep(pace.period));
                this.rest.split_to(1)
            }
        };
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.flood.is_none_or(|flood| flood == 0)
    }

    fn size_hint(&self) -> SizeHint {
        match self.flood {
            // The length is kept back, so that the client has to count for itself.
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(self.rest.len() as u64),
        }
    }
}

/// What a flood is made of: white space, which JSON may begin with (RFC 8259 §2).
static WAVE: [u8; 64 * 1024] = [b' '; 64 * 1024];
