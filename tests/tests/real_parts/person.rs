//! A person with a browser, over plain HTTP: cookies, redirects and forms, and no scripts.

use std::sync::{Mutex, PoisonError};

use http::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use http::{Method, StatusCode};
use reqwest::redirect::Policy;
use url::Url;

/// What the person sees.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Page {
    pub(crate) fn json(&self) -> serde_json::Value {
        let words = &self.body;
        serde_json::from_str(words).unwrap_or_else(|_| panic!("{} {}: {words}", self.status, self.url))
    }

    /// Where the first form is sent, and its hidden fields.
    fn form(&self) -> (Url, Vec<(String, String)>) {
        let words = &self.body;
        let (_, form) = words
            .split_once("<form")
            .unwrap_or_else(|| panic!("no form, but {} at {}: {words}", self.status, self.url));
        let (form, _) = form.split_once("</form>").unwrap();
        let hidden = form.split("<input").skip(1).filter_map(|input| {
            (attribute(input, "type")? == "hidden")
                .then(|| Some((attribute(input, "name")?, attribute(input, "value")?)))?
        });
        (self.url.join(&attribute(form, "action").unwrap()).unwrap(), hidden.collect())
    }
}

/// A person with a browser of their own.
#[derive(Debug)]
pub(crate) struct Person {
    client: reqwest::Client,
    cookies: Mutex<Vec<Cookie>>,
}

#[derive(Clone, Debug)]
struct Cookie {
    name: String,
    value: String,
    path: String,
}

impl Person {
    pub(crate) fn new() -> Self {
        let client = reqwest::Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { client, cookies: Mutex::default() }
    }

    /// Opens a page, as a browser's address bar does, and goes where redirects lead.
    pub(crate) async fn open(&self, url: &str) -> Page {
        self.follow(Method::GET, Url::parse(url).unwrap(), &[], None).await.unwrap()
    }

    /// Fills in the first form of a page and sends it.
    pub(crate) async fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let (action, mut form) = page.form();
        form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.follow(Method::POST, action, &form, None).await.unwrap()
    }

    /// Sends the first form of a page, and returns the first redirect to `stop` without going there.
    pub(crate) async fn submit_up_to(&self, page: &Page, stop: &str) -> Url {
        let (action, form) = page.form();
        self.follow(Method::POST, action, &form, Some(stop)).await.unwrap_err()
    }

    /// Logs in from `login`, through the provider's own login and consent pages, and comes back.
    pub(crate) async fn log_in(&self, login: &str, name: &str) -> Page {
        let login_page = self.open(login).await;
        let consent_page = self.submit(&login_page, &[("login", name), ("password", "any")]).await;
        self.submit(&consent_page, &[]).await
    }

    /// Calls an endpoint, as a script of the page does; no redirect is followed.
    pub(crate) async fn call(&self, url: &str) -> Page {
        let cookies = self.cookies_for(&Url::parse(url).unwrap());
        let page = self.send(Method::GET, Url::parse(url).unwrap(), &cookies, &[], false).await;
        self.keep(&page);
        page
    }

    /// Calls an endpoint `times` times at once, with the cookies as they are now in each.
    pub(crate) async fn call_at_once(&self, times: usize, url: &str) -> Vec<Page> {
        let url = Url::parse(url).unwrap();
        let cookies = self.cookies_for(&url);
        let calls = (0..times).map(|_| self.send(Method::GET, url.clone(), &cookies, &[], false));
        let pages = futures_util::future::join_all(calls).await;
        pages.iter().for_each(|page| self.keep(page));
        pages
    }

    pub(crate) fn has_cookie(&self, name: &str) -> bool {
        self.jar().iter().any(|cookie| cookie.name == name)
    }

    /// Returns the page at the end of the redirects, or the address of one that is not to be opened.
    async fn follow(
        &self,
        mut method: Method,
        mut url: Url,
        form: &[(String, String)],
        stop: Option<&str>,
    ) -> Result<Page, Url> {
        for _ in 0..MAX_REDIRECTS {
            let cookies = self.cookies_for(&url);
            let sent = if method == Method::POST { form } else { &[] };
            let page = self.send(method, url.clone(), &cookies, sent, true).await;
            self.keep(&page);
            let Some(location) = page.headers.get(LOCATION) else { return Ok(page) };
            url = url.join(location.to_str().unwrap()).unwrap();
            method = Method::GET;
            if stop.is_some_and(|stop| url.as_str().starts_with(stop)) {
                return Err(url);
            }
        }
        panic!("the redirects do not end: {url}");
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        cookies: &str,
        form: &[(String, String)],
        is_navigation: bool,
    ) -> Page {
        let accept = if is_navigation { "text/html" } else { "application/json" };
        let mut request = self.client.request(method.clone(), url.clone()).header("accept", accept);
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies);
        }
        if method == Method::POST {
            request = request.header("origin", url.origin().ascii_serialization()).form(form);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{url}: {error}"));
        let (status, headers) = (answer.status(), answer.headers().clone());
        Page { url, status, headers, body: answer.text().await.unwrap() }
    }

    /// Cookies are of the host and not of the port (RFC 6265 §8.5): provider and application share them.
    fn cookies_for(&self, url: &Url) -> String {
        let matches = |path: &str| {
            url.path() == path || url.path().starts_with(&format!("{}/", path.trim_end_matches('/')))
        };
        let jar = self.jar();
        let sent = jar.iter().filter(|cookie| matches(&cookie.path));
        sent.map(|Cookie { name, value, .. }| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, page: &Page) {
        let mut jar = self.jar();
        for header in page.headers.get_all(SET_COOKIE) {
            let mut parts = header.to_str().unwrap().split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let mut cookie = Cookie { name: name.into(), value: value.into(), path: "/".into() };
            let mut is_deleted = false;
            for (name, value) in parts.filter_map(|part| part.split_once('=')) {
                match name.to_ascii_lowercase().as_str() {
                    "path" => cookie.path = value.into(),
                    "max-age" => is_deleted |= value == "0",
                    "expires" => is_deleted |= value.contains("1970"),
                    _ => {}
                }
            }
            jar.retain(|kept| (&kept.name, &kept.path) != (&cookie.name, &cookie.path));
            if !is_deleted {
                jar.push(cookie);
            }
        }
    }

    fn jar(&self) -> std::sync::MutexGuard<'_, Vec<Cookie>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn attribute(markup: &str, name: &str) -> Option<String> {
    let (_, rest) = markup.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}

const MAX_REDIRECTS: usize = 10;
