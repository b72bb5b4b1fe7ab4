//! A request on its way: to its token, to the API, and at most once more.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::outbound::authorize::challenge::refuses_token;
use crate::outbound::authorize::error::{AuthorizeError, TokenError};
use crate::outbound::authorize::layer::Terms;
use crate::outbound::authorize::tokens::{Asking, Held, Replacing, Source};
use crate::token::AccessToken;

pin_project! {
    /// The future of [`AuthorizeService`](super::AuthorizeService).
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
        Refused { error: Option<TokenError> },
        Asking { asking: Asking, waiting: Option<Waiting<S, B>> },
        Sent { #[pin] future: S::Future, resort: Option<Resort<S, B>> },
        Replacing { replacing: Replacing, waiting: Option<(S::Response, Resort<S, B>)> },
        Readying { inner: S, request: Option<Request<B>> },
    }
}

/// A request without its head, which is being given its token.
struct Waiting<S, B> {
    inner: S,
    body: B,
    again: Option<B>,
    terms: Arc<Terms>,
}

/// What can be done where the token is refused.
struct Resort<S, B> {
    held: Held,
    /// The service, and the request without its token; none where the body is gone.
    again: Option<(S, Request<B>)>,
    terms: Arc<Terms>,
}

/// What became of a token that was refused, told in the extensions of a response that is handed on.
#[derive(Clone, Debug)]
pub(in crate::outbound) enum AfterRefusal {
    /// There is another one now: the next request brings it.
    Renewed,
    /// There is none to be had.
    Failed(TokenError),
}

impl<S: Service<Request<B>>, B> ResponseFuture<S, B> {
    pub(super) const fn plain(future: S::Future) -> Self {
        Self { kind: Kind::Sent { future, resort: None } }
    }
}

impl<S, B, InnerBody> ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<InnerBody>>,
{
    pub(super) const fn refused(error: TokenError) -> Self {
        Self { kind: Kind::Refused { error: Some(error) } }
    }

    pub(super) fn asking(asking: Asking, inner: S, body: B, again: Option<B>, terms: Arc<Terms>) -> Self {
        Self { kind: Kind::Asking { asking, waiting: Some(Waiting { inner, body, again, terms }) } }
    }

    pub(super) fn authorized(
        inner: S,
        request: Request<B>,
        again: Option<B>,
        held: Held,
        terms: Arc<Terms>,
    ) -> Self {
        Self { kind: Kind::authorized(inner, request, again, held, terms) }
    }
}

impl<S, B, InnerBody> Kind<S, B>
where
    S: Service<Request<B>, Response = Response<InnerBody>>,
{
    fn authorized(
        mut inner: S,
        request: Request<B>,
        again: Option<B>,
        held: Held,
        terms: Arc<Terms>,
    ) -> Self {
        let (parts, body) = request.into_parts();
        let has_other = !matches!(held.source, Source::Nowhere);
        let again = again.filter(|_| has_other).map(|body| Request::from_parts(copied(&parts), body));
        let request = with_token(Request::from_parts(parts, body), &held.token);
        let future = inner.call(request);
        let again = again.map(|request| (inner, request));
        Self::Sent { future, resort: Some(Resort { held, again, terms }) }
    }
}

impl<S, B, InnerBody> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<InnerBody>>,
{
    type Output = Result<Response<InnerBody>, AuthorizeError<S::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let next = match self.as_mut().project().kind.project() {
                KindProjection::Refused { error } => {
                    let error = error.take().expect("a future is not polled after it was ready");
                    return Poll::Ready(Err(AuthorizeError::Token(error)));
                }
                KindProjection::Asking { asking, waiting } => {
                    let (parts, held) = ready!(asking.as_mut().poll(context));
                    let held = match held {
                        Ok(held) => held,
                        Err(error) => return Poll::Ready(Err(AuthorizeError::Token(error))),
                    };
                    let Waiting { inner, body, again, terms } =
                        waiting.take().expect("the state is left as soon as it is taken");
                    Kind::authorized(inner, Request::from_parts(parts, body), again, held, terms)
                }
                KindProjection::Sent { future, resort } => {
                    let response = ready!(future.poll(context)).map_err(AuthorizeError::Service)?;
                    let replacing = resort.as_ref().and_then(|resort| resort.replace(&response));
                    match (replacing, resort.take()) {
                        (Some(replacing), Some(resort)) => {
                            Kind::Replacing { replacing, waiting: Some((response, resort)) }
                        }
                        _ => return Poll::Ready(Ok(response)),
                    }
                }
                KindProjection::Replacing { replacing, waiting } => {
                    let replaced = ready!(replacing.as_mut().poll(context));
                    let (response, resort) =
                        waiting.take().expect("the state is left as soon as it is taken");
                    match resort.resume(replaced, response) {
                        Ok((inner, request)) => Kind::Readying { inner, request: Some(request) },
                        Err(response) => return Poll::Ready(Ok(response)),
                    }
                }
                KindProjection::Readying { inner, request } => {
                    ready!(inner.poll_ready(context)).map_err(AuthorizeError::Service)?;
                    let request = request.take().expect("the state is left as soon as it is taken");
                    Kind::Sent { future: inner.call(request), resort: None }
                }
            };
            self.as_mut().project().kind.set(next);
        }
    }
}

impl<S, B> Resort<S, B> {
    /// Asks for another token, where this one was refused and there may be one.
    fn replace<InnerBody>(&self, response: &Response<InnerBody>) -> Option<Replacing> {
        if response.status() != StatusCode::UNAUTHORIZED || !refuses_token(response.headers()) {
            return None;
        }
        if !self.terms.replacements.may_replace(&self.held.token) {
            count("just_replaced");
            tracing::debug!(
                "a token that has just taken another's place was refused too: there is no other try"
            );
            return None;
        }
        self.terms.tokens.replace(&self.held.token, &self.held.source)
    }

    /// Says how it goes on: with the request once more, or with the answer as it is.
    fn resume<InnerBody>(
        self,
        replaced: Result<AccessToken, TokenError>,
        mut response: Response<InnerBody>,
    ) -> Result<(S, Request<B>), Response<InnerBody>> {
        let token = match replaced {
            Ok(token) if token.expose() != self.held.token.expose() => token,
            Ok(_) => {
                count("no_other");
                return Err(response);
            }
            Err(error) => {
                count("unavailable");
                tracing::debug!(%error, "a token was refused, and there is no other");
                response.extensions_mut().insert(AfterRefusal::Failed(error));
                return Err(response);
            }
        };
        count("replaced");
        self.terms.replacements.note(&token);
        match self.again {
            Some((inner, request)) => Ok((inner, with_token(request, &token))),
            None => {
                response.extensions_mut().insert(AfterRefusal::Renewed);
                Err(response)
            }
        }
    }
}

/// Counts the tokens that were refused, by what was done about it.
fn count(_outcome: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_layer_tokens_refused_total", "outcome" => _outcome).increment(1);
}

fn with_token<B>(mut request: Request<B>, token: &AccessToken) -> Request<B> {
    request.headers_mut().insert(AUTHORIZATION, token.authorization());
    request
}

/// A head that says the same.
fn copied(parts: &Parts) -> Parts {
    let (mut copy, ()) = Request::new(()).into_parts();
    copy.method = parts.method.clone();
    copy.uri = parts.uri.clone();
    copy.version = parts.version;
    copy.headers = parts.headers.clone();
    copy.extensions = parts.extensions.clone();
    copy
}

impl<S: Service<Request<B>>, B> fmt::Debug for ResponseFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture(..)")
    }
}
