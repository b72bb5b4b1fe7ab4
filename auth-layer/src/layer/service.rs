//! The service: own routes are answered, all else is handed on with a context.

use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use http::{Request, Response};
use http_body::Body;
use tower_service::Service;

use crate::config::SessionLoading;
use crate::gate::{Context, Parties, with_session};
use crate::layer::back_channel;
use crate::layer::body::ResponseBody;
use crate::layer::future::{Departure, ResponseFuture};
use crate::layer::metadata;
use crate::layer::routes::{Route, answer};

/// The middleware around an inner service; see the [module docs](crate::layer).
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    inner: S,
    parties: Arc<Parties>,
}

impl<S> AuthService<S> {
    pub(crate) const fn new(inner: S, parties: Arc<Parties>) -> Self {
        Self { inner, parties }
    }
}

impl<S, RequestBody, InnerBody> Service<Request<RequestBody>> for AuthService<S>
where
    S: Service<Request<RequestBody>, Response = Response<InnerBody>> + Clone,
    RequestBody: Body + Send + 'static,
{
    type Response = Response<ResponseBody<InnerBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, RequestBody>;

    fn poll_ready(&mut self, context: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<RequestBody>) -> Self::Future {
        if let Some(server) = &self.parties.resource_server
            && let Some(answer) = metadata::answer(server, &request)
        {
            return ResponseFuture::own(Box::pin(std::future::ready(answer)));
        }
        let context = Context::new(Arc::clone(&self.parties), request.uri(), request.headers());
        if let Some(party) = &self.parties.relying_party {
            let path = request.uri().path();
            if back_channel::is_at(path, &party.config) {
                let (parts, body) = request.into_parts();
                return ResponseFuture::own(Box::pin(back_channel::answer(parts, body, Arc::clone(party))));
            }
            if let Some(route) = Route::of(path, &party.config) {
                // No other route of ours reads a body.
                let (parts, _) = request.into_parts();
                return ResponseFuture::own(Box::pin(answer(route, parts, context, Arc::clone(party))));
            }
        }
        let departure = Departure::of(&context, &request);
        #[cfg(feature = "tonic")]
        if departure.is_call() {
            crate::layer::grpc::note_address(&context, &mut request);
        }
        request.extensions_mut().insert(context);
        match self.parties.loading() {
            SessionLoading::OnDemand => ResponseFuture::inner(self.inner.call(request), departure),
            SessionLoading::EachRequest => {
                // The service that was polled ready is the one that is called.
                let fresh = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, fresh);
                let (parts, body) = request.into_parts();
                ResponseFuture::loading(Box::pin(with_session(parts)), ready, body, departure)
            }
        }
    }
}
