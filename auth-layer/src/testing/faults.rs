//! Faults on demand: what a provider does on a bad day, caused on the wire.
//!
//! # Rules
//! 1. A fault belongs to an endpoint. Those for a number of requests come first, in the order in
//!    which they were set; then the standing one, until the faults are cleared.
//! 2. A request that meets a fault still counts as a call.
//! 3. What happens before processing changes no state; what happens after has changed it.
//! 4. What is long is streamed: the provider never holds it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

/// An endpoint of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/.well-known/openid-configuration` (OpenID Connect Discovery 1.0).
    Discovery,
    /// `/jwks` (RFC 7517).
    Jwks,
    /// `/authorize` (RFC 6749 §3.1).
    Authorize,
    /// `/login`, where the login page posts to.
    Login,
    /// `/token` (RFC 6749 §3.2).
    Token,
    /// `/userinfo` (OpenID Connect Core 1.0 §5.3).
    UserInfo,
    /// `/introspect` (RFC 7662).
    Introspection,
    /// `/revoke` (RFC 7009).
    Revocation,
    /// `/logout` (OpenID Connect RP-Initiated Logout 1.0).
    EndSession,
    /// `/api/v2/logs` (Auth0's Management API).
    Logs,
}

impl Endpoint {
    /// Returns the path of this endpoint.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Jwks => "/jwks",
            Self::Authorize => "/authorize",
            Self::Login => "/login",
            Self::Token => "/token",
            Self::UserInfo => "/userinfo",
            Self::Introspection => "/introspect",
            Self::Revocation => "/revoke",
            Self::EndSession => "/logout",
            Self::Logs => "/api/v2/logs",
        }
    }

    pub(super) fn at(path: &str) -> Option<Self> {
        [
            Self::Discovery,
            Self::Jwks,
            Self::Authorize,
            Self::Login,
            Self::Token,
            Self::UserInfo,
            Self::Introspection,
            Self::Revocation,
            Self::EndSession,
            Self::Logs,
        ]
        .into_iter()
        .find(|endpoint| endpoint.path() == path)
    }
}

/// What goes wrong at an endpoint.
///
/// What a client of the JWK set, of introspection or of any other endpoint may meet, and how a test
/// causes it:
///
/// | the endpoint | fault |
/// |---|---|
/// | answers after 5 seconds | [`Delay`](Self::Delay) of 5 seconds |
/// | answers at once, but byte by byte | [`Trickle`](Self::Trickle) |
/// | hangs | [`HoldUntilReleased`](Self::HoldUntilReleased), never released |
/// | closes the connection | [`DropConnection`](Self::DropConnection), or [`DropResponse`](Self::DropResponse) |
/// | is not there at all | [`IdentityProvider::stop`](super::IdentityProvider::stop) |
/// | fails, or asks for patience | [`Status`](Self::Status) of 500 or 503, [`RetryAfter`](Self::RetryAfter) with 429 |
/// | answers with 100 MB | [`Flood`](Self::Flood) of 100,000,000 bytes |
/// | answers with 10,000 keys | [`Fault::many_keys`] |
/// | answers with broken JSON | [`Fault::garbage`]`("{\"keys\":[", "application/json")` |
/// | answers with an HTML page and 200 | [`Fault::garbage`]`("<html></html>", "text/html")` |
/// | answers with JSON of another form | [`Fault::rewrite`] |
/// | sends the client elsewhere | [`Redirect`](Self::Redirect), also to `file:///etc/passwd` |
#[derive(Clone)]
#[non_exhaustive]
pub enum Fault {
    /// Answers this status, unprocessed, with a short text.
    Status(u16),
    /// Answers this status, unprocessed, with `Retry-After` in whole seconds. With 429 the log
    /// gets `api_limit`.
    RetryAfter(u16, Duration),
    /// Answers this status, unprocessed, with an error of this code (RFC 6749 §5.2).
    Error(u16, String),
    /// Waits this long, then processes and answers.
    Delay(Duration),
    /// Closes the connection, unprocessed.
    DropConnection,
    /// Processes the request, then closes the connection: the answer is lost, its effects stay.
    DropResponse,
    /// Answers 200, unprocessed, with this body of this content type.
    Garbage(String, String),
    /// Holds the request, unprocessed, until it is released; then processes and answers.
    HoldUntilReleased,
    /// Processes the request, then holds the answer until it is released.
    HoldResponseUntilReleased,
    /// Answers 302, unprocessed, with this `Location`, which may be of any scheme.
    Redirect(String),
    /// Processes the request, then sends so many bytes of white space before the body, which is
    /// still JSON: a client that reads on to the end is not refused. No `Content-Length`.
    Flood(u64),
    /// Processes the request, then sends the head of the answer at once and its body byte by byte,
    /// each this long after the one before.
    Trickle(Duration),
    /// Processes the request, then lets a function change the JSON of the answer.
    Rewrite(Arc<dyn Fn(&mut Value) + Send + Sync>),
}

