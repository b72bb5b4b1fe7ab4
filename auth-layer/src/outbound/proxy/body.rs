//! Bodies on their way through: one frame at a time, in each direction.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;

use crate::outbound::proxy::backend::{Incoming, TransportError};

/// What a client sends: its data, without the trailers.
#[derive(Default)]
pub(super) struct RequestBody {
    data: Option<Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>>,
    progress: Progress,
}

type BoxError = Box<dyn Error + Send + Sync>;

/// How many frames of a body were asked for so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicUsize>);

impl Progress {
    pub(super) fn frames(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl RequestBody {
    pub(super) fn new<B>(body: B) -> Self
    where
        B: Body<Error: Into<BoxError>> + Send + 'static,
    {
        if body.is_end_stream() {
            return Self::default();
        }
        Self { data: Some(Box::pin(InBytes { body })), progress: Progress::default() }
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(data) = &mut self.data else { return Poll::Ready(None) };
        let frame = ready!(data.as_mut().poll_frame(context));
        self.progress.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(frame.filter(|frame| !frame.as_ref().is_ok_and(Frame::is_trailers)))
    }

    fn is_end_stream(&self) -> bool {
        self.data.as_ref().is_none_or(|data| data.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.data.as_ref().map_or_else(|| SizeHint::with_exact(0), |data| data.size_hint())
    }
}

pin_project! {
    /// A body of any data and any error.
    struct InBytes<B> {
        #[pin]
        body: B,
    }
}

impl<B: Body<Error: Into<BoxError>>> Body for InBytes<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(self.project().body.poll_frame(context));
        // Of bytes that are `Bytes` already, nothing is copied.
        let in_bytes =
            |frame: Frame<B::Data>| frame.map_data(|mut data| data.copy_to_bytes(data.remaining()));
        Poll::Ready(frame.map(|frame| frame.map(in_bytes).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestBody(..)")
    }
}

pin_project! {
    /// The body of a response of [`Proxy`](super::Proxy): what the API sends, as it comes.
    ///
    /// An API that goes away in the middle of it is an error, and never an end.
    #[derive(Debug)]
    pub struct ProxyBody {
        #[pin]
        kind: Kind,
    }
}

pin_project! {
    #[project = KindProjection]
    #[derive(Debug)]
    enum Kind {
        Incoming { #[pin] body: Incoming },
        Own { #[pin] body: Full<Bytes> },
    }
}

/// The connection to the API broke in the middle of its answer.
#[derive(Debug)]
pub struct ProxyBodyError(TransportError);

impl ProxyBody {
    pub(super) const fn incoming(body: Incoming) -> Self {
        Self { kind: Kind::Incoming { body } }
    }

    pub(super) fn own(body: impl Into<Bytes>) -> Self {
        Self { kind: Kind::Own { body: Full::new(body.into()) } }
    }
}

impl Body for ProxyBody {
    type Data = Bytes;
    type Error = ProxyBodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ProxyBodyError>>> {
        match self.project().kind.project() {
            KindProjection::Incoming { body } => {
                let frame = ready!(body.poll_frame(context));
                let data = frame.filter(|frame| !frame.as_ref().is_ok_and(Frame::is_trailers));
                Poll::Ready(data.map(|frame| {
                    frame.map_err(|error| {
                        tracing::warn!(%error, "the API went away in the middle of its answer");
                        ProxyBodyError(error)
                    })
                }))
            }
            KindProjection::Own { body } => {
                body.poll_frame(context).map(|frame| frame.map(|frame| frame.map_err(|never| match never {})))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Incoming { body } => body.is_end_stream(),
            Kind::Own { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Incoming { body } => body.size_hint(),
            Kind::Own { body } => body.size_hint(),
        }
    }
}

impl fmt::Display for ProxyBodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the API went away in the middle of its answer: ask again")
    }
}

impl Error for ProxyBodyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
