//! Token revocation (RFC 7009).
//!
//! # Rules
//! 1. A refresh token takes its whole grant with it, access tokens included (§2.1).
//! 2. An access token goes alone.
//! 3. A token that is unknown is as good as revoked: 200 (§2.2).

use http::StatusCode;

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::state::{Answer, Request, State};
use super::tenant_log::{EventCode, LogEvent};
use super::{answer, client_authentication};
use crate::clock::Timestamp;

/// Revokes a token.
pub(super) fn respond(state: &mut State, now: Timestamp, request: &Request) -> Answer {
    revoke(state, now, request)
        .map_or_else(Refusal::into_answer, |()| answer::body(StatusCode::OK, "text/plain; charset=utf-8", ""))
}

fn revoke(state: &mut State, now: Timestamp, request: &Request) -> Result<(), Refusal> {
    let parameters = Parameters::of_form(request)?;
    let client = client_authentication::authenticate(state, request, &parameters)?;
    let token = parameters.required("token")?;
    let foreign = || Refusal::invalid_grant("the token was issued to another client");
    if let Some(record) = state.access_tokens.find(token) {
        if record.client_id != client.client_id {
            return Err(foreign());
        }
        state.access_tokens.remove(token);
        return Ok(());
    }
    let Some(name) = state.refresh_tokens.get(token).map(|record| record.grant.clone()) else {
        return Ok(());
    };
    if let Some(grant) = state.grants.get(&name) {
        if grant.client_id != client.client_id {
            return Err(foreign());
        }
        let event = LogEvent::new(EventCode::Revocation, now, "a refresh token was revoked")
            .user(Some(&grant.session.subject))
            .client(Some(&client.client_id));
        state.log.record(event);
    }
    state.revoke_grant(&name);
    Ok(())
}
