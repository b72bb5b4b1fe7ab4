//! The response on its way: what changed in the session leaves with it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Poll, ready};

use http::header::{CACHE_CONTROL, EXPIRES, SET_COOKIE, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::gate::{Context, Looking, Rejection, SessionContext};
use crate::layer::body::ResponseBody;
use crate::layer::grpc;

/// An answer that the layer itself is making.
pub(crate) type OwnAnswer = Pin<Box<dyn Future<Output = Response<String>> + Send>>;

/// A request's head that is being given its session.
pub(crate) type Loading = Pin<Box<dyn Future<Output = Parts> + Send>>;

pin_project! {
    /// The future of [`AuthService`](crate::layer::AuthService).
    ///
    /// May be dropped at any time: a refresh that was begun is completed and saved.
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        kind: Kind<S, B>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<S, B>
    where
        S: Service<Request<B>>,
    {
        Inner { #[pin] future: S::Future, departure: Departure },
        Own { answer: OwnAnswer },
        Loading { head: Loading, waiting: Option<(S, B, Departure)> },
        Leaving { looking: Looking, waiting: Option<(S::Response, Departure)> },
    }
}

impl<S: Service<Request<B>>, B> ResponseFuture<S, B> {
    pub(crate) const fn inner(future: S::Future, departure: Departure) -> Self {
        Self { kind: Kind::Inner { future, departure } }
    }

    pub(crate) const fn own(answer: OwnAnswer) -> Self {
        Self { kind: Kind::Own { answer } }
    }

    pub(crate) const fn loading(head: Loading, inner: S, body: B, departure: Departure) -> Self {
        Self { kind: Kind::Loading { head, waiting: Some((inner, body, departure)) } }
    }
}

impl<S, RequestBody, InnerBody> Future for ResponseFuture<S, RequestBody>
where
    S: Service<Request<RequestBody>, Response = Response<InnerBody>>,
{
    type Output = Result<Response<ResponseBody<InnerBody>>, S::Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        loop {
            let (head, waiting) = match self.as_mut().project().kind.project() {
                KindProjection::Inner { future, departure } => {
                    let response = ready!(future.poll(context))?;
                    let Some(looking) = departure.look_again() else {
                        return Poll::Ready(Ok(complete(response, departure)));
                    };
                    let waiting = Some((response, std::mem::take(departure)));
                    self.as_mut().project().kind.set(Kind::Leaving { looking, waiting });
                    continue;
                }
                KindProjection::Leaving { looking, waiting } => {
                    ready!(looking.as_mut().poll(context));
                    let (response, departure) =
                        waiting.take().expect("a future is not polled after it was ready");
                    return Poll::Ready(Ok(complete(response, &departure)));
                }
                KindProjection::Own { answer } => {
                    return Poll::Ready(Ok(ready!(answer.as_mut().poll(context)).map(ResponseBody::own)));
                }
                KindProjection::Loading { head, waiting } => (ready!(head.as_mut().poll(context)), waiting),
            };
            let (mut inner, body, departure) =
                waiting.take().expect("the state is left as soon as it is taken");
            let future = inner.call(Request::from_parts(head, body));
            self.as_mut().project().kind.set(Kind::Inner { future, departure });
        }
    }
}

fn complete<B>(response: Response<B>, departure: &Departure) -> Response<ResponseBody<B>> {
    let mut response = match departure.call {
        Some(call) => grpc::answered(call, response),
        None => written(response),
    };
    if let Some(session) = &departure.session {
        depart(response.headers_mut(), session.finish());
    }
    response
}

/// A plain function refuses with an empty body of its own type: the problem is written here.
fn written<B>(response: Response<B>) -> Response<ResponseBody<B>> {
    let problem = response.extensions().get::<Unwritten>().map(|unwritten| unwritten.0.clone());
    match problem {
        Some(problem) => response.map(|_| ResponseBody::own(problem)),
        None => response.map(ResponseBody::inner),
    }
}

/// What a response has to take along.
#[derive(Debug, Default)]
pub(crate) struct Departure {
    session: Option<SessionContext>,
    /// The caller reads a gRPC status, and no problem document.
    call: Option<grpc::Call>,
}

impl Departure {
    pub(crate) fn of<B>(context: &Context, request: &Request<B>) -> Self {
        Self { session: context.session().cloned(), call: grpc::Call::of(request) }
    }

    fn look_again(&self) -> Option<Looking> {
        self.session.as_ref().and_then(SessionContext::look_again)
    }

    #[cfg(feature = "tonic")]
    pub(crate) const fn is_call(&self) -> bool {
        self.call.is_some()
    }
}

/// The problem document of a refusal whose body could not hold it.
#[derive(Clone, Debug)]
pub(crate) struct Unwritten(String);

impl Unwritten {
    pub(crate) fn of(rejection: &Rejection) -> Self {
        Self(rejection.problem())
    }
}

/// Adds our cookies, and keeps the response out of caches where there are any.
pub(crate) fn depart(headers: &mut HeaderMap, set_cookies: Vec<HeaderValue>) {
    if set_cookies.is_empty() {
        return;
    }
    for cookie in set_cookies {
        headers.append(SET_COOKIE, cookie);
    }
    // It wins over the handler's `public`: a cached session cookie is another user's session.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store, private"));
    // Shared caches obey these before Cache-Control (RFC 9213 §2.1), or beside it.
    let targeted = |name: &HeaderName| {
        name.as_str().ends_with("-cache-control") || name == "surrogate-control" || name == EXPIRES
    };
    let others: Vec<HeaderName> = headers.keys().filter(|name| targeted(name)).cloned().collect();
    for name in others {
        headers.remove(name);
    }
    if !headers.get_all(VARY).iter().any(|vary| vary.as_bytes().eq_ignore_ascii_case(b"cookie")) {
        headers.append(VARY, HeaderValue::from_static("Cookie"));
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for ResponseFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture(..)")
    }
}
