//! The response on its way: what changed in the session leaves with it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Poll, ready};

use http::header::{CACHE_CONTROL, EXPIRES, SET_COOKIE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use pin_project_lite::pin_project;

use crate::gate::{Context, Rejection};
use crate::layer::body::ResponseBody;

/// An answer that the layer itself is making.
pub(crate) type OwnAnswer = Pin<Box<dyn Future<Output = Response<String>> + Send>>;

pin_project! {
    /// The future of [`AuthService`](crate::AuthService).
    ///
    /// May be dropped at any time: a refresh that was begun is completed and saved.
    pub struct ResponseFuture<F> {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F> {
        Inner { #[pin] future: F, context: Context },
        Own { answer: OwnAnswer },
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) const fn inner(future: F, context: Context) -> Self {
        Self { kind: Kind::Inner { future, context } }
    }

    pub(crate) const fn own(answer: OwnAnswer) -> Self {
        Self { kind: Kind::Own { answer } }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::Inner { future, context: state } => {
                let response = ready!(future.poll(context))?;
                // A plain function refuses with an empty body of its own type: the problem is written here.
                let problem = response.extensions().get::<Unwritten>().map(|unwritten| unwritten.0.clone());
                let mut response = match problem {
                    Some(problem) => response.map(|_| ResponseBody::own(problem)),
                    None => response.map(ResponseBody::inner),
                };
                depart(response.headers_mut(), state.finish());
                Poll::Ready(Ok(response))
            }
            KindProjection::Own { answer } => {
                Poll::Ready(Ok(ready!(answer.as_mut().poll(context)).map(ResponseBody::own)))
            }
        }
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
    headers.append(VARY, HeaderValue::from_static("Cookie"));
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture(..)")
    }
}
