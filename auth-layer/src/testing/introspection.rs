//! Token introspection (RFC 7662), for clients with a secret.
//!
//! # Rules
//! 1. Whoever asks is known by a secret, so that tokens cannot be guessed at (§2.1).
//! 2. A JWT is looked up like an opaque token: its signature says nothing here, and one that the
//!    provider only signed is not active.
//! 3. An inactive token is `{"active":false}` and nothing else (§2.2), whatever the reason.
//! 4. An active one is answered with what it says, and with the members of §2.2; `token_type` is
//!    `DPoP` where it is bound to a key (RFC 9449 §6.2).

use http::StatusCode;
use serde_json::{Value, json};

use super::access_token::{AccessTokenRecord, token_type};
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::settings::Settings;
use super::state::{Answer, Grant, Request, State};
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
        return Err(Refusal::invalid_client("introspection needs a secret"));
    }
    let token = parameters.required("token")?;
    let inactive = json!({ "active": false });
    if let Some(record) = state.access_tokens.find(token) {
        return Ok(match record.is_active(state, now) {
            true => describe(settings, state, record),
            false => inactive,
        });
    }
    // A refresh token is the business of its own client alone.
    let grant = state
        .refresh_tokens
        .get(token)
        .filter(|record| record.rotated.is_none())
        .and_then(|record| Some((record.key.as_deref(), state.living_grant(&record.grant, now)?)))
        .filter(|(_, grant)| grant.client_id == client.client_id);
    Ok(grant.map_or(inactive, |(key, grant)| describe_grant(settings, key, grant)))
}

fn describe(settings: &Settings, state: &State, record: &AccessTokenRecord) -> Value {
    let mut body = record.standard_claims(&settings.issuer);
    body.retain(|name, _| !record.without.contains(name));
    body.extend(record.claims.clone());
    body.insert("active".to_owned(), json!(true));
    body.insert("token_type".to_owned(), json!(record.token_type()));
    if let Some(user) = state.user(&record.subject) {
        body.insert("username".to_owned(), json!(user.username));
    }
    Value::Object(body)
}

fn describe_grant(settings: &Settings, key: Option<&str>, grant: &Grant) -> Value {
    let mut body = json!({
        "active": true,
        "iss": settings.issuer,
        "sub": grant.session.subject,
        "client_id": grant.client_id,
        "scope": grant.scope.join(" "),
        "exp": grant.expires.unix_seconds(),
    });
    if let Some(key) = key {
        body["token_type"] = json!(token_type(Some(key)));
        body["cnf"] = json!({ "jkt": key });
    }
    body
}
