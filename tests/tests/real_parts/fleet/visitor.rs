//! A visitor: a cookie jar, and requests to any of the shops.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

/// A browser; its clones have the same cookies, and jars of their own from there on.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
    bearer: Option<String>,
    /// Whose session this is to be.
    pub(super) subject: String,
}

/// A response, whole, and how long it took.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    pub(super) took: Duration,
    /// Whether this is the answer to a second try.
    pub(super) came_again: bool,
}

impl Visitor {
    pub(super) fn new(client: reqwest::Client, subject: String) -> Self {
        Self { client, cookies: BTreeMap::new(), bearer: None, subject }
    }

    /// Sends a bearer token from now on.
    pub(super) fn with_bearer(self, token: String) -> Self {
        Self { bearer: Some(token), ..self }
    }

    /// Whether the browser holds a session cookie.
    pub(super) fn has_session(&self) -> bool {
        self.cookies.keys().any(|name| name.starts_with("shop_session"))
    }

    /// Calls as a script of the page does.
    pub(super) async fn get(&mut self, url: &str) -> Answer {
        self.try_get(url).await.unwrap_or_else(|error| panic!("{url}: {error:?}"))
    }

    /// As [`Self::get`], at a shop that may go away meanwhile.
    pub(super) async fn try_get(&mut self, url: &str) -> Result<Answer, reqwest::Error> {
        self.send(Method::GET, url, "application/json").await
    }

    /// Posts as a script of the page does.
    pub(super) async fn post(&mut self, url: &str) -> Answer {
        self.send(Method::POST, url, "application/json").await.unwrap()
    }

    /// Opens a page, and does not follow where it leads.
    pub(super) async fn open(&mut self, url: &str) -> Answer {
        self.send(Method::GET, url, "text/html").await.unwrap()
    }

    async fn send(&mut self, method: Method, url: &str, accept: &str) -> Result<Answer, reqwest::Error> {
        let began = Instant::now();
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let navigates = accept == "text/html";
        let mut request = self.client.request(method, url).header(ACCEPT, accept);
        request = request.header("sec-fetch-site", "same-origin");
        request = request.header("sec-fetch-mode", if navigates { "navigate" } else { "cors" });
        request = request.header("sec-fetch-dest", if navigates { "document" } else { "empty" });
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if let Some(token) = &self.bearer {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.text().await?;
        for line in headers.get_all(SET_COOKIE) {
            self.keep(line.to_str().unwrap());
        }
        Ok(Answer { status, headers, body, took: began.elapsed(), came_again: false })
    }

    fn keep(&mut self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Answer {
    pub(super) fn location(&self) -> &str {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| panic!("no redirect but {self:?}"));
        location.to_str().unwrap()
    }

    /// Whose session the shop saw; nothing where it answered anything but 200.
    pub(super) fn subject(&self) -> Option<String> {
        (self.status == StatusCode::OK).then(|| self.json()["user"]["sub"].as_str().unwrap().to_owned())
    }

    /// When the token that the shop holds expires.
    pub(super) fn expires_at(&self) -> u64 {
        self.json()["expires_at"].as_u64().unwrap_or_else(|| panic!("no token but {self:?}"))
    }

    /// The provider's name of the session, where the answer is the user's profile.
    pub(super) fn sid(&self) -> String {
        self.json()["sid"].as_str().unwrap_or_else(|| panic!("no sid but {self:?}")).to_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON but {self:?}"))
    }
}
