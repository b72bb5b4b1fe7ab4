//! Which bodies can be sent again.

use http_body::Body;

/// Says how the body of a request is sent a second time, where that can be done.
///
/// A closure over `&B` is one; see [`Authorize::with_replay`](super::Authorize::with_replay).
pub trait Replay<B> {
    /// Returns a body that says the same, or `None` where there can be none.
    ///
    /// It is called before the request is sent, for each request that gets a token.
    fn copy(&self, body: &B) -> Option<B>;
}

/// Only a request without a body is sent again: one whose body is at its end before it began.
///
/// `B::default()` has to be an empty body, as it is in hyper, http-body-util, axum, tonic and reqwest.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct EmptyBodies;

impl<B: Body + Default> Replay<B> for EmptyBodies {
    fn copy(&self, body: &B) -> Option<B> {
        body.is_end_stream().then(B::default)
    }
}

impl<B, F: Fn(&B) -> Option<B>> Replay<B> for F {
    fn copy(&self, body: &B) -> Option<B> {
        self(body)
    }
}