impl Fault {
    /// Returns a [`Fault::Garbage`].
    #[must_use]
    pub fn garbage(body: impl Into<String>, content_type: impl Into<String>) -> Self {
        Self::Garbage(body.into(), content_type.into())
    }

    /// Returns a [`Fault::Rewrite`]: an answer with a lie in it.
    #[must_use]
    pub fn rewrite(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Rewrite(Arc::new(change))
    }

    /// Returns a [`Fault::Rewrite`] for [`Endpoint::Jwks`]: so many more keys before the good ones,
    /// each well-formed and with a `kid` of its own.
    #[must_use]
    pub fn many_keys(count: usize) -> Self {
        Self::rewrite(move |jwks| {
            let good = jwks["keys"].as_array().cloned().unwrap_or_default();
            let copy = |number: usize| {
                let mut key = good.first().cloned().unwrap_or_default();
                key["kid"] = json!(format!("one of many: {number}"));
                key
            };
            let keys = (0..count).map(copy).chain(good.iter().cloned());
            jwks["keys"] = keys.collect();
        })
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "Status({status})"),
            Self::RetryAfter(status, after) => write!(f, "RetryAfter({status}, {after:?})"),
            Self::Error(status, code) => write!(f, "Error({status}, {code:?})"),
            Self::Delay(delay) => write!(f, "Delay({delay:?})"),
            Self::DropConnection => f.write_str("DropConnection"),
            Self::DropResponse => f.write_str("DropResponse"),
            Self::Garbage(body, of) => write!(f, "Garbage({} bytes, {of:?})", body.len()),
            Self::HoldUntilReleased => f.write_str("HoldUntilReleased"),
            Self::HoldResponseUntilReleased => f.write_str("HoldResponseUntilReleased"),
            Self::Redirect(location) => write!(f, "Redirect({location:?})"),
            Self::Flood(bytes) => write!(f, "Flood({bytes})"),
            Self::Trickle(pace) => write!(f, "Trickle({pace:?})"),
            Self::Rewrite(_) => f.write_str("Rewrite(..)"),
        }
    }
}

/// The faults that are set.
#[derive(Default)]
pub(super) struct Faults(BTreeMap<Endpoint, Set>);

#[derive(Default)]
struct Set {
    counted: VecDeque<(Fault, usize)>,
    standing: Option<Fault>,
}

impl Faults {
    pub(super) fn stand(&mut self, endpoint: Endpoint, fault: Fault) {
        self.0.entry(endpoint).or_default().standing = Some(fault);
    }

    pub(super) fn count(&mut self, endpoint: Endpoint, fault: Fault, times: usize) {
        if times > 0 {
            let set = self.0.entry(endpoint).or_default();
            set.counted.push_back((fault, times));
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the fault which the next request to `endpoint` meets.
    pub(super) fn next(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let set = self.0.get_mut(&endpoint)?;
        let Some((fault, times)) = set.counted.front_mut() else {
            return set.standing.clone();
        };
        *times -= 1;
        let fault = fault.clone();
        if *times == 0 {
            set.counted.pop_front();
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_faults_come_before_the_standing_one() {
        let mut faults = Faults::default();
        faults.stand(Endpoint::Token, Fault::Status(500));
        faults.count(Endpoint::Token, Fault::Status(429), 2);
        faults.count(Endpoint::Token, Fault::DropConnection, 0);
        let mut met = || format!("{:?}", faults.next(Endpoint::Token).unwrap());
        assert_eq!(met(), "Status(429)");
        assert_eq!(met(), "Status(429)");
        assert_eq!(met(), "Status(500)");
        assert_eq!(met(), "Status(500)");
        assert!(faults.next(Endpoint::Jwks).is_none());
        faults.clear();
        assert!(faults.next(Endpoint::Token).is_none());
    }
}
