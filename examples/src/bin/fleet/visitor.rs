//! A user: a browser with cookies, and what it has seen.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use auth_layer::testing::{IdentityProvider, User};
use auth_layer::{Clock, Timestamp};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use reqwest::{Client, Response};
use serde_json::Value;

use crate::Failure;
use crate::expiries::Expiries;

/// One user, whose tabs share the cookies.
pub(crate) struct Visitor {
    client: Client,
    base_url: String,
    clock: Clock,
    state: Mutex<State>,
}

struct State {
    cookies: BTreeMap<String, String>,
    expiries: Expiries,
    is_lost: bool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The page of this user.
    Page,
    /// What nobody sees who is logged in: the session is lost.
    Stranger,
    /// No page and no verdict, such as 503.
    Nothing(StatusCode),
}

impl Visitor {
    /// Logs a user in, and opens the page once.
    pub(crate) async fn log_in(
        client: Client,
        base_url: String,
        user: &User,
        provider: &IdentityProvider,
    ) -> Result<Self, Failure> {
        let state =
            State { cookies: BTreeMap::new(), expiries: Expiries::new(Timestamp::default()), is_lost: false };
        let visitor = Self { client, base_url, clock: Clock::system(), state: Mutex::new(state) };
        let to_provider = visitor.get(&format!("{}/auth/login", visitor.base_url)).await?;
        let callback = provider.browser().log_in(user, &location(&to_provider)?).await?;
        let answer = visitor.get(&callback).await?;
        if answer.status() != StatusCode::SEE_OTHER {
            return Err(format!("a login ended with {}", answer.status()).into());
        }
        let page = visitor.get(&visitor.base_url).await?;
        visitor.state().expiries = Expiries::new(end(page).await?);
        Ok(visitor)
    }

    /// Opens the page.
    pub(crate) async fn open(&self) -> Result<Seen, Failure> {
        self.state().expiries.begins(self.clock.now());
        let answer = self.get(&self.base_url).await?;
        match answer.status() {
            StatusCode::OK => {
                let end = end(answer).await?;
                self.state().expiries.answered(end, self.clock.now());
                Ok(Seen::Page)
            }
            StatusCode::UNAUTHORIZED | StatusCode::SEE_OTHER => {
                self.state().is_lost = true;
                Ok(Seen::Stranger)
            }
            other => Ok(Seen::Nothing(other)),
        }
    }

    pub(crate) fn is_lost(&self) -> bool {
        self.state().is_lost
    }

    /// How often this user's token expired and was needed.
    pub(crate) fn expiries(&self) -> u64 {
        self.state().expiries.count()
    }

    async fn get(&self, url: &str) -> Result<Response, Failure> {
        let pairs: Vec<_> =
            self.state().cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = self.client.get(url).header(COOKIE, pairs.join("; ")).send().await?;
        self.keep(answer.headers());
        Ok(answer)
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut state = self.state();
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap_or_default();
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if attributes.to_ascii_lowercase().contains("max-age=0") {
                state.cookies.remove(name);
            } else {
                state.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn end(page: Response) -> Result<Timestamp, Failure> {
    let (status, body) = (page.status(), page.bytes().await?);
    let page: Option<Value> = serde_json::from_slice(&body).ok();
    let end = page.as_ref().and_then(|page| page["expires_at"].as_u64());
    end.map(Timestamp::from_unix_millis).ok_or_else(|| format!("no page of a user, but {status}").into())
}

fn location(answer: &Response) -> Result<String, Failure> {
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    location.map(str::to_owned).ok_or_else(|| format!("no redirect, but {}", answer.status()).into())
}
