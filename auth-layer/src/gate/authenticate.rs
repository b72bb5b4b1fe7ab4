//! From a request's head to a session, and from a session to the access token that a rule wants.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;

use crate::flow::RelyingParty;
use crate::gate::authenticating::{Authenticating, Judgement};
use crate::gate::bearer::{Found, bearer, brings_credentials, find, verify};
use crate::gate::context::{Context, SessionContext};
use crate::gate::navigation::{is_navigation, sent_to};
use crate::gate::origin::is_same_origin;
use crate::gate::rejection::{Rejection, RejectionKind};
use crate::gate::require::{require, require_bearer, require_now};
use crate::gate::session::Session;
use crate::identifier::Audience;
use crate::refresh::{Decision, Obtained, RefreshError, RefreshErrorKind, Wanted, decide, obtain};
use crate::session::SessionRecord;
use crate::token::{AccessToken, BearerToken, IssuedToken, NoRequirement, Principal, Rule, User};

/// Returns the session of a request, `None` for an anonymous one.
///
/// A request with a bearer token has none, whatever cookies come with it.
///
/// # Errors
/// The layer is missing, the request is cross-site, the store is away.
pub(crate) async fn session(parts: &Parts) -> Result<Option<Session>, Rejection> {
    let context = context(parts)?;
    if brings_credentials(context, parts) {
        return Ok(None);
    }
    session_of(context, parts).await
}

/// Returns the session that a request's cookies are of, also beside a bearer token: for what ends it.
///
/// # Errors
/// As [`session`].
pub(crate) async fn cookie_session(parts: &Parts) -> Result<Option<Session>, Rejection> {
    session_of(context(parts)?, parts).await
}

async fn session_of(context: &Context, parts: &Parts) -> Result<Option<Session>, Rejection> {
    let Some(context) = context.session() else { return Ok(None) };
    let Some(record) = context.record(&parts.headers).await? else { return Ok(None) };
    if !is_same_origin(&parts.method, &parts.uri, &parts.headers) {
        return Err(Rejection::new(RejectionKind::CrossSite));
    }
    Ok(Some(Session::new(context.clone(), record)))
}

/// Returns the user of a request: of its bearer token where it brings one, of its session otherwise.
///
/// # Errors
/// As [`session`]; the bearer token is not good, or is a client's own.
#[cfg(feature = "axum")]
pub(crate) async fn user(parts: &Parts) -> Result<Option<User>, Rejection> {
    let context = context(parts)?;
    match bearer(context, parts).await? {
        Some(token) => user_of(&token).map(Some),
        None => Ok(session_of(context, parts).await?.map(|session| session.user().clone())),
    }
}

fn user_of(token: &BearerToken) -> Result<User, Rejection> {
    match (token.principal, &token.subject) {
        (Principal::User, Some(subject)) => Ok(User::new(subject.clone(), token.claims())),
        _ => Err(Rejection::new(RejectionKind::NoUser)),
    }
}

/// Puts [`Session`], [`User`] and [`AccessToken`] among a request's extensions, for services without
/// extractors; a [`Rejection`] where they could not be had, nothing for a stranger.
pub(crate) async fn with_session(mut parts: Parts) -> Parts {
    match context(&parts) {
        Ok(context) => match bearer(context, &parts).await {
            Ok(Some(token)) => return with_bearer(parts, token),
            Ok(None) => {}
            Err(rejection) => {
                parts.extensions.insert(rejection);
                return parts;
            }
        },
        Err(rejection) => {
            parts.extensions.insert(rejection);
            return parts;
        }
    }
    let session = match session(&parts).await {
        Ok(Some(session)) => session,
        Ok(None) => return parts,
        Err(rejection) => {
            parts.extensions.insert(rejection);
            return parts;
        }
    };
    match session.access_token().await {
        Ok(token) => {
            parts.extensions.insert(token);
        }
        Err(error) => {
            let is_over = error.is_final();
            let rejection = refused(&parts, error);
            parts.extensions.insert(rejection);
            if is_over {
                return parts;
            }
        }
    }
    parts.extensions.insert(session.user().clone());
    parts.extensions.insert(session);
    parts
}

fn with_bearer(mut parts: Parts, token: Arc<BearerToken>) -> Parts {
    if let Ok(user) = user_of(&token) {
        parts.extensions.insert(user);
    }
    parts.extensions.insert(AccessToken::<NoRequirement>::bearer(token));
    parts
}

