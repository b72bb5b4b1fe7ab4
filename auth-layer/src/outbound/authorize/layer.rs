//! The layer around an HTTP client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Uri;
use tower_layer::Layer;

use crate::clock::Clock;
use crate::identifier::Audience;
use crate::outbound::address::Address;
use crate::outbound::authorize::replacements::Replacements;
use crate::outbound::authorize::replay::EmptyBodies;
use crate::outbound::authorize::service::AuthorizeService;
use crate::outbound::authorize::supply::TokenSupply;
use crate::outbound::authorize::tokens::{Tokens, Wanted};

/// Puts [`AuthorizeService`] around an HTTP client; see [`Auth::authorize`](crate::Auth::authorize) and the
/// [module docs](super).
///
/// A copy costs a few reference counts, and shares what the layer remembers.
#[derive(Clone, Debug)]
#[must_use]
pub struct Authorize<R = EmptyBodies> {
    terms: Arc<Terms>,
    replay: R,
}

/// What holds for every request.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) address: Address,
    pub(super) tokens: Tokens,
    pub(super) replacements: Arc<Replacements>,
    has_warned: Arc<AtomicBool>,
}

impl Authorize {
    /// For tokens of this audience, where none is named.
    pub(in crate::outbound) fn new(address: Address, configured: Option<Audience>, clock: Clock) -> Self {
        let terms = Terms {
            address,
            tokens: Tokens::OfUser(Wanted { named: None, configured }),
            replacements: Arc::new(Replacements::new(clock)),
            has_warned: Arc::default(),
        };
        Self { terms: Arc::new(terms), replay: EmptyBodies }
    }
}

impl<R> Authorize<R> {
    /// Sends the user's token of this audience; default: of the configured one.
    ///
    /// A session gets it with its one refresh token. A token that a handler has is sent only where it is of this
    /// audience.
    pub fn with_audience(self, audience: impl Into<Audience>) -> Self {
        self.with(Tokens::OfUser(Wanted { named: Some(audience.into()), configured: None }))
    }

    /// Sends the tokens of this supply, whoever the user is; default: the user's own.
    pub fn with_tokens(self, supply: impl TokenSupply) -> Self {
        self.with(Tokens::supplied(supply))
    }

    /// Says how a body is sent a second time, after the first token was refused; default: only a request without
    /// a body is.
    ///
    /// For bodies that are in memory and cheap to copy:
    /// ```
    /// # use auth_layer::outbound::Authorize;
    /// # use bytes::Bytes;
    /// # use http_body_util::Full;
    /// # fn with_replay(authorize: Authorize) {
    /// authorize.with_replay(|body: &Full<Bytes>| Some(body.clone()));
    /// # }
    /// ```
    pub fn with_replay<B, F: Fn(&B) -> Option<B>>(self, copy: F) -> Authorize<F> {
        Authorize { terms: self.terms, replay: copy }
    }

    fn with(mut self, tokens: Tokens) -> Self {
        Arc::make_mut(&mut self.terms).tokens = tokens;
        self
    }
}

impl Terms {
    /// Says once in the log that a request goes elsewhere, and so without a token.
    pub(super) fn warn_of(&self, uri: &Uri) {
        if self.has_warned.swap(true, Ordering::Relaxed) {
            return;
        }
        let host: String = uri.host().unwrap_or_default().chars().take(MAX_SHOWN).collect();
        tracing::warn!(
            authorized = self.address.origin(),
            scheme = uri.scheme_str(),
            host,
            port = uri.port_u16(),
            "a request to another origin is sent without a token; it is said once"
        );
    }
}

impl<S, R: Clone> Layer<S> for Authorize<R> {
    type Service = AuthorizeService<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthorizeService::new(inner, Arc::clone(&self.terms), self.replay.clone())
    }
}

const MAX_SHOWN: usize = 100;
