//! Token endpoint (RFC 6749 §3.2).

use http::StatusCode;
use serde_json::{Value, json};

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::registration::ClientRegistration;
use super::settings::Settings;
use super::state::{Answer, Grant, Request, State};
use super::tenant_log::{EventCode, LogEvent};
use super::{answer, tokens};
use super::{client_authentication, client_credentials_grant, code_grant, refresh_grant};
use crate::clock::Timestamp;

/// Answers a token request.
pub(super) fn respond(settings: &Settings, state: &mut State, now: Timestamp, request: &Request) -> Answer {
    let parameters = match Parameters::of_form(request) {
        Ok(parameters) => parameters,
        Err(refusal) => return refusal.into_answer(),
    };
    let grant_type = match parameters.required("grant_type") {
        Ok(grant_type) => grant_type,
        Err(refusal) => return refusal.into_answer(),
    };
    let Some((exchange, failed)) = exchange_of(grant_type) else {
        let description = "authorization_code, refresh_token or client_credentials";
        return Refusal::bad_request("unsupported_grant_type", description).into_answer();
    };
    let client = client_authentication::authenticate(state, request, &parameters);
    let client_id = match &client {
        Ok(client) => Some(client.client_id.clone()),
        Err(_) => parameters.owned("client_id"),
    };
    client.and_then(|client| exchange(settings, state, now, &client, &parameters)).unwrap_or_else(|refusal| {
        let code = refusal.event.unwrap_or(failed);
        let event = LogEvent::new(code, now, refusal.description.clone())
            .user(refusal.subject.as_deref())
            .client(client_id.as_deref());
        state.log.record(event);
        refusal.into_answer()
    })
}

type Exchange =
    fn(&Settings, &mut State, Timestamp, &ClientRegistration, &Parameters) -> Result<Answer, Refusal>;

fn exchange_of(grant_type: &str) -> Option<(Exchange, EventCode)> {
    Some(match grant_type {
        "authorization_code" => (code_grant::exchange_code, EventCode::FailedCodeExchange),
        "refresh_token" => (refresh_grant::refresh, EventCode::FailedRefresh),
        "client_credentials" => (client_credentials_grant::exchange, EventCode::FailedClientCredentials),
        _ => return None,
    })
}

/// What a person's tokens are issued for.
pub(super) struct Issue<'a> {
    pub(super) grant: &'a str,
    pub(super) audience: Option<&'a str>,
    pub(super) scope: Vec<String>,
    pub(super) nonce: Option<&'a str>,
    pub(super) refresh_token: Option<String>,
    pub(super) event: EventCode,
}

/// Issues a person's tokens, and answers with them (RFC 6749 §5.1).
pub(super) fn issue_tokens(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    grant: &Grant,
    issue: Issue<'_>,
) -> Answer {
    let Issue { grant: name, audience, scope, nonce, refresh_token, event } = issue;
    let access_token = tokens::issue_user_access_token(settings, state, now, (name, grant), audience, &scope);
    let mut body = bearer(settings, &access_token, &scope);
    if grant.scope.iter().any(|scope| scope == "openid") {
        let id_token = tokens::issue_id_token(settings, state, now, grant, nonce, &access_token);
        body["id_token"] = json!(id_token);
    }
    if let Some(refresh_token) = refresh_token {
        body["refresh_token"] = json!(refresh_token);
    }
    let event = LogEvent::new(event, now, "tokens were issued")
        .user(Some(&grant.session.subject))
        .client(Some(&grant.client_id))
        .target(audience, &scope);
    state.log.record(event);
    answer::json(StatusCode::OK, &body)
}

/// Returns the members which every answer with a token has.
pub(super) fn bearer(settings: &Settings, access_token: &str, scope: &[String]) -> Value {
    json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": settings.access_token_lifetime.as_secs(),
        "scope": scope.join(" "),
    })
}
