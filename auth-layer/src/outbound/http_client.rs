//! A client with requests and responses of its own, made to speak those of `http`.

use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

/// A client whose requests are made from those of `http`, such as reqwest's.
///
/// `Own` is the type of the client's requests, `B` the body of its responses:
/// ```
/// # fn main() {
/// use auth_layer::outbound::HttpClient;
///
/// let client = HttpClient::<_, reqwest::Request, reqwest::Body>::new(reqwest::Client::new());
/// # fn takes(_: impl tower_service::Service<http::Request<reqwest::Body>, Response = http::Response<reqwest::Body>>) {}
/// # takes(client);
/// # }
/// ```
/// A field of yours that keeps it under [`Authorize`](crate::outbound::Authorize) has the type
/// `AuthorizeService<HttpClient<reqwest::Client, reqwest::Request, reqwest::Body>, EmptyBodies>`; a request without a
/// body ends with `.body(reqwest::Body::default())`, and `reqwest::Response::from(response)` reads what came.
pub struct HttpClient<S, Own, B> {
    inner: S,
    types: PhantomData<fn(Own) -> B>,
}

impl<S, Own, B> HttpClient<S, Own, B> {
    /// Takes a client.
    pub const fn new(inner: S) -> Self {
        Self { inner, types: PhantomData }
    }
}

impl<S, Own, RequestBody, B> Service<Request<RequestBody>> for HttpClient<S, Own, B>
where
    Own: TryFrom<Request<RequestBody>>,
    S: Service<Own, Response: Into<Response<B>>, Error: From<Own::Error>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = HttpResponseFuture<S::Future, S::Error, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<RequestBody>) -> Self::Future {
        let kind = match Own::try_from(request) {
            Ok(request) => Kind::Sent { future: self.inner.call(request) },
            Err(error) => Kind::NotSent { error: ready(error.into()) },
        };
        HttpResponseFuture { kind, body: PhantomData }
    }
}

pin_project! {
    /// The future of [`HttpClient`].
    pub struct HttpResponseFuture<F, E, B> {
        #[pin]
        kind: Kind<F, E>,
        body: PhantomData<fn() -> B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F, E> {
        Sent { #[pin] future: F },
        NotSent { #[pin] error: Ready<E> },
    }
}

impl<F, R, E, B> Future for HttpResponseFuture<F, E, B>
where
    F: Future<Output = Result<R, E>>,
    R: Into<Response<B>>,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Sent { future } => future.poll(context).map_ok(Into::into),
            KindProjection::NotSent { error } => error.poll(context).map(Err),
        }
    }
}

impl<S: Clone, Own, B> Clone for HttpClient<S, Own, B> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone())
    }
}

impl<S: fmt::Debug, Own, B> fmt::Debug for HttpClient<S, Own, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpClient").field(&self.inner).finish()
    }
}

impl<F, E, B> fmt::Debug for HttpResponseFuture<F, E, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpResponseFuture(..)")
    }
}
