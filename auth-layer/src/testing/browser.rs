//! A browser that logs in, over HTTP and with its own cookies, for tests without one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::StatusCode;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};

use super::faults::Endpoint;
use super::registration::{LoginMethod, User};

/// A browser at the provider: it keeps the single sign-on cookie from one login to the next.
///
/// See the [module docs](super).
#[derive(Debug)]
pub struct Browser {
    client: Client,
    login: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub(super) fn new(origin: &str) -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .expect("a client without certificates of its own is built");
        Self { client, login: format!("{origin}{}", Endpoint::Login.path()), cookies: Mutex::default() }
    }

    /// Opens an authorization URL and returns the callback URL: at once where the browser is
    /// logged in, or where the provider refuses.
    ///
    /// # Errors
    /// [`BrowserError::Page`] where the provider shows a page instead of sending the browser on.
    pub async fn open(&self, authorize_url: &str) -> Result<String, BrowserError> {
        let answer = self.send(self.client.get(authorize_url)).await?;
        location(answer).await
    }

    /// Opens an authorization URL, logs `user` in if the login page shows, and returns the
    /// callback URL, `error` included where the provider refuses.
    ///
    /// # Errors
    /// [`BrowserError::Page`] where the login fails, or where the provider shows another page.
    pub async fn log_in(&self, user: &User, authorize_url: &str) -> Result<String, BrowserError> {
        match &user.login {
            LoginMethod::Password(password) => {
                let form = [("username", &*user.username), ("password", password)];
                self.submit(authorize_url, &form).await
            }
            LoginMethod::Social { connection, .. } => {
                self.submit(authorize_url, &[("connection", connection)]).await
            }
        }
    }

    /// Opens an authorization URL, presses Cancel, and returns the callback URL.
    ///
    /// # Errors
    /// [`BrowserError::Page`] where the provider shows another page than the login page.
    pub async fn cancel(&self, authorize_url: &str) -> Result<String, BrowserError> {
        self.submit(authorize_url, &[("cancel", "cancel")]).await
    }

    async fn submit(&self, url: &str, form: &[(&str, &str)]) -> Result<String, BrowserError> {
        let answer = self.send(self.client.get(url)).await?;
        if answer.headers().contains_key(LOCATION) {
            return location(answer).await;
        }
        let status = answer.status();
        let page = answer.text().await?;
        let transaction = page
            .split_once("name=\"transaction\" value=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(transaction, _)| transaction)
            .ok_or_else(|| BrowserError::Page(status, words(&page)))?;
        let mut form = form.to_vec();
        form.push(("transaction", transaction));
        let answer = self.send(self.client.post(&self.login).form(&form)).await?;
        location(answer).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, BrowserError> {
        let cookies = {
            let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
            let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            pairs.join("; ")
        };
        let answer = request.header(COOKIE, cookies).send().await?;
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for header in answer.headers().get_all(SET_COOKIE) {
            let pair = header.to_str().unwrap_or_default().split(';').next();
            if let Some((name, value)) = pair.and_then(|pair| pair.split_once('=')) {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(cookies);
        Ok(answer)
    }
}

/// Why a browser did not come to a callback URL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// The provider showed a page: its status, and its words.
    #[error("the provider shows a page with status {0}: {1}")]
    Page(StatusCode, String),
    /// There was no answer.
    #[error("the provider does not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl From<reqwest::Error> for BrowserError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(Box::new(error))
    }
}

async fn location(answer: Response) -> Result<String, BrowserError> {
    let location = answer.headers().get(LOCATION);
    if let Some(location) = location.and_then(|location| location.to_str().ok()) {
        return Ok(location.to_owned());
    }
    let status = answer.status();
    Err(BrowserError::Page(status, words(&answer.text().await?)))
}

/// Returns the text of a page's main part, without its markup.
fn words(page: &str) -> String {
    let main = page.split_once("<main>").map_or(page, |(_, main)| main);
    let main = main.split_once("</main>").map_or(main, |(main, _)| main);
    let texts = main.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let words: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
    words.join(" ")
}
