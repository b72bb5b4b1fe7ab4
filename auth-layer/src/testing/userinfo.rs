//! UserInfo endpoint (OpenID Connect Core 1.0 §5.3), a resource of RFC 6750 and of RFC 9449 §7.

use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::dpop::{self, Expected};
use super::faults::Endpoint;
use super::settings::{ProofNonce, Settings};
use super::state::{Answer, Request, State};
use super::tokens::person_claims;
use crate::clock::Timestamp;

/// Answers with the claims about the person of the access token.
pub(super) fn respond(settings: &Settings, state: &mut State, now: Timestamp, request: &Request) -> Answer {
    let Some((scheme, token)) = credentials(request) else {
        // RFC 6750 §3.1: without any token there is no error code.
        return challenge(StatusCode::UNAUTHORIZED, Scheme::Bearer, "");
    };
    let refused = |error: &str| challenge(StatusCode::UNAUTHORIZED, scheme, error);
    let key = match scheme {
        Scheme::Bearer => None,
        Scheme::Dpop => match prove(settings, state, now, request, token) {
            Some(key) => Some(key),
            None => return refused(", error=\"invalid_dpop_proof\""),
        },
    };
    let record = state.access_tokens.find(token).filter(|record| record.is_active(state, now));
    // RFC 9449 §7.1: a bound token is good with its key only, and a bearer token is not bound.
    let Some(record) = record.filter(|record| record.key == key) else {
        return refused(", error=\"invalid_token\"");
    };
    let openid = record.scope.iter().any(|scope| scope == "openid");
    let Some(user) = state.user(&record.subject).filter(|_| openid) else {
        let error = ", error=\"insufficient_scope\", scope=\"openid\"";
        return challenge(StatusCode::FORBIDDEN, scheme, error);
    };
    let mut claims = person_claims(user, &record.scope);
    claims.insert("sub".to_owned(), json!(record.subject));
    answer::json(StatusCode::OK, &Value::Object(claims))
}

#[derive(Clone, Copy)]
enum Scheme {
    Bearer,
    Dpop,
}

fn credentials(request: &Request) -> Option<(Scheme, &str)> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Scheme::Bearer,
        "dpop" => Scheme::Dpop,
        _ => return None,
    };
    Some((scheme, token))
}

fn prove(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &Request,
    token: &str,
) -> Option<String> {
    let url = settings.url(Endpoint::UserInfo);
    let expected = Expected { url: &url, access_token: Some(token), nonce: ProofNonce::Unasked };
    dpop::presented(&mut state.proofs, now, request, &expected).ok().flatten()
}

fn challenge(status: StatusCode, scheme: Scheme, error: &str) -> Answer {
    let scheme = match scheme {
        Scheme::Bearer => "Bearer",
        Scheme::Dpop => "DPoP",
    };
    let mut answer = answer::status(status);
    if let Ok(challenge) = HeaderValue::try_from(format!("{scheme} realm=\"userinfo\"{error}")) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    answer
}
