//! Token introspection (RFC 7662), for clients with a secret.

use http::StatusCode;
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::settings::Settings;
use super::state::{Answer, Request, State};
use super::{answer, client_authentication};
use crate::clock::Timestamp;

/// Answers whether a token is active, and what it is.
pub(super) fn respond(settings: &Settings, state: &State, now: Timestamp, request: &Request) -> Answer {
    introspect(settings, state, now, request)
        .map_or_else(Refusal::into_answer, |body| answer::json(StatusCode::OK, &body))
}

fn introspect(
    settings: &Settings,
    state: &State,
    now: Timestamp,
    request: &Request,
) -> Result<Value, Refusal> {
    let parameters = Parameters::of_form(request)?;
    let client = client_authentication::authenticate(state, request, &parameters)?;
    if client.client_secret.is_none() {
        // RFC 7662 §2.1: whoever asks must be known, so that tokens cannot be guessed at.
        return Err(Refusal::invalid_client("introspection needs a secret"));
    }
    let token = parameters.required("token")?;
    let inactive = json!({ "active": false });
    if let Some(record) = state.access_tokens.get(token) {
        if !record.is_active(state, now) {
            return Ok(inactive);
        }
        let mut body = json!({
            "active": true,
            "iss": settings.issuer,
            "sub": record.subject,
            "client_id": record.client_id,
            "scope": record.scope.join(" "),
            "iat": record.issued.unix_seconds(),
            "exp": record.expires.unix_seconds(),
            "jti": record.jti,
            "token_type": "Bearer",
        });
        if let Some(audience) = &record.audience {
            body["aud"] = json!(audience);
        }
        if let Some(user) = state.user(&record.subject) {
            body["username"] = json!(user.username);
        }
        return Ok(body);
    }
    // A refresh token is the business of its own client alone.
    let grant = state
        .refresh_tokens
        .get(token)
        .filter(|record| record.rotated.is_none())
        .and_then(|record| state.living_grant(&record.grant, now))
        .filter(|grant| grant.client_id == client.client_id);
    Ok(grant.map_or(inactive, |grant| {
        json!({
            "active": true,
            "iss": settings.issuer,
            "sub": grant.session.subject,
            "client_id": grant.client_id,
            "scope": grant.scope.join(" "),
            "exp": grant.expires.unix_seconds(),
        })
    }))
}
