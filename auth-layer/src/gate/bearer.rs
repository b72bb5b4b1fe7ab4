//! From a request's `Authorization` header to a verified token; it wins over a session (RFC 6750 §2).

use std::sync::Arc;

use http::request::Parts;

use crate::gate::context::Context;
use crate::gate::rejection::Rejection;
use crate::resource_server::{Credentials, Refusal, ResourceServer};
use crate::token::BearerToken;

/// The token that a request brings; none where it brings none, or this service takes none.
///
/// A token that was verified before is found without a wait.
pub(super) async fn bearer(context: &Context, parts: &Parts) -> Result<Option<Arc<BearerToken>>, Rejection> {
    let Some(server) = &context.parties().resource_server else { return Ok(None) };
    let credentials = match Credentials::read(&parts.headers) {
        Ok(Some(credentials)) => credentials,
        Ok(None) => return Ok(None),
        Err(refusal) => return Err(refuse(server, &refusal, false)),
    };
    let is_dpop = credentials.is_dpop();
    let token = match server.known(&credentials) {
        Some(token) => token,
        // Boxed, so that the future of every handler need not be as large as a verification.
        None => match Box::pin(server.verify(&credentials)).await {
            Ok(token) => token,
            Err(refusal) => return Err(refuse(server, &refusal, is_dpop)),
        },
    };
    match context.proof(|| server.check_possession(&credentials, &token, parts)) {
        Ok(()) => Ok(Some(token)),
        Err(refusal) => Err(refuse(server, &refusal, is_dpop)),
    }
}

/// Whether a request brings credentials that a resource server has to judge.
pub(super) fn brings_credentials(context: &Context, parts: &Parts) -> bool {
    context.parties().resource_server.is_some() && !matches!(Credentials::read(&parts.headers), Ok(None))
}

fn refuse(server: &Arc<ResourceServer>, refusal: &Refusal, is_dpop: bool) -> Rejection {
    // The log has it in full; the caller is told a code alone.
    tracing::info!(kind = ?refusal.kind(), why = refusal.why(), "a bearer token was refused");
    Rejection::credentials(refusal, is_dpop).challenged_by(Some(server))
}
