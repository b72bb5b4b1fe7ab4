//! From a request's `Authorization` header to a verified token; it wins over a session (RFC 6750 §2).

use std::sync::Arc;

use http::request::Parts;

use crate::gate::context::Context;
use crate::gate::navigation::sent_to;
use crate::gate::rejection::Rejection;
use crate::resource_server::{Credentials, Refusal, ResourceServer};
use crate::token::BearerToken;

/// What can be said of a request's bearer token without a wait.
pub(super) enum Found<'a> {
    /// There is none, or this service takes none.
    None,
    /// It was verified, before or just now.
    Known(Arc<BearerToken>),
    /// Its issuer has to be asked, for keys or for its word.
    Unknown(&'a Arc<ResourceServer>, Credentials<'a>),
}

/// Looks for the token that a request brings: a hash and a look-up, or the signature where it is new.
pub(super) fn find<'a>(context: &'a Context, parts: &'a Parts) -> Result<Found<'a>, Rejection> {
    let Some(server) = &context.parties().resource_server else { return Ok(Found::None) };
    let credentials = match Credentials::read(&parts.headers) {
        Ok(Some(credentials)) => credentials,
        Ok(None) => return Ok(Found::None),
        Err(refusal) => return Err(refuse(server, &refusal, false)),
    };
    let token = match server.known(&credentials) {
        Some(token) => token,
        None => match server.verify_at_hand(&credentials) {
            Some(Ok(token)) => token,
            Some(Err(refusal)) => return Err(refuse(server, &refusal, credentials.is_dpop())),
            None => return Ok(Found::Unknown(server, credentials)),
        },
    };
    possessed(context, server, &credentials, token, parts).map(Found::Known)
}

/// Verifies a token that is not known.
pub(super) async fn verify(
    context: &Context,
    server: &Arc<ResourceServer>,
    credentials: Credentials<'_>,
    parts: &Parts,
) -> Result<Arc<BearerToken>, Rejection> {
    match server.verify(&credentials).await {
        Ok(token) => possessed(context, server, &credentials, token, parts),
        Err(refusal) => Err(refuse(server, &refusal, credentials.is_dpop())),
    }
}

/// The token that a request brings, verified if need be.
pub(super) async fn bearer(context: &Context, parts: &Parts) -> Result<Option<Arc<BearerToken>>, Rejection> {
    match find(context, parts)? {
        Found::None => Ok(None),
        Found::Known(token) => Ok(Some(token)),
        Found::Unknown(server, credentials) => verify(context, server, credentials, parts).await.map(Some),
    }
}

/// Whether a request brings credentials that a resource server has to judge.
pub(super) fn brings_credentials(context: &Context, parts: &Parts) -> bool {
    context.parties().resource_server.is_some() && !matches!(Credentials::read(&parts.headers), Ok(None))
}

/// The token, where its sender may send it so.
fn possessed(
    context: &Context,
    server: &Arc<ResourceServer>,
    credentials: &Credentials<'_>,
    token: Arc<BearerToken>,
    parts: &Parts,
) -> Result<Arc<BearerToken>, Rejection> {
    match context.proof(|| server.check_possession(credentials, &token, parts, sent_to)) {
        Ok(()) => Ok(token),
        Err(refusal) => Err(refuse(server, &refusal, credentials.is_dpop())),
    }
}

fn refuse(server: &Arc<ResourceServer>, refusal: &Refusal, is_dpop: bool) -> Rejection {
    // The log has it in full; the caller is told a code alone.
    tracing::info!(kind = ?refusal.kind(), why = refusal.why(), "a bearer token was refused");
    Rejection::credentials(refusal, is_dpop).challenged_by(Some(server))
}
