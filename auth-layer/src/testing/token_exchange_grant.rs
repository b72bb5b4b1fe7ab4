//! Token exchange grant (RFC 8693): a token for another API, on behalf of whoever the subject token is of.
//!
//! # Rules
//! 1. The subject token was issued here and lives: an access token, one that is a JWT, or the client's own
//!    ID token (§3). Its grant still stands, so that a logout or a revocation ends the exchanges too.
//! 2. A token type of one's own is taken where the provider has a profile for it, as Auth0's Custom Token
//!    Exchange has; here it is always an access token of this provider. The types of RFC 8693 are what Auth0
//!    calls On-Behalf-Of. Each of the two has its own codes in the log.
//! 3. The subject is kept. The scope is what is asked for, declared by the API and allowed to the user; all
//!    that is declared and allowed, where none is asked for.
//! 4. With an actor token, the new token says who acts (`act`, §4.1), and in it who acted before; where the
//!    subject token says who may (`may_act`, §4.4), it has to be that one.
//! 5. A subject token that is bound to a key comes with a proof of that key (RFC 9449).
//! 6. Whatever is wrong with a token is `invalid_request`, an API that is not known `invalid_target` (§2.2.2).

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::settings::Settings;
use super::state::{Answer, State};
use super::tenant_log::{EventCode, LogEvent};
use super::token::{self, TokenRequest};
use super::tokens::{self, Exchanged, Target};
use super::{answer, targets};
use crate::clock::Timestamp;

/// Exchanges a subject token for an access token.
pub(super) fn exchange(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &TokenRequest,
) -> Result<Answer, Refusal> {
    let own_type = request.parameters.value("subject_token_type").is_some_and(|kind| !is_standard(kind));
    let (done, failed) = match own_type {
        true => (EventCode::TokenExchange, EventCode::FailedTokenExchange),
        false => (EventCode::OnBehalfOf, EventCode::FailedOnBehalfOf),
    };
    exchange_as(settings, state, now, request, done).map_err(|refusal| match refusal.event {
        Some(_) => refusal,
        None => refusal.logged_as(failed),
    })
}

fn exchange_as(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &TokenRequest,
    event: EventCode,
) -> Result<Answer, Refusal> {
    let TokenRequest { client, parameters, key } = request;
    if client.client_secret.is_none() {
        return Err(Refusal::bad_request("unauthorized_client", "a public client has no credentials"));
    }
    let requested = parameters.value("requested_token_type");
    if requested.is_some_and(|requested| ![ACCESS_TOKEN, JWT].contains(&requested)) {
        return Err(Refusal::invalid_request("only access tokens are issued"));
    }
    let subject = presented(settings, state, now, request, ["subject_token", "subject_token_type"])?
        .ok_or_else(|| Refusal::invalid_request("the parameter \"subject_token\" is missing"))?;
    let actor = presented(settings, state, now, request, ["actor_token", "actor_token_type"])?;
    let of_subject = |refusal: Refusal| refusal.of_subject(&subject.subject);
    let audience = targets::asked_audience(settings, parameters)
        .map_err(of_subject)?
        .or_else(|| settings.default_audience.clone())
        .ok_or_else(|| of_subject(Refusal::invalid_request("audience or resource is missing")))?;
    let asked = parameters.words("scope");
    let scope: Vec<String> = match state.user(&subject.subject) {
        Some(user) => targets::permissions(settings, user, &audience)
            .into_iter()
            .filter(|scope| asked.is_empty() || asked.contains(scope))
            .collect(),
        None => targets::granted_to_client(settings, &audience, &asked),
    };
    if scope.is_empty() && !asked.is_empty() {
        return Err(of_subject(Refusal::invalid_scope("no scope that is asked for can be had")));
    }
    let target = Target { audience: Some(&audience), scope: &scope, key: key.as_deref() };
    let exchanged = Exchanged {
        client_id: &client.client_id,
        subject: &subject.subject,
        grant: subject.grant.clone(),
        claims: carried(&subject, actor.as_ref())?,
    };
    let access_token = tokens::issue_exchanged_access_token(settings, state, now, exchanged, &target);
    let event = LogEvent::new(event, now, "a token was exchanged")
        .user(Some(&subject.subject))
        .client(Some(&client.client_id))
        .target(Some(&audience), &scope);
    state.log.record(event);
    let mut body = token::members(settings, &access_token, &target);
    body["issued_token_type"] = json!(ACCESS_TOKEN);
    Ok(answer::json(StatusCode::OK, &body))
}

