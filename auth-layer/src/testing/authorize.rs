//! Authorization endpoint (RFC 6749 §3.1, OpenID Connect Core 1.0 §3.1.2).
//!
//! # Rules
//! 1. First who asks and where the answer goes: an unknown client or a redirect URI which it did
//!    not register is told to the person, never to the URI (RFC 6749 §4.1.2.1).
//! 2. Every later error goes to the client, with `state` and `iss`.
//! 3. PKCE with S256 is required; `plain` is refused.
//! 4. A browser that is logged in gets its code at once, unless `prompt`, `max_age` or
//!    `acr_values` asks for more than its session has.

use std::time::Duration;

use http::StatusCode;
use url::Url;

use super::encoding::random;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::settings::{CODE_LIFETIME, LOGIN_LIFETIME, Settings};
use super::state::{Answer, CodeRecord, CodeUse, Grant, GrantStanding, Request, Session, State, Transaction};
use super::tenant_log::{EventCode, LogEvent};
use super::{answer, login, login_page, targets};
use crate::clock::Timestamp;

/// Answers an authorization request: with a code, an error or the login page.
pub(super) fn respond(settings: &Settings, state: &mut State, now: Timestamp, request: &Request) -> Answer {
    let parameters = match Parameters::of(request).and_then(|parameters| {
        is_trusted(state, &parameters)?;
        Ok(parameters)
    }) {
        Ok(parameters) => parameters,
        Err(refusal) => {
            return answer::page(
                refusal.status,
                login_page::message("This sign-in link does not work", &refusal.description),
            );
        }
    };
    let transaction = match transaction(settings, &parameters, now) {
        Ok(transaction) => transaction,
        Err(refusal) => return send_error(settings, &parameters, &refusal),
    };
    let session =
        login::session_cookie_value(settings, request).and_then(|cookie| state.sessions.get(cookie)).cloned();
    let prompts = parameters.words("prompt");
    let prompts: Vec<&str> = prompts.iter().map(String::as_str).collect();
    let max_age = parameters.value("max_age").and_then(|text| text.parse().ok());
    match decide(session, &prompts, max_age, &transaction.acr_values, now) {
        Decision::Answer(session) => {
            if prompts == ["none"] {
                let event = LogEvent::new(EventCode::SilentLogin, now, "a login without a page")
                    .user(Some(&session.subject))
                    .client(Some(&transaction.client_id));
                state.log.record(event);
            }
            issue_code(settings, state, now, &transaction, session)
        }
        Decision::Refuse => {
            let refusal = Refusal::bad_request("login_required", "there is nobody logged in");
            let event = LogEvent::new(EventCode::FailedSilentLogin, now, refusal.description.clone())
                .client(Some(&transaction.client_id));
            state.log.record(event);
            send_error(settings, &parameters, &refusal)
        }
        Decision::Login => {
            state.transactions.retain(|_, transaction| now < transaction.expires);
            let name = random();
            let page = login_page::login(state, &name, &transaction, None);
            state.transactions.insert(name, transaction);
            answer::page(StatusCode::OK, page)
        }
    }
}

/// Issues a code for a session, and sends the browser to the client with it.
pub(super) fn issue_code(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    transaction: &Transaction,
    session: Session,
) -> Answer {
    let (name, code) = (random(), random());
    let grant = Grant {
        client_id: transaction.client_id.clone(),
        session,
        scope: transaction.scope.clone(),
        audience: transaction.audience.clone(),
        organization: transaction.organization.clone(),
        expires: now.plus(settings.refresh_token_lifetime),
        standing: GrantStanding::Live,
    };
    let record = CodeRecord {
        grant: name.clone(),
        redirect_uri: transaction.redirect_uri.clone(),
        code_challenge: transaction.code_challenge.clone(),
        nonce: transaction.nonce.clone(),
        expires: now.plus(CODE_LIFETIME),
        use_: CodeUse::Unspent,
    };
    state.grants.insert(name, grant);
    state.codes.insert(code.clone(), record);
    send(settings, &transaction.redirect_uri, transaction.state.as_deref(), &[("code", &code)])
}

