//! A visitor of the shop: a browser without pictures, which keeps cookies and follows no redirect by itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use auth_layer::testing::{Browser, User};
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method, StatusCode};
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use super::Failure;

/// One person, with one browser.
pub(super) struct Visitor {
    pub(super) user: User,
    browser: Browser,
    client: Client,
    base_url: String,
    jar: Mutex<Jar>,
}

/// Cookies by name.
pub(super) type Jar = BTreeMap<String, String>;

/// A response, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Visitor {
    pub(super) fn new(user: User, base_url: &str, browser: Browser) -> Result<Self, Failure> {
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { user, browser, client, base_url: base_url.to_owned(), jar: Mutex::default() })
    }

    /// Opens a page, as a click does.
    pub(super) async fn open(&self, address: &str) -> Result<Answer, Failure> {
        let request = self.client.get(self.address(address));
        self.send(request.header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document")).await
    }

    /// Calls the shop, as a script of its pages does.
    pub(super) async fn call(&self, method: Method, path: &str) -> Result<Answer, Failure> {
        self.send(self.scripted(method, path)).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.call(Method::GET, path).await
    }

    /// Calls the shop, and throws the answer away before its cookies are kept.
    pub(super) async fn get_and_forget(&self, path: &str) -> Result<(), Failure> {
        self.with_cookies(self.scripted(Method::GET, path)).send().await?;
        Ok(())
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(self.scripted(Method::POST, path).json(body)).await
    }

    /// Posts as a form on somebody else's page would.
    pub(super) async fn post_from_elsewhere(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        let request = self.client.post(self.address(path)).json(body);
        self.send(request.header("sec-fetch-site", "cross-site").header("origin", "https://evil.example"))
            .await
    }

    /// Goes the whole way: page, login, provider, callback, and the page again.
    pub(super) async fn log_in(&self, page: &str) -> Result<Answer, Failure> {
        let to_login = self.open(page).await?.location()?;
        let to_provider = self.open(&to_login).await?.location()?;
        let callback = self.browser.log_in(&self.user, &to_provider).await?;
        let back = self.open(&callback).await?.location()?;
        self.open(&back).await
    }

    /// The scopes, the end and the user, as `/api/session` tells them.
    pub(super) async fn session(&self) -> Result<Value, Failure> {
        self.get("/api/session").await?.served()?.json()
    }

    pub(super) fn cookies(&self) -> Jar {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts cookies of an earlier time in place of the present ones.
    pub(super) fn restore(&self, jar: Jar) {
        *self.jar.lock().unwrap_or_else(PoisonError::into_inner) = jar;
    }

    fn scripted(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.address(path));
        request.header("sec-fetch-site", "same-origin").header("sec-fetch-mode", "cors")
    }

    fn address(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.base_url) } else { path.to_owned() }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let response = self.with_cookies(request).send().await?;
        self.keep(response.headers());
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: response.text().await? })
    }

    fn with_cookies(&self, request: RequestBuilder) -> RequestBuilder {
        let pairs: Vec<_> = self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { request } else { request.header(COOKIE, pairs.join("; ")) }
    }

    fn keep(&self, headers: &HeaderMap) {
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        for header in headers.get_all(SET_COOKIE) {
            let mut parts = header.to_str().unwrap_or_default().split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    /// Returns where a redirect leads.
    pub(super) fn location(&self) -> Result<String, Failure> {
        let location = self.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        location.map(str::to_owned).ok_or_else(|| self.unexpected("a redirect"))
    }

    /// Fails unless the answer is 200 or 201.
    pub(super) fn served(self) -> Result<Self, Failure> {
        if self.status.is_success() { Ok(self) } else { Err(self.unexpected("success")) }
    }

    /// Fails unless the answer has this status.
    pub(super) fn with_status(self, status: StatusCode) -> Result<Self, Failure> {
        if self.status == status { Ok(self) } else { Err(self.unexpected(status.as_str())) }
    }

    pub(super) fn json(&self) -> Result<Value, Failure> {
        serde_json::from_str(&self.body).map_err(|_| self.unexpected("JSON"))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn unexpected(&self, wanted: &str) -> Failure {
        let start: String = self.body.chars().take(160).collect();
        Failure(format!("expected {wanted}, saw {} {start}", self.status))
    }
}
