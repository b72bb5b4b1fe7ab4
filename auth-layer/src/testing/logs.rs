//! The log endpoint of Auth0's Management API, `GET /api/v2/logs`.
//!
//! # Rules
//! 1. It needs a client's own bearer token for the Management API, with the scope `read:logs`.
//! 2. The answer is an array of events, newest first; `sort=date:1` turns it round.
//! 3. `page` counts from 0; `per_page` is 50 by default, and 100 at most.
//! 4. Reading the log is no event of it.

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::answer;
use super::parameters::Parameters;
use super::settings::Settings;
use super::state::{Answer, Request, State};
use super::tenant_log::LogEvent;
use crate::clock::Timestamp;

/// Answers with a page of the log.
pub(super) fn respond(settings: &Settings, state: &State, now: Timestamp, request: &Request) -> Answer {
    if let Some(refused) = unauthorized(settings, state, now, request) {
        return refused;
    }
    let parameters = match Parameters::of_query(request) {
        Ok(parameters) => parameters,
        Err(refusal) => return refused(StatusCode::BAD_REQUEST, "", &refusal.description),
    };
    let number = |name: &str, default: usize, most: usize| match parameters.value(name) {
        None => Some(default),
        Some(value) => value.parse().ok().filter(|number| *number <= most),
    };
    let Some(page) = number("page", 0, usize::MAX) else {
        return refused(StatusCode::BAD_REQUEST, "", "page must be a number from 0 on");
    };
    let Some(per_page) = number("per_page", DEFAULT_PER_PAGE, MAX_PER_PAGE) else {
        return refused(StatusCode::BAD_REQUEST, "", "per_page must be a number from 0 to 100");
    };
    let from = page.saturating_mul(per_page);
    let events: Vec<&LogEvent> = match parameters.value("sort").unwrap_or("date:-1") {
        "date:-1" => state.log.iter().rev().skip(from).take(per_page).collect(),
        "date:1" => state.log.iter().skip(from).take(per_page).collect(),
        _ => return refused(StatusCode::BAD_REQUEST, "", "sort must be date:1 or date:-1"),
    };
    answer::json(StatusCode::OK, &json!(events))
}

/// Returns the refusal, unless the request may read the log.
fn unauthorized(settings: &Settings, state: &State, now: Timestamp, request: &Request) -> Option<Answer> {
    let header = request.headers().get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    let token = header.and_then(|header| header.split_once(' '));
    let Some((_, token)) = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")) else {
        return Some(refused(StatusCode::UNAUTHORIZED, "Bearer", "a bearer token is missing"));
    };
    let audience = settings.management_audience();
    // A token that is bound to a key is no bearer token (RFC 9449 §7.2).
    let record = state.access_tokens.find(token).filter(|record| {
        record.is_active(state, now) && record.key.is_none() && record.audience.contains(&audience)
    });
    let Some(record) = record else {
        let challenge = "Bearer error=\"invalid_token\"";
        let message = "the token is not for this API, or has ended";
        return Some(refused(StatusCode::UNAUTHORIZED, challenge, message));
    };
    if record.scope.iter().any(|scope| scope == SCOPE) {
        return None;
    }
    let challenge = "Bearer error=\"insufficient_scope\", scope=\"read:logs\"";
    Some(refused(StatusCode::FORBIDDEN, challenge, "the scope read:logs is missing"))
}

/// Returns an error in the form of the Management API.
fn refused(status: StatusCode, challenge: &'static str, message: &str) -> Answer {
    let error = status.canonical_reason().unwrap_or_default();
    let body = json!({ "statusCode": status.as_u16(), "error": error, "message": message });
    let mut answer = answer::json(status, &body);
    if !challenge.is_empty() {
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    answer
}

/// The scope that the log needs.
pub(super) const SCOPE: &str = "read:logs";

const DEFAULT_PER_PAGE: usize = 50;
const MAX_PER_PAGE: usize = 100;