/// Sends an authorization response (RFC 6749 §4.1.2) with `state` and `iss` (RFC 9207 §2).
pub(super) fn send(
    settings: &Settings,
    redirect_uri: &str,
    state: Option<&str>,
    parameters: &[(&str, &str)],
) -> Answer {
    let Ok(mut location) = Url::parse(redirect_uri) else {
        return answer::status(StatusCode::BAD_REQUEST);
    };
    location
        .query_pairs_mut()
        .extend_pairs(parameters)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", &settings.issuer);
    answer::redirect(location.as_str())
}

fn send_error(settings: &Settings, parameters: &Parameters, refusal: &Refusal) -> Answer {
    send(
        settings,
        parameters.value("redirect_uri").unwrap_or_default(),
        parameters.value("state"),
        &[("error", refusal.code), ("error_description", &refusal.description)],
    )
}

/// What an authorization request gets.
enum Decision {
    Answer(Session),
    Login,
    Refuse,
}

fn decide(
    session: Option<Session>,
    prompts: &[&str],
    max_age: Option<u64>,
    acr_values: &[String],
    now: Timestamp,
) -> Decision {
    let enough = |session: &Session| {
        let age = now.since(session.auth_time);
        let acr = session.acr.as_ref();
        max_age.is_none_or(|max_age| max_age > 0 && age <= Duration::from_secs(max_age))
            && (acr_values.is_empty() || acr.is_some_and(|acr| acr_values.contains(acr)))
    };
    let asks_again = prompts.iter().any(|prompt| ["login", "select_account"].contains(prompt));
    match session.filter(enough) {
        Some(session) if !asks_again => Decision::Answer(session),
        _ if prompts.contains(&"none") => Decision::Refuse,
        _ => Decision::Login,
    }
}

/// Refuses an unknown client, and a redirect URI which it did not register.
fn is_trusted(state: &State, parameters: &Parameters) -> Result<(), Refusal> {
    let client = state
        .clients
        .get(parameters.required("client_id")?)
        .ok_or_else(|| Refusal::invalid_request("the client is not registered"))?;
    if !client.redirect_uris.contains(parameters.required("redirect_uri")?) {
        return Err(Refusal::invalid_request("the redirect URI is not registered for the client"));
    }
    Ok(())
}

/// Reads the rest of the request, whose client and redirect URI are trusted.
fn transaction(settings: &Settings, parameters: &Parameters, now: Timestamp) -> Result<Transaction, Refusal> {
    for (parameter, code) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ] {
        if parameters.value(parameter).is_some() {
            return Err(Refusal::bad_request(code, format!("{parameter} is not supported")));
        }
    }
    if parameters.required("response_type")? != "code" {
        let description = "the only response type is code";
        return Err(Refusal::bad_request("unsupported_response_type", description));
    }
    if parameters.value("response_mode").is_some_and(|mode| mode != "query") {
        return Err(Refusal::invalid_request("the only response mode is query"));
    }
    let code_challenge = parameters.required("code_challenge")?;
    if parameters.value("code_challenge_method") != Some("S256") {
        return Err(Refusal::invalid_request("code_challenge_method must be S256"));
    }
    if code_challenge.len() != 43 {
        return Err(Refusal::invalid_request("the code_challenge is not a SHA-256 digest"));
    }
    let prompts = parameters.words("prompt");
    let known = ["none", "login", "consent", "select_account"];
    if prompts.iter().any(|prompt| !known.contains(&prompt.as_str()))
        || prompts.len() > 1 && prompts.iter().any(|prompt| prompt == "none")
    {
        return Err(Refusal::invalid_request("the prompt is unknown or contradicts itself"));
    }
    if parameters.value("max_age").is_some_and(|age| age.parse::<u64>().is_err()) {
        return Err(Refusal::invalid_request("max_age is not a number of seconds"));
    }
    let audience = targets::asked_audience(settings, parameters)?;
    Ok(Transaction {
        client_id: parameters.required("client_id")?.to_owned(),
        redirect_uri: parameters.required("redirect_uri")?.to_owned(),
        state: parameters.owned("state"),
        nonce: parameters.owned("nonce"),
        scope: parameters.words("scope"),
        audience: audience.or_else(|| settings.default_audience.clone()),
        code_challenge: code_challenge.to_owned(),
        organization: parameters.owned("organization"),
        acr_values: parameters.words("acr_values"),
        login_hint: parameters.owned("login_hint"),
        expires: now.plus(LOGIN_LIFETIME),
    })
}
