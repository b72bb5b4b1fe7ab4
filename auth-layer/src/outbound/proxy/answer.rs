//! From a request to its answer: who passes, what the API is asked, and what of its answer is passed on.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body::Body as _;
use tower_service::Service as _;

use crate::gate::{Rejection, authenticate, sent_to, session, unauthenticated};
use crate::outbound::authorize::{AfterRefusal, AuthorizeError, Behalf, OnBehalfOf as _, refuses_token};
use crate::outbound::proxy::backend::{Incoming, MAX_HEAD_BYTES, unanswered};
use crate::outbound::proxy::body::{Progress, ProxyBody, RequestBody};
use crate::outbound::proxy::error::{ProxyError, ProxyErrorKind};
use crate::outbound::proxy::pathway::target;
use crate::outbound::proxy::request_head::passed_on;
use crate::outbound::proxy::response_head::{Place, pass_on};
use crate::outbound::proxy::service::Terms;
use crate::token::AccessToken;

/// Why there is no answer of the API's.
enum Refusal {
    /// Whoever sent the request does not pass.
    Gate(Rejection),
    Proxy(ProxyError),
}

pub(super) async fn answer(terms: Arc<Terms>, parts: Parts, body: RequestBody) -> Response<ProxyBody> {
    match proxied(&terms, &parts, body).await {
        Ok(response) => {
            count("answered");
            response
        }
        Err(Refusal::Gate(rejection)) => {
            count("refused");
            rejection.respond(ProxyBody::own)
        }
        Err(Refusal::Proxy(error)) => {
            count("failed");
            let cause = error.source().map(innermost);
            tracing::warn!(kind = ?error.kind(), cause, "a request was not proxied: {error}");
            error.respond()
        }
    }
}

async fn proxied(terms: &Terms, parts: &Parts, body: RequestBody) -> Result<Response<ProxyBody>, Refusal> {
    // First of all: what a stranger asks for is not even looked at.
    let token = authenticate(parts, terms.rule).await?;
    let behalf = behalf_of(&token, parts).await?;
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        return Err(ProxyErrorKind::Method.into());
    }
    if parts.headers.contains_key(UPGRADE) {
        return Err(ProxyErrorKind::Upgrade.into());
    }
    let sent = sent_to(parts).path();
    let rest = terms.prefix.rest(sent, parts.uri.path()).ok_or(ProxyErrorKind::Elsewhere)?;
    let target = target(&terms.address, rest, parts.uri.query())?;
    let public_prefix = public_prefix(terms, sent, rest);
    let progress = body.progress();
    let request = outgoing(terms, parts, &target, &public_prefix, body).on_behalf_of(behalf);

    // The client is always ready: it waits for a connection in its future.
    let sending = terms.client.clone().call(request);
    let answered = within(terms.timeout, &progress, sending).await.ok_or(ProxyErrorKind::TimedOut)?;
    let response = answered.map_err(|error| match error {
        AuthorizeError::Token(error) => Refusal::Gate(error.into_rejection()),
        AuthorizeError::Service(error) => Refusal::Proxy(unanswered(error)),
    })?;
    judge(&response, parts)?;
    let place = Place { address: &terms.address, target: &target, public_prefix: &public_prefix };
    Ok(incoming(response, place))
}

/// Counts the requests by what came of them.
fn count(_outcome: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("auth_layer_proxied_total", "outcome" => _outcome).increment(1);
}

/// A session's token is replaced where the API refuses it; a bearer token is its sender's.
async fn behalf_of(token: &AccessToken, parts: &Parts) -> Result<Behalf, Refusal> {
    if token.as_bearer().is_some() {
        return Ok(Behalf::from(token));
    }
    match session(parts).await? {
        Some(session) => Ok(Behalf::from(&session)),
        None => Err(Refusal::Gate(unauthenticated(parts))),
    }
}

/// The path of the proxy as the browser knows it, also where something in front took a part of it away.
fn public_prefix(terms: &Terms, sent: &str, rest: &str) -> String {
    let public = match &terms.base_url {
        Some(base_url) => base_url.path_of(base_url.without_path(sent)),
        None => sent.to_owned(),
    };
    public.strip_suffix(rest).unwrap_or_default().to_owned()
}

fn outgoing(
    terms: &Terms,
    parts: &Parts,
    target: &Uri,
    public_prefix: &str,
    body: RequestBody,
) -> Request<RequestBody> {
    let mut headers = passed_on(parts, terms.base_url.as_ref(), public_prefix);
    if let Some((name, value)) = framing(&parts.method, &body) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = target.clone();
    *request.headers_mut() = headers;
    request
}

/// What hyper leaves out: it drops the body of a GET whose length is not known, and does not say of a POST that it
/// has none (RFC 9110 §8.6).
fn framing(method: &Method, body: &RequestBody) -> Option<(HeaderName, &'static str)> {
    match (body.is_end_stream(), body.size_hint().exact()) {
        (false, None) => Some((TRANSFER_ENCODING, "chunked")),
        (true, _) if matches!(*method, Method::POST | Method::PUT | Method::PATCH) => {
            Some((CONTENT_LENGTH, "0"))
        }
        _ => None,
    }
}

/// Waits for as long as parts of the body go out, and then for the timeout.
async fn within<T>(timeout: Duration, progress: &Progress, sending: impl Future<Output = T>) -> Option<T> {
    let mut sending = std::pin::pin!(sending);
    let mut frames = progress.frames();
    loop {
        if let Ok(answer) = tokio::time::timeout(timeout, sending.as_mut()).await {
            return Some(answer);
        }
        let now = progress.frames();
        if now == frames {
            return None;
        }
        frames = now;
    }
}

/// What of an answer is about our token, and so not the browser's business.
fn judge(response: &Response<Incoming>, parts: &Parts) -> Result<(), Refusal> {
    let of_headers = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    let head: usize = response.headers().iter().map(of_headers).sum();
    if response.status().is_informational() || head > MAX_HEAD_BYTES {
        return Err(ProxyErrorKind::Answer.into());
    }
    if response.status() != StatusCode::UNAUTHORIZED || !refuses_token(response.headers()) {
        return Ok(());
    }
    match response.extensions().get() {
        Some(AfterRefusal::Renewed) => Err(ProxyErrorKind::TokenRenewed.into()),
        Some(AfterRefusal::Failed(error)) if error.is_final() => Err(Refusal::Gate(unauthenticated(parts))),
        _ => Err(ProxyErrorKind::TokenRefused.into()),
    }
}

fn incoming(response: Response<Incoming>, place: Place<'_>) -> Response<ProxyBody> {
    let (head, body) = response.into_parts();
    let mut response = Response::new(ProxyBody::incoming(body));
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    pass_on(head.status, response.headers_mut(), place);
    response
}

/// The system's or the TLS library's word ("connection refused"), which holds no address with a query.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::Gate(rejection)
    }
}

impl From<ProxyErrorKind> for Refusal {
    fn from(kind: ProxyErrorKind) -> Self {
        Self::Proxy(kind.into())
    }
}
