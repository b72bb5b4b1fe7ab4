//! Client credentials grant (RFC 6749 §4.4), under a quota.

use http::header::{HeaderName, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use super::quota::Remainder;
use super::refusal::Refusal;
use super::registration::ClientRegistration;
use super::settings::Settings;
use super::state::{Answer, State};
use super::tenant_log::{EventCode, LogEvent};
use super::token::{self, TokenRequest};
use super::tokens::{self, Target};
use super::{answer, targets};
use crate::clock::Timestamp;

/// Exchanges a client's credentials for an access token.
pub(super) fn exchange(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &TokenRequest,
) -> Result<Answer, Refusal> {
    let TokenRequest { client, parameters, key } = request;
    if client.client_secret.is_none() {
        let description = "a public client has no credentials";
        return Err(Refusal::bad_request("unauthorized_client", description));
    }
    let audience = targets::asked_audience(settings, parameters)?
        .or_else(|| settings.default_audience.clone())
        .ok_or_else(|| Refusal::invalid_request("audience or resource is missing"))?;
    let scope = targets::granted_to_client(settings, &audience, &parameters.words("scope"));
    let organization = parameters.value("organization");
    let counted = audience != settings.management_audience();
    let holders = match counted {
        true => holders(&client.client_id, organization),
        false => Vec::new(),
    };
    let exhausted = remainders(settings, state, &holders, now)
        .iter()
        .filter_map(|(_, remainder)| remainder.retry_after())
        .max();
    if let Some(seconds) = exhausted {
        return Ok(refuse_for_quota(settings, state, now, client, &holders, seconds));
    }
    for (_, holder) in &holders {
        state.quotas.take(settings, holder, now);
    }
    let target = Target { audience: Some(&audience), scope: &scope, key: key.as_deref() };
    let access_token =
        tokens::issue_client_access_token(settings, state, now, &client.client_id, &target, organization);
    let event = LogEvent::new(EventCode::ClientCredentials, now, "a token was issued")
        .client(Some(&client.client_id))
        .target(Some(&audience), &scope)
        .organization(organization);
    state.log.record(event);
    let body = token::members(settings, &access_token, &target);
    let answer = answer::json(StatusCode::OK, &body);
    Ok(with_quota(answer, &remainders(settings, state, &holders, now)))
}

type Holder = (HeaderName, String);

/// Returns whose buckets a token is taken from, and the header that tells what is left.
fn holders(client_id: &str, organization: Option<&str>) -> Vec<Holder> {
    let client = (CLIENT_QUOTA, format!("client {client_id}"));
    let organization = organization.map(|id| (ORGANIZATION_QUOTA, format!("organization {id}")));
    std::iter::once(client).chain(organization).collect()
}

fn remainders(
    settings: &Settings,
    state: &State,
    holders: &[Holder],
    now: Timestamp,
) -> Vec<(HeaderName, Remainder)> {
    let Some(quota) = settings.machine_quota else {
        return Vec::new();
    };
    holders
        .iter()
        .map(|(header, holder)| {
            let remainder = state.quotas.remainder(settings, quota, holder, now);
            (header.clone(), remainder)
        })
        .collect()
}

fn refuse_for_quota(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    client: &ClientRegistration,
    holders: &[Holder],
    seconds: u64,
) -> Answer {
    let refusal = Refusal::too_many_requests("the quota of machine tokens is used up");
    let event =
        LogEvent::new(EventCode::Limit, now, refusal.description.clone()).client(Some(&client.client_id));
    state.log.record(event);
    let mut answer = refusal.into_answer();
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    with_quota(answer, &remainders(settings, state, holders, now))
}

fn with_quota(mut answer: Answer, remainders: &[(HeaderName, Remainder)]) -> Answer {
    for (header, remainder) in remainders {
        if let Ok(value) = HeaderValue::from_str(&remainder.header()) {
            answer.headers_mut().insert(header.clone(), value);
        }
    }
    answer
}

const CLIENT_QUOTA: HeaderName = HeaderName::from_static("auth0-client-quota-limit");
const ORGANIZATION_QUOTA: HeaderName = HeaderName::from_static("auth0-organization-quota-limit");
