//! Federated connection grant (Auth0's Token Vault): the token that a connection's provider gave for a user.
//!
//! # Rules
//! 1. The subject token is the client's own refresh token, the living one of its grant. It is not spent:
//!    neither is it rotated, nor does a used one that is brought here kill its family.
//! 2. The token is for an account that the user connected, chosen by `connection` and, among several of one
//!    connection, by `login_hint`. A user without one is told so with 401.
//! 3. What is issued is the connection's: no API of this provider takes it, and introspection does not know it.

use http::StatusCode;
use serde_json::json;

use super::refusal::Refusal;
use super::settings::Settings;
use super::state::{Answer, State};
use super::tenant_log::{EventCode, LogEvent};
use super::token::TokenRequest;
use super::{access_token, answer};
use crate::clock::Timestamp;

/// Exchanges a refresh token for a connection's access token.
pub(super) fn exchange(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &TokenRequest,
) -> Result<Answer, Refusal> {
    let TokenRequest { client, parameters, key } = request;
    if client.client_secret.is_none() {
        return Err(Refusal::bad_request("unauthorized_client", "a public client has no credentials"));
    }
    if parameters.required("subject_token_type")? != REFRESH_TOKEN {
        return Err(Refusal::invalid_request("subject_token_type is not that of a refresh token"));
    }
    if parameters.required("requested_token_type")? != FEDERATED_TOKEN {
        return Err(Refusal::invalid_request("requested_token_type is not that of a connection's token"));
    }
    let (token, connection) = (parameters.required("subject_token")?, parameters.required("connection")?);
    let dead = || Refusal::invalid_grant("the refresh token is unknown, was rotated, or is over");
    let record = state.refresh_tokens.get(token).filter(|record| record.rotated.is_none());
    let record = record.ok_or_else(dead)?;
    if record.key.is_some() && record.key != *key {
        return Err(Refusal::invalid_grant("the refresh token is bound to another key"));
    }
    let grant = state.living_grant(&record.grant, now).filter(|grant| grant.client_id == client.client_id);
    let subject = grant.ok_or_else(dead)?.session.subject.clone();
    let hint = parameters.value("login_hint");
    let account = state
        .user(&subject)
        .and_then(|user| user.accounts.iter().find(|account| account.is(connection, hint)))
        .ok_or_else(|| Refusal::no_account(connection).of_subject(&subject))?;
    let body = json!({
        // Who looks at it sees which account it is of.
        "access_token": format!("{connection}.{}.{}", account.login, access_token::opaque()),
        "issued_token_type": FEDERATED_TOKEN,
        "token_type": "Bearer",
        "expires_in": settings.access_token_lifetime.as_secs(),
        "scope": account.scope,
    });
    let event = LogEvent::new(EventCode::FederatedConnection, now, "a connection's token was handed out")
        .user(Some(&subject))
        .client(Some(&client.client_id));
    state.log.record(event);
    Ok(answer::json(StatusCode::OK, &body))
}

const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const FEDERATED_TOKEN: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";
