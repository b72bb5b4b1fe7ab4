//! A visitor: a cookie jar, and requests that carry it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use auth_layer::testing::{IdentityProvider, User};
use axum::Router;
use axum::body::Body;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::site::BASE_URL;

type Jar = BTreeMap<String, String>;

/// Someone with a browser; its clones share the cookie jar.
#[derive(Clone, Debug)]
pub struct Visitor {
    app: Router,
    op: IdentityProvider,
    jar: Arc<Mutex<Jar>>,
}

/// A response, whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Visitor {
    /// Returns someone with an empty cookie jar, at an application that this provider lets users into.
    #[must_use]
    pub fn new(app: Router, op: IdentityProvider) -> Self {
        Self { app, op, jar: Arc::default() }
    }

    /// Returns another browser that has the same cookies now, and a jar of its own from here on.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self { jar: Arc::new(Mutex::new(self.cookies())), ..self.clone() }
    }

    /// Returns this browser as it is seen by another application.
    #[must_use]
    pub fn at(&self, app: Router) -> Self {
        Self { app, ..self.clone() }
    }

    /// Returns the provider that lets this visitor in.
    pub const fn provider(&self) -> &IdentityProvider {
        &self.op
    }

    /// Returns the cookies by name.
    #[must_use]
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.jar.lock().unwrap().clone()
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.jar.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Logs a user in, at the provider's own pages.
    pub async fn log_in(&self, user: &User) -> Reply {
        let departure = self.get("/auth/login").await;
        let callback = self
            .op
            .browser()
            .log_in(user, &departure.location())
            .await
            .expect("the provider lets the user in");
        let arrival = self.get(&callback[BASE_URL.len()..]).await;
        assert_eq!(arrival.status, StatusCode::SEE_OTHER, "{}", arrival.body);
        arrival
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path)).await
    }

    /// Sends a GET as a browser does when its user opens a page.
    pub async fn open(&self, path: &str) -> Reply {
        self.send(
            Request::get(path).header("sec-fetch-mode", "navigate").header("sec-fetch-dest", "document"),
        )
        .await
    }

    /// Sends a request with the jar's cookies, and keeps what it is told to keep.
    pub async fn send(&self, request: http::request::Builder) -> Reply {
        let cookies = self.cookies();
        let cookie =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = if cookie.is_empty() { request } else { request.header(COOKIE, cookie) };
        let request = request.body(Body::empty()).expect("a sound request");
        let response = self.app.clone().oneshot(request).await.expect("a router does not fail");
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(SET_COOKIE) {
            self.keep(line.to_str().expect("a cookie is text"));
        }
        let body = body.collect().await.expect("a body").to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn keep(&self, line: &str) {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').expect("a cookie has a name");
        let mut jar = self.jar.lock().unwrap();
        if attributes.contains("Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

impl Reply {
    /// Returns the address of a redirect.
    #[must_use]
    pub fn location(&self) -> String {
        let location = self.headers.get(LOCATION).unwrap_or_else(|| panic!("no redirect but {self:?}"));
        location.to_str().expect("an address is text").to_owned()
    }

    /// Returns the body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON but {self:?}"))
    }

    /// Returns the token that the site showed; panics where it showed none.
    pub fn token(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()["token"].as_str().expect("a token").to_owned()
    }

    /// Returns the Set-Cookie lines.
    #[must_use]
    pub fn set_cookies(&self) -> Vec<String> {
        self.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().expect("text").to_owned()).collect()
    }

    /// Returns a header as text, empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}
