//! The service that passes requests on to an API.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer as _;
use tower_service::Service;
use tracing::Instrument as _;

use crate::config::{BaseUrl, ConfigError};
use crate::gate::Parties;
use crate::identifier::Audience;
use crate::outbound::address::Address;
use crate::outbound::authorize::{Authorize, AuthorizeService, EmptyBodies};
use crate::outbound::proxy::answer::answer;
use crate::outbound::proxy::backend::{Backend, backend};
use crate::outbound::proxy::body::{ProxyBody, RequestBody};
use crate::outbound::proxy::pathway::Prefix;
use crate::token::Rule;

/// Passes requests of users on to an API, with their access token; see [`Auth::proxy`](crate::Auth::proxy) and the
/// [module docs](super).
///
/// A copy costs one reference count.
#[derive(Clone, Debug)]
#[must_use]
pub struct Proxy {
    pub(super) terms: Arc<Terms>,
}

/// What holds for every request.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) prefix: Prefix,
    pub(super) address: Address,
    pub(super) rule: &'static Rule,
    pub(super) base_url: Option<BaseUrl>,
    pub(super) timeout: Duration,
    pub(super) client: AuthorizeService<Backend, EmptyBodies>,
    /// Of the user's token where the rule names none.
    audience: Option<Audience>,
    authorize: Authorize,
    backend: Backend,
}

impl Proxy {
    pub(in crate::outbound) fn new(
        prefix: &str,
        address: Address,
        parties: &Parties,
    ) -> Result<Self, ConfigError> {
        let prefix = Prefix::parse(prefix)?;
        let authorize = Authorize::new(address.clone(), None, parties.clock());
        let party = parties.relying_party.as_ref();
        let base_url = party.map(|party| party.config.base_url.clone());
        let audience = match party {
            Some(party) => party.config.audience.clone(),
            None => parties.resource_server.as_ref().map(|server| server.audience().clone()),
        };
        let backend = backend()?;
        let client = authorize.layer(backend.clone());
        let timeout = DEFAULT_TIMEOUT;
        let terms = Terms {
            prefix,
            address,
            rule: AUTHENTICATED,
            base_url,
            timeout,
            client,
            audience,
            authorize,
            backend,
        };
        Ok(Self { terms: Arc::new(terms) }.with_rule(Rule::authenticated(NAME)))
    }

    /// Requires all of these scopes of the user's token, before anything is asked of the API; default: none.
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = &'static str>) -> Self {
        let scopes: Vec<&'static str> = scopes.into_iter().collect();
        let rule = self.terms.rule.with_scopes(scopes.leak());
        self.with_rule(rule)
    }

    /// Sends the user's token of this audience; default: of the configured one.
    pub fn with_audience(self, audience: &'static str) -> Self {
        let rule = self.terms.rule.with_audience(Some(audience));
        self.with_rule(rule)
    }

    /// Judges requests by this rule, as `#[require_auth]` does by that of a handler; default: whoever is
    /// authenticated passes.
    ///
    /// It replaces what [`with_scopes`](Self::with_scopes) and [`with_audience`](Self::with_audience) said.
    pub fn with_rule(mut self, rule: Rule) -> Self {
        let terms = Arc::make_mut(&mut self.terms);
        // Deliberately never freed: a bearer token remembers by its address which rule it has met. There are as
        // many as proxies are made, which is when the program starts.
        terms.rule = Box::leak(Box::new(rule));
        let authorize = match rule.audience().or_else(|| terms.audience.clone()) {
            Some(audience) => terms.authorize.clone().with_audience(audience),
            None => terms.authorize.clone(),
        };
        terms.client = authorize.layer(terms.backend.clone());
        self
    }

    /// Waits this long for the API to begin its answer; default: 30 seconds.
    ///
    /// It begins anew with each part of the request's body that is sent. An answer that has begun may take as
    /// long as it takes.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        Arc::make_mut(&mut self.terms).timeout = timeout;
        self
    }
}

impl<B> Service<Request<B>> for Proxy
where
    B: Body<Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Response = Response<ProxyBody>;
    type Error = Infallible;
    type Future = ProxyFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ProxyFuture {
        let (parts, body) = request.into_parts();
        let span = tracing::info_span!("proxy", api = self.terms.address.host(), method = %parts.method);
        let answer = answer(Arc::clone(&self.terms), parts, RequestBody::new(body));
        ProxyFuture(Box::pin(answer.instrument(span)))
    }
}

/// The future of [`Proxy`].
///
/// May be dropped at any time: the request to the API ends with it, and a refresh that was begun is completed.
pub struct ProxyFuture(Pin<Box<dyn Future<Output = Response<ProxyBody>> + Send>>);

impl Future for ProxyFuture {
    type Output = Result<Response<ProxyBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context).map(Ok)
    }
}

impl fmt::Debug for ProxyFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyFuture(..)")
    }
}

const NAME: &str = "auth_layer::outbound::Proxy";
const AUTHENTICATED: &Rule = &Rule::authenticated(NAME);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
