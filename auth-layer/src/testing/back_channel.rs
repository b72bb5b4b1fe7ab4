//! Back-channel logout, the provider's end of it (OpenID Connect Back-Channel Logout 1.0 §2.3 to §2.5).
//!
//! # Rules
//! 1. Each client that was given a code in a session, and has registered an address, is told once that
//!    the session is over: by `sid` and `sub`. Where all sessions of a user end, it is by `sub` alone.
//! 2. Clients are told from tasks of their own, and what they answer is written down. Nothing is sent
//!    twice, and nobody waits for longer than five seconds.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use http::StatusCode;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::minting::{self, TestLogoutToken};
use super::settings::Settings;
use super::state::{Core, Grant, Session, State};
use crate::clock::Timestamp;

/// What a client answered when it was told that a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutAnswer {
    /// The client.
    pub client_id: String,
    /// The status; none where no answer came.
    pub status: Option<StatusCode>,
    /// The body.
    pub body: String,
}

/// What is on its way to clients, and what they answered.
pub(super) struct Telling {
    client: OnceLock<Client>,
    answers: watch::Sender<Vec<LogoutAnswer>>,
}

/// What a client is to be told.
pub(super) struct Notice {
    client_id: String,
    uri: String,
    token: String,
}

impl Telling {
    pub(super) fn new() -> Self {
        Self { client: OnceLock::new(), answers: watch::Sender::default() }
    }

    /// Waits until there are so many answers, and returns all.
    pub(super) async fn answers(&self, at_least: usize) -> Vec<LogoutAnswer> {
        let mut answers = self.answers.subscribe();
        // The sender lives in `self`: the wait cannot fail.
        let _ = answers.wait_for(|answers| answers.len() >= at_least).await;
        answers.borrow().clone()
    }

    fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE).build();
            client.expect("a client without certificates of its own is built")
        })
    }
}

/// Ends the sessions of this `sid`, and says whom to tell.
pub(super) fn end_sid(settings: &Settings, state: &mut State, now: Timestamp, sid: &str) -> Vec<Notice> {
    state.sessions.retain(|_, session| session.sid != sid);
    let told = |session: &Session| session.sid == sid;
    notices(settings, state, now, told, |session| {
        TestLogoutToken::of_session(sid).with_subject(&session.subject)
    })
}

/// Ends all sessions of a user, and says whom to tell.
pub(super) fn end_subject(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    subject: &str,
) -> Vec<Notice> {
    state.sessions.retain(|_, session| session.subject != subject);
    let told = |session: &Session| session.subject == subject;
    notices(settings, state, now, told, |_| TestLogoutToken::of_user(subject))
}

/// One notice for each client that has a grant from such a session.
fn notices(
    settings: &Settings,
    state: &State,
    now: Timestamp,
    told: impl Fn(&Session) -> bool,
    token: impl Fn(&Session) -> TestLogoutToken,
) -> Vec<Notice> {
    let mut seen = BTreeSet::new();
    let first = |grant: &&Grant| told(&grant.session) && seen.insert(grant.client_id.clone());
    let notice = |grant: &Grant| {
        let uri = state.clients.get(&grant.client_id)?.backchannel_logout_uri.clone()?;
        let token = token(&grant.session).with_client_id(&grant.client_id);
        let token = minting::sign_logout_token(settings, state, now, &token);
        Some(Notice { client_id: grant.client_id.clone(), uri, token })
    };
    state.grants.values().filter(first).filter_map(notice).collect()
}

/// Tells clients, each from a task of its own.
pub(super) fn tell(core: &Core, notices: Vec<Notice>) -> Vec<JoinHandle<LogoutAnswer>> {
    let tell = |Notice { client_id, uri, token }| {
        let request = core.telling.client().post(uri).form(&[("logout_token", token)]);
        let answers = core.telling.answers.clone();
        tokio::spawn(async move {
            let answer = match request.send().await {
                Ok(answer) => {
                    let status = Some(answer.status());
                    LogoutAnswer { client_id, status, body: answer.text().await.unwrap_or_default() }
                }
                Err(_) => LogoutAnswer { client_id, status: None, body: String::new() },
            };
            answers.send_modify(|answers| answers.push(answer.clone()));
            answer
        })
    };
    notices.into_iter().map(tell).collect()
}

/// Waits for the answers of those who were told.
pub(super) async fn answered(told: Vec<JoinHandle<LogoutAnswer>>) -> Vec<LogoutAnswer> {
    let mut answers = Vec::with_capacity(told.len());
    for telling in told {
        answers.extend(telling.await.ok());
    }
    answers
}

const PATIENCE: Duration = Duration::from_secs(5);
