//! Authorization code grant (RFC 6749 §4.1.3) with PKCE (RFC 7636 §4.6).
//!
//! # Rules
//! 1. The code belongs to the client, is younger than 60 seconds, and the redirect URI is that
//!    of the authorization request, byte for byte.
//! 2. One try: a code that came with a wrong verifier or redirect URI is spent too.
//! 3. A code that comes back revokes what was issued for it (RFC 6749 §4.1.2).

use super::encoding::{base64url, random, secrets_are_equal, sha256};
use super::refusal::Refusal;
use super::settings::Settings;
use super::state::{Answer, CodeUse, RefreshTokenRecord, State};
use super::targets;
use super::tenant_log::EventCode;
use super::token::{Issue, TokenRequest, issue_tokens};
use crate::clock::Timestamp;

/// Exchanges a code for tokens.
pub(super) fn exchange_code(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &TokenRequest,
) -> Result<Answer, Refusal> {
    let TokenRequest { client, parameters, key } = request;
    let code = parameters.required("code")?;
    let redirect_uri = parameters.required("redirect_uri")?;
    let verifier = parameters.required("code_verifier")?;
    if !is_verifier(verifier) {
        return Err(Refusal::invalid_request("the code_verifier is malformed"));
    }
    let unknown = || Refusal::invalid_grant("the code is unknown, spent or expired");
    let record = state.codes.get_mut(code).ok_or_else(unknown)?;
    let name = record.grant.clone();
    let grant = state.grants.get(&name).cloned().ok_or_else(unknown)?;
    if grant.client_id != client.client_id {
        // Deliberately neither spent nor revoked: another client's mistake is not its owner's.
        return Err(unknown());
    }
    if record.use_ == CodeUse::Spent {
        state.revoke_grant(&name);
        return Err(Refusal::invalid_grant("the code was spent before: its tokens are revoked")
            .of_subject(&grant.session.subject));
    }
    record.use_ = CodeUse::Spent;
    if now >= record.expires {
        return Err(unknown());
    }
    if record.redirect_uri != redirect_uri {
        return Err(Refusal::invalid_grant("redirect_uri is not that of the authorization request"));
    }
    let challenge = base64url(sha256(verifier.as_bytes()));
    if !secrets_are_equal(&record.code_challenge, &challenge) {
        return Err(Refusal::invalid_grant("the code_verifier does not match"));
    }
    let nonce = record.nonce.clone();
    // Asked for at the authorization request; it may be repeated here, not changed.
    let asked = targets::asked_audience(settings, parameters)?;
    if asked.is_some() && asked != grant.audience {
        return Err(Refusal::invalid_target("the code was not issued for this API"));
    }
    let user = state.user(&grant.session.subject).ok_or_else(unknown)?;
    let audience = grant.audience.as_deref();
    let scope = targets::granted_to_user(settings, user, audience, &grant.scope);
    let offline = grant.scope.iter().any(|scope| scope == "offline_access");
    let refresh_token = offline.then(|| {
        let token = random();
        let record =
            RefreshTokenRecord { grant: name.clone(), rotated: None, key: request.refresh_token_key() };
        state.refresh_tokens.insert(token.clone(), record);
        token
    });
    let issue = Issue {
        grant: &name,
        audience,
        scope,
        nonce: nonce.as_deref(),
        refresh_token,
        key: key.as_deref(),
        event: EventCode::CodeExchange,
    };
    Ok(issue_tokens(settings, state, now, &grant, issue))
}

/// Returns whether `verifier` has the syntax of RFC 7636 §4.1.
fn is_verifier(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
