//! End of the session (OpenID Connect RP-Initiated Logout 1.0).
//!
//! # Rules
//! 1. The browser's session ends, and so does the session which the ID token hint names.
//! 2. The hint may have expired. It must be one of ours (§2); a forged one ends nothing.
//! 3. The browser is sent on to a URI which the client registered, byte for byte, and to no
//!    other; the client is the hint's, or that of `client_id`.
//! 4. Refresh tokens live on: `offline_access` means access while the person is away.
//! 5. The clients of the session are told, where they registered an address for it.

use std::collections::BTreeSet;

use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use url::Url;

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::settings::Settings;
use super::state::{Answer, Request, State};
use super::tenant_log::{EventCode, LogEvent};
use super::{answer, back_channel, login, login_page};
use crate::clock::Timestamp;

/// Logs the browser out and sends it on.
pub(super) fn respond(settings: &Settings, state: &mut State, now: Timestamp, request: &Request) -> Answer {
    end_session(settings, state, now, request).unwrap_or_else(|refusal| {
        let event = LogEvent::new(EventCode::FailedLogout, now, refusal.description.clone());
        state.log.record(event);
        answer::page(refusal.status, login_page::message("You could not be signed out", &refusal.description))
    })
}

fn end_session(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &Request,
) -> Result<Answer, Refusal> {
    let parameters = Parameters::of(request)?;
    let hint = match parameters.value("id_token_hint") {
        None => Value::Null,
        Some(hint) => state
            .keys
            .claims_signed_here(hint)
            .filter(|claims| claims["iss"] == settings.issuer.as_str())
            .ok_or_else(|| Refusal::invalid_request("id_token_hint is not one of ours"))?,
    };
    let client_id = match (hint["aud"].as_str(), parameters.value("client_id")) {
        (Some(hinted), Some(named)) if hinted != named => {
            return Err(Refusal::invalid_request("client_id and id_token_hint disagree"));
        }
        (hinted, named) => hinted.or(named),
    };
    let onward = match parameters.value("post_logout_redirect_uri") {
        None => None,
        Some(uri) => Some(onward(state, client_id, uri, parameters.value("state"))?),
    };

    let cookie = login::session_cookie_value(settings, request);
    let ended = cookie.and_then(|value| state.sessions.remove(value));
    let sids = [ended.as_ref().map(|session| session.sid.as_str()), hint["sid"].as_str()];
    for sid in sids.into_iter().flatten().collect::<BTreeSet<_>>() {
        let notices = back_channel::end_sid(settings, state, now, sid);
        state.notices.extend(notices);
    }
    let subject = hint["sub"].as_str();
    let subject = subject.or(ended.as_ref().map(|session| session.subject.as_str()));
    let event = LogEvent::new(EventCode::Logout, now, "a person logged out").user(subject).client(client_id);
    state.log.record(event);

    let mut answer = match onward {
        Some(onward) => answer::redirect(&onward),
        None => answer::page(
            StatusCode::OK,
            login_page::message("You are signed out", "You may close this page."),
        ),
    };
    if let Ok(cookie) = HeaderValue::from_str(&format!(
        "{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
        settings.session_cookie()
    )) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(answer)
}

/// Returns where the browser goes next, where the client registered it.
fn onward(
    state: &State,
    client_id: Option<&str>,
    uri: &str,
    request_state: Option<&str>,
) -> Result<String, Refusal> {
    let registered = client_id
        .and_then(|client_id| state.clients.get(client_id))
        .is_some_and(|client| client.post_logout_redirect_uris.contains(uri));
    let Some(mut onward) = Url::parse(uri).ok().filter(|_| registered) else {
        return Err(Refusal::invalid_request("post_logout_redirect_uri is not registered for the client"));
    };
    if let Some(state) = request_state {
        onward.query_pairs_mut().append_pair("state", state);
    }
    Ok(onward.into())
}
