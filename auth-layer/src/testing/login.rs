//! Login: the login page's form, and the single sign-on session that it starts.
//!
//! # Rules
//! 1. A form belongs to one authorization request, by a random name, and logs in once.
//! 2. A login gets a new cookie value (session fixation). The same person in the same browser
//!    keeps the session's `sid`.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use super::authorize::{issue_code, send};
use super::encoding::{random, secrets_are_equal};
use super::parameters::Parameters;
use super::registration::{LoginMethod, User};
use super::settings::Settings;
use super::state::{Answer, Request, Session, State};
use super::tenant_log::{EventCode, LogEvent};
use super::{answer, login_page};
use crate::clock::Timestamp;

/// Answers the form of the login page.
pub(super) fn respond(settings: &Settings, state: &mut State, now: Timestamp, request: &Request) -> Answer {
    let parameters = Parameters::of_form(request).unwrap_or_default();
    let name = parameters.value("transaction").unwrap_or_default().to_owned();
    let Some(transaction) =
        state.transactions.get(&name).filter(|transaction| now < transaction.expires).cloned()
    else {
        let message = login_page::message(
            "This sign-in page has expired",
            "Go back to where you came from and sign in again.",
        );
        return answer::page(StatusCode::BAD_REQUEST, message);
    };
    if parameters.value("cancel").is_some() {
        state.transactions.remove(&name);
        let error = [("error", "access_denied"), ("error_description", "the person cancelled the login")];
        return send(settings, &transaction.redirect_uri, transaction.state.as_deref(), &error);
    }
    let Some(user) = person(state, &parameters) else {
        let event = LogEvent::new(EventCode::FailedLogin, now, "wrong username or password")
            .client(Some(&transaction.client_id));
        state.log.record(event);
        let page =
            login_page::login(state, &name, &transaction, Some("The username or the password is wrong."));
        return answer::page(StatusCode::UNAUTHORIZED, page);
    };
    state.transactions.remove(&name);
    let event = LogEvent::new(EventCode::Login, now, "a person logged in")
        .user(Some(&user.subject))
        .client(Some(&transaction.client_id))
        .target(transaction.audience.as_deref(), &transaction.scope);
    state.log.record(event);
    let replaced = session_cookie_value(settings, request)
        .and_then(|cookie| state.sessions.remove(cookie))
        .filter(|session| session.subject == user.subject);
    let session = Session {
        sid: replaced.map_or_else(random, |session| session.sid),
        subject: user.subject,
        auth_time: now,
        acr: transaction.acr_values.first().cloned(),
    };
    let cookie = random();
    state.sessions.insert(cookie.clone(), session.clone());
    let mut answer = issue_code(settings, state, now, &transaction, session);
    if let Ok(cookie) = HeaderValue::from_str(&format!(
        "{}={cookie}; Path=/; HttpOnly; SameSite=Lax",
        settings.session_cookie()
    )) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

/// Returns the value of the browser's single sign-on cookie.
pub(super) fn session_cookie_value<'r>(settings: &Settings, request: &'r Request) -> Option<&'r str> {
    let name = settings.session_cookie();
    request
        .headers()
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split("; "))
        .filter_map(|cookie| cookie.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn person(state: &State, parameters: &Parameters) -> Option<User> {
    if let Some(asked) = parameters.value("connection") {
        let social = |user: &&User| matches!(&user.login, LoginMethod::Social { connection, .. } if connection == asked);
        return state.users.iter().find(social).cloned();
    }
    let username = parameters.value("username")?;
    let given = parameters.value("password")?;
    let known = |user: &&User| {
        user.username == username
            && matches!(&user.login, LoginMethod::Password(password)
                if secrets_are_equal(password, given))
    };
    state.users.iter().find(known).cloned()
}
