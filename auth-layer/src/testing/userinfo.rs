//! UserInfo endpoint (OpenID Connect Core 1.0 §5.3), a resource of RFC 6750.

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::state::{Answer, Request, State};
use super::tokens::person_claims;
use crate::clock::Timestamp;

/// Answers with the claims about the person of the access token.
pub(super) fn respond(state: &State, now: Timestamp, request: &Request) -> Answer {
    let Some(token) = bearer(request) else {
        // RFC 6750 §3.1: without any token there is no error code.
        return challenge(StatusCode::UNAUTHORIZED, "Bearer realm=\"userinfo\"");
    };
    let Some(record) = state.access_tokens.get(token).filter(|record| record.is_active(state, now)) else {
        return challenge(StatusCode::UNAUTHORIZED, "Bearer realm=\"userinfo\", error=\"invalid_token\"");
    };
    let openid = record.scope.iter().any(|scope| scope == "openid");
    let Some(user) = state.user(&record.subject).filter(|_| openid) else {
        return challenge(
            StatusCode::FORBIDDEN,
            "Bearer realm=\"userinfo\", error=\"insufficient_scope\", scope=\"openid\"",
        );
    };
    let mut claims = person_claims(user, &record.scope);
    claims.insert("sub".to_owned(), json!(record.subject));
    answer::json(StatusCode::OK, &Value::Object(claims))
}

fn bearer(request: &Request) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn challenge(status: StatusCode, challenge: &'static str) -> Answer {
    let mut answer = answer::status(status);
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    answer
}