/// Returns the access token that a rule wants; a handler runs only with it.
///
/// A bearer token that is known is judged here and now.
pub(crate) fn authenticate<'a>(parts: &'a Parts, rule: &'static Rule) -> Authenticating<'a> {
    let context = match context(parts) {
        Ok(context) => context,
        Err(rejection) => return Authenticating::judged(Err(rejection)),
    };
    match find(context, parts) {
        Ok(Found::Known(token)) => Authenticating::judged(bearer_token(context, token, rule)),
        Ok(Found::Unknown(server, credentials)) => Authenticating::Waiting(Box::pin(async move {
            let token = verify(context, server, credentials, parts).await?;
            bearer_token(context, token, rule)
        })),
        Ok(Found::None) => Authenticating::Waiting(Box::pin(session_token(context, parts, rule))),
        Err(rejection) => Authenticating::judged(Err(rejection)),
    }
}

/// A bearer token, where it meets the rule.
fn bearer_token(context: &Context, token: Arc<BearerToken>, rule: &'static Rule) -> Judgement {
    let is_bound = token.is_bound();
    require_bearer(token, rule).map_err(|rejection| {
        rejection.challenged_by(context.parties().resource_server.as_ref()).under_dpop(is_bound)
    })
}

/// Puts whose token it is among a request's extensions, for functions without extractors.
///
/// Boxed where it is a session's, for which the store may have to be asked.
pub(crate) async fn introduce(mut parts: Parts, token: &AccessToken) -> Result<Parts, Rejection> {
    match token.as_bearer() {
        Some(bearer) => {
            if let Ok(user) = user_of(bearer) {
                parts.extensions.insert(user);
            }
            Ok(parts)
        }
        None => {
            let found: Finding<'_> = Box::pin(session(&parts));
            if let Some(session) = found.await? {
                parts.extensions.insert(session.user().clone());
                parts.extensions.insert(session);
            }
            Ok(parts)
        }
    }
}

/// Without a name of its own, so that no crate with a function has a copy of it.
type Finding<'a> = Pin<Box<dyn Future<Output = Result<Option<Session>, Rejection>> + Send + 'a>>;

/// The token of the request's session, where it meets the rule.
async fn session_token(
    context: &Context,
    parts: &Parts,
    rule: &'static Rule,
) -> Result<AccessToken<NoRequirement>, Rejection> {
    let Some(session) = session_of(context, parts).await? else {
        return Err(unauthenticated(parts));
    };
    // The configured audience is wanted most often, and needs no copy to say so.
    let configured = session.context().party().config.audience.as_ref();
    let other = rule.audience.filter(|audience| configured.is_none_or(|configured| configured != audience));
    let wanted = Wanted { audience: other.map(Audience::from), ..Wanted::default() };
    let token = token_of(&session, wanted).await.map_err(|error| {
        explain(rule, configured, &error);
        refused(parts, error)
    })?;
    require(rule, &token).and_then(|()| require_now(rule, &token)).map_err(|shortfall| {
        let step_up = shortfall.step_up();
        let rejection = Rejection::short(rule, shortfall);
        match step_up.filter(|_| is_navigation(&parts.method, &parts.headers)) {
            Some(step_up) => {
                let party = session.context().party();
                rejection.at_login(party.login_path_with(here(parts), step_up.parameters()))
            }
            None => rejection.challenged_by(context.parties().resource_server.as_ref()),
        }
    })?;
    Ok(token)
}

/// Returns the session's token for an audience where it is to be served as it is.
pub(crate) fn token_at_hand(session: &Session, wanted: &Wanted) -> Option<AccessToken> {
    let (record, party) = (session.record(), session.context().party());
    let config = &party.config;
    let filed;
    let wanted = match &wanted.audience {
        Some(audience) if config.audience.as_ref() == Some(audience) => {
            filed = Wanted { audience: None, ..wanted.clone() };
            &filed
        }
        _ => wanted,
    };
    match decide(&record.token_set, wanted, config.clock.now(), config.refresh.buffer) {
        Decision::Serve(token) => {
            let audience = wanted.audience.clone().or_else(|| config.audience.clone());
            Some(held(token, audience, &record, party))
        }
        _ => None,
    }
}

