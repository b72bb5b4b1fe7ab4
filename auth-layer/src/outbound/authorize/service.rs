//! The service: a request gets its token, and is sent once more where that token was refused.

use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use http::header::HOST;
use http::{Request, Response};
use tower_service::Service;

use crate::outbound::address::Destination;
use crate::outbound::authorize::error::AuthorizeError;
use crate::outbound::authorize::future::ResponseFuture;
use crate::outbound::authorize::layer::Terms;
use crate::outbound::authorize::passed_on::{came_in, forget_name, forget_sender, is_authorized};
use crate::outbound::authorize::replay::Replay;

/// An HTTP client whose requests to one API bring a token; see the [module docs](super).
#[derive(Clone, Debug)]
pub struct AuthorizeService<S, R> {
    inner: S,
    terms: Arc<Terms>,
    replay: R,
}

impl<S, R> AuthorizeService<S, R> {
    pub(super) const fn new(inner: S, terms: Arc<Terms>, replay: R) -> Self {
        Self { inner, terms, replay }
    }
}

impl<S, R> AuthorizeService<S, R> {
    /// Sends a request without a token of ours.
    fn plain<B>(&mut self, mut request: Request<B>) -> ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        forget_sender(&mut request);
        ResponseFuture::plain(self.inner.call(request))
    }
}

impl<S, R, RequestBody, InnerBody> Service<Request<RequestBody>> for AuthorizeService<S, R>
where
    S: Service<Request<RequestBody>, Response = Response<InnerBody>> + Clone,
    R: Replay<RequestBody>,
{
    type Response = Response<InnerBody>;
    type Error = AuthorizeError<S::Error>;
    type Future = ResponseFuture<S, RequestBody>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context).map_err(AuthorizeError::Service)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        forget_name(&mut request);
        let came_in = came_in(request.extensions());
        let hosts = request.headers().get_all(HOST).into_iter().filter(|_| !came_in);
        match self.terms.address.destination(request.uri(), hosts) {
            Destination::Here => {}
            Destination::Unnamed => match self.terms.address.complete(request.uri()) {
                Some(uri) => *request.uri_mut() = uri,
                None => return self.plain(request),
            },
            Destination::Elsewhere => {
                self.terms.warn_of(request.uri());
                return self.plain(request);
            }
        }
        if is_authorized(&request) {
            return self.plain(request);
        }
        let held = match self.terms.tokens.at_hand(request.extensions()) {
            Ok(held) => held,
            Err(error) => return ResponseFuture::refused(error),
        };
        let again = self.replay.copy(request.body());
        // The service that was polled ready is the one that is called.
        let fresh = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, fresh);
        let terms = Arc::clone(&self.terms);
        match held {
            Some(held) => {
                forget_sender(&mut request);
                ResponseFuture::authorized(ready, request, again, held, terms)
            }
            None => {
                let (parts, body) = request.into_parts();
                ResponseFuture::asking(terms.tokens.ask(parts), ready, body, again, terms)
            }
        }
    }
}
