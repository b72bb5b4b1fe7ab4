//! Token endpoint (RFC 6749 §3.2).

use http::StatusCode;
use serde_json::{Value, json};

use super::access_token::token_type;
use super::dpop::{self, Expected};
use super::faults::Endpoint;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::registration::ClientRegistration;
use super::settings::Settings;
use super::state::{Answer, Grant, Request, State};
use super::tenant_log::{EventCode, LogEvent};
use super::tokens::{self, Target};
use super::{
    answer, client_authentication, client_credentials_grant, code_grant, federated_connection_grant,
    refresh_grant, token_exchange_grant,
};
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
        let description = "authorization_code, refresh_token, client_credentials or token-exchange";
        return Refusal::bad_request("unsupported_grant_type", description).into_answer();
    };
    let client = client_authentication::authenticate(state, request, &parameters);
    let client_id = match &client {
        Ok(client) => Some(client.client_id.clone()),
        Err(_) => parameters.owned("client_id"),
    };
    let expected =
        Expected { url: &settings.url(Endpoint::Token), access_token: None, nonce: settings.proof_nonce };
    let answer = client.and_then(|client| {
        let key = dpop::presented(&mut state.proofs, now, request, &expected)?;
        exchange(settings, state, now, &TokenRequest { client, parameters, key })
    });
    answer.unwrap_or_else(|refusal| {
        let code = refusal.event.unwrap_or(failed);
        let event = LogEvent::new(code, now, refusal.description.clone())
            .user(refusal.subject.as_deref())
            .client(client_id.as_deref());
        state.log.record(event);
        refusal.into_answer()
    })
}

/// A token request whose client is known.
pub(super) struct TokenRequest {
    pub(super) client: ClientRegistration,
    pub(super) parameters: Parameters,
    /// The thumbprint of the key that the request proves (RFC 9449 §5).
    pub(super) key: Option<String>,
}

impl TokenRequest {
    /// Returns the key that a refresh token is bound to: a public client's only, since one with a
    /// secret proves itself anyway (RFC 9449 §5).
    pub(super) fn refresh_token_key(&self) -> Option<String> {
        self.key.clone().filter(|_| self.client.client_secret.is_none())
    }
}

type Exchange = fn(&Settings, &mut State, Timestamp, &TokenRequest) -> Result<Answer, Refusal>;

fn exchange_of(grant_type: &str) -> Option<(Exchange, EventCode)> {
    Some(match grant_type {
        "authorization_code" => (code_grant::exchange_code, EventCode::FailedCodeExchange),
        "refresh_token" => (refresh_grant::refresh, EventCode::FailedRefresh),
        "client_credentials" => (client_credentials_grant::exchange, EventCode::FailedClientCredentials),
        TOKEN_EXCHANGE => (token_exchange_grant::exchange, EventCode::FailedTokenExchange),
        FEDERATED_CONNECTION => (federated_connection_grant::exchange, EventCode::FailedFederatedConnection),
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
    /// The thumbprint of the key that the access token is bound to.
    pub(super) key: Option<&'a str>,
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
    let Issue { grant: name, audience, scope, nonce, refresh_token, key, event } = issue;
    let target = Target { audience, scope: &scope, key };
    let access_token = tokens::issue_user_access_token(settings, state, now, (name, grant), &target);
    let mut body = members(settings, &access_token, &target);
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
        .target(audience, &scope)
        .organization(grant.organization.as_deref());
    state.log.record(event);
    answer::json(StatusCode::OK, &body)
}

/// Returns the members which every answer with a token has.
pub(super) fn members(settings: &Settings, access_token: &str, target: &Target<'_>) -> Value {
    json!({
        "access_token": access_token,
        "token_type": token_type(target.key),
        "expires_in": settings.access_token_lifetime.as_secs(),
        "scope": target.scope.join(" "),
    })
}

/// RFC 8693 §2.1.
pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// Auth0's Token Vault.
pub(super) const FEDERATED_CONNECTION: &str =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