/// Returns the session's token for an audience, and notes what changed.
pub(crate) async fn token_of(session: &Session, mut wanted: Wanted) -> Result<AccessToken, RefreshError> {
    let (context, record) = (session.context(), session.record());
    let party = context.party();
    if wanted.audience == party.config.audience {
        wanted.audience = None;
    }
    let config = &party.config;
    let audience = wanted.audience.clone().or_else(|| config.audience.clone());
    // What most requests come to, before anything is made that only a refresh needs.
    let meanwhile = match decide(&record.token_set, &wanted, config.clock.now(), config.refresh.buffer) {
        Decision::Serve(token) => return Ok(held(token, audience, &record, party)),
        Decision::Refresh { meanwhile } => meanwhile,
        Decision::Expired | Decision::NoRefreshToken => None,
    };
    // Boxed, so that the future of every handler need not be as large as a refresh.
    let token = match (Box::pin(refreshed(context, &record, &wanted)).await, meanwhile) {
        // The store was away when a slow request looked there again: its token still lives.
        (Err(error), Some(living)) if !error.is_final() => living,
        (refreshed, _) => refreshed?,
    };
    Ok(held(token, audience, &record, party))
}

fn held(
    token: Arc<IssuedToken>,
    audience: Option<Audience>,
    record: &SessionRecord,
    party: &RelyingParty,
) -> AccessToken {
    AccessToken::of_session(token, audience, record.user.clone(), Arc::clone(&party.config.terms))
}

async fn refreshed(
    context: &SessionContext,
    record: &Arc<SessionRecord>,
    wanted: &Wanted,
) -> Result<Arc<IssuedToken>, RefreshError> {
    let party = context.party();
    let now = party.config.clock.now();
    let opened_at = context.opened_at().unwrap_or(now);
    let held = Arc::clone(&record.token_set);
    match obtain(&party.flights, &party.committer(record, opened_at), held, wanted).await {
        Ok(Obtained { token, set }) => {
            context.adopt(&set);
            Ok(token)
        }
        Err(error) => {
            if error.is_final() {
                end(party, context, record).await;
            }
            Err(error)
        }
    }
}

/// A final answer ends this session and no other.
async fn end(party: &Arc<RelyingParty>, context: &SessionContext, record: &Arc<SessionRecord>) {
    // Logged out meanwhile: its cookies were deleted then, and may be the next login's by now.
    if party.tombstones.has_ended_here(&record.id) {
        return context.abandon();
    }
    party.exchanges.forget(&record.id, &record.token_set);
    party.sessions.remove_dead(record).await;
    context.forget();
}

fn context(parts: &Parts) -> Result<&Context, Rejection> {
    parts.extensions.get::<Context>().ok_or_else(|| {
        tracing::error!(
            path = parts.uri.path(),
            "a handler asked for a session where there is no AuthLayer: add `.layer(auth.layer())` after its route"
        );
        Rejection::new(RejectionKind::LayerMissing)
    })
}

/// Why a handler that takes a session gets none: nobody is logged in, or a token came in its place,
/// which is judged as everywhere.
#[cfg(feature = "axum")]
pub(crate) async fn no_session(parts: &Parts) -> Rejection {
    let Ok(context) = context(parts) else { return Rejection::new(RejectionKind::LayerMissing) };
    match bearer(context, parts).await {
        Ok(Some(_)) => {
            Rejection::new(RejectionKind::NoSession).challenged_by(context.parties().resource_server.as_ref())
        }
        Ok(None) => unauthenticated(parts),
        Err(rejection) => rejection,
    }
}

pub(crate) fn unauthenticated(parts: &Parts) -> Rejection {
    let Ok(context) = context(parts) else { return Rejection::new(RejectionKind::LayerMissing) };
    let parties = context.parties();
    let party = parties.relying_party.as_ref().filter(|_| is_navigation(&parts.method, &parts.headers));
    let Some(party) = party.filter(|_| !brings_credentials(context, parts)) else {
        return Rejection::new(RejectionKind::Unauthenticated)
            .challenged_by(parties.resource_server.as_ref());
    };
    Rejection::new(RejectionKind::Unauthenticated).at_login(party.login_path(here(parts)))
}

/// Where the browser is, to come back to.
fn here(parts: &Parts) -> &str {
    sent_to(parts).path_and_query().map_or("/", |path| path.as_str())
}

/// Says in the log what the operator can do about a token that cannot be had at all.
fn explain(rule: &Rule, configured: Option<&Audience>, error: &RefreshError) {
    if matches!(error.kind(), RefreshErrorKind::NoRefreshToken | RefreshErrorKind::Refused) {
        tracing::warn!(
            handler = rule.handler,
            wanted = rule.audience,
            configured = configured.map(Audience::as_str),
            "{error}: is the audience that the handler wants the configured one (AUTH_AUDIENCE)?"
        );
    }
}

/// As [`Rejection::from`] has it; a page whose session is over is sent to login.
fn refused(parts: &Parts, error: RefreshError) -> Rejection {
    if error.is_final() { unauthenticated(parts) } else { error.into() }
}