/// Whose token was presented.
struct Presented {
    subject: String,
    /// The grant that it lives by.
    grant: Option<String>,
    claims: Map<String, Value>,
}

/// Returns what one of the two tokens of a request says; nothing where it is not there.
fn presented(
    settings: &Settings,
    state: &State,
    now: Timestamp,
    request: &TokenRequest,
    [name, type_name]: [&str; 2],
) -> Result<Option<Presented>, Refusal> {
    let parameters = &request.parameters;
    let (token, kind) = match (parameters.value(name), parameters.value(type_name)) {
        (None, None) => return Ok(None),
        (Some(token), Some(kind)) => (token, kind),
        _ => return Err(Refusal::invalid_request(format!("{name} and {type_name} come together"))),
    };
    let not_good = || Refusal::invalid_request(format!("{name} is not one of ours, or is over"));
    match kind {
        ID_TOKEN => id_token(settings, state, now, &request.client.client_id, token).ok_or_else(not_good),
        JWT if token.split('.').count() != 3 => Err(not_good()),
        kind if [ACCESS_TOKEN, JWT].contains(&kind) || settings.exchange_profiles.contains(kind) => {
            let record = state.access_tokens.find(token).filter(|record| record.is_active(state, now));
            let record = record.ok_or_else(not_good)?;
            if record.key.is_some() && record.key != request.key {
                return Err(Refusal::invalid_request(format!("{name} is bound to another key")));
            }
            let (subject, grant) = (record.subject.clone(), record.grant.clone());
            Ok(Presented { subject, grant, claims: record.claims.clone() })
        }
        _ => Err(Refusal::invalid_request(format!("{type_name} is not supported"))),
    }
    .map(Some)
}

/// An ID token of the client's, whose session goes on.
fn id_token(
    settings: &Settings,
    state: &State,
    now: Timestamp,
    client_id: &str,
    token: &str,
) -> Option<Presented> {
    let claims = state.keys.claims_signed_here(token)?;
    let lives = claims["iss"] == settings.issuer.as_str()
        && claims["aud"] == client_id
        && claims["exp"].as_u64().is_some_and(|exp| now.unix_seconds() < exp);
    let sid = claims["sid"].as_str().filter(|_| lives)?;
    let (grant, _) = state.grants.iter().find(|(name, grant)| {
        grant.session.sid == sid && grant.client_id == client_id && state.living_grant(name, now).is_some()
    })?;
    let subject = claims["sub"].as_str()?.to_owned();
    let claims = claims.as_object().cloned().unwrap_or_default();
    Some(Presented { subject, grant: Some(grant.clone()), claims })
}

/// The claims that the new token has from the subject token, and who acts.
fn carried(subject: &Presented, actor: Option<&Presented>) -> Result<Map<String, Value>, Refusal> {
    let mut claims = Map::new();
    for name in ["auth_time", "acr", "org_id", "act"] {
        if let Some(value) = subject.claims.get(name) {
            claims.insert(name.to_owned(), value.clone());
        }
    }
    let Some(actor) = actor else { return Ok(claims) };
    let may_act = subject.claims.get("may_act").and_then(|may_act| may_act["sub"].as_str());
    if may_act.is_some_and(|may_act| may_act != actor.subject) {
        return Err(Refusal::invalid_request("the subject token lets another act"));
    }
    let mut act = json!({ "sub": actor.subject });
    if let Some(before) = claims.remove("act") {
        act["act"] = before;
    }
    claims.insert("act".to_owned(), act);
    Ok(claims)
}

/// Whether a token type is of RFC 8693's namespace, which no profile can have.
fn is_standard(kind: &str) -> bool {
    kind.starts_with("urn:ietf:")
}

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
