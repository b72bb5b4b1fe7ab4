//! A browser at the application: it keeps cookies, and does nothing that it was not told.

use std::collections::BTreeMap;

use auth_layer::testing::User;
use axum::Router;
use axum::body::Body;
use http::header::COOKIE;
use http::{HeaderName, HeaderValue, Method, Request};
use tower::ServiceExt as _;
use url::Url;

use super::app::{App, BASE_URL};
use super::page::{Page, is_deletion};

/// A browser; a copy has the same cookies, as one that an attacker copied would.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    op: auth_layer::testing::IdentityProvider,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(app: &App) -> Self {
        Self { router: app.router.clone(), op: app.op.clone(), cookies: BTreeMap::new() }
    }

    /// The same browser, when another instance answers it.
    pub(crate) fn at(&self, app: &App) -> Self {
        Self { router: app.router.clone(), ..self.clone() }
    }

    pub(crate) async fn get(&mut self, target: &str) -> Page {
        self.send(Method::GET, target, &[]).await
    }

    pub(crate) async fn get_with(&mut self, target: &str, headers: &[(&str, &str)]) -> Page {
        self.send(Method::GET, target, headers).await
    }

    pub(crate) async fn post_with(&mut self, target: &str, headers: &[(&str, &str)]) -> Page {
        self.send(Method::POST, target, headers).await
    }

    pub(crate) async fn send(&mut self, method: Method, target: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = Request::builder().method(method).uri(target).header("host", "shop.example");
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        let mut request = request.body(Body::empty()).unwrap();
        for (name, value) in headers {
            let name = HeaderName::try_from(*name).unwrap();
            // Bytes, since a hostile header need not be text.
            request.headers_mut().insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let page = Page::of(self.router.clone().oneshot(request).await.unwrap()).await;
        for cookie in page.set_cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            if is_deletion(cookie) {
                self.cookies.remove(name);
            } else {
                let value = rest.split(';').next().unwrap_or_default();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    /// Begins a login, and returns the authorization request.
    pub(crate) async fn begin_login(&mut self) -> String {
        self.get("/auth/login").await.location().to_owned()
    }

    /// Logs in at the provider, and returns the path of the callback without opening it.
    pub(crate) async fn authorize(&self, user: &User, authorization_request: &str) -> String {
        let callback = self.op.log_in(user, authorization_request).await;
        path_of(&callback)
    }

    /// Begins a login and carries it to the callback, which is not opened.
    pub(crate) async fn log_in_up_to_callback(&mut self, user: &User) -> String {
        let request = self.begin_login().await;
        self.authorize(user, &request).await
    }

    /// Logs in, and returns the answer of the callback.
    pub(crate) async fn log_in(&mut self, user: &User) -> Page {
        let callback = self.log_in_up_to_callback(user).await;
        self.get(&callback).await
    }

    /// Logs in, and asserts that it worked.
    pub(crate) async fn logged_in(mut self, user: &User) -> Self {
        let page = self.log_in(user).await;
        assert!(page.begins_session(), "{page:?}");
        assert_eq!(self.who().await, user.subject());
        self
    }

    /// Who is logged in, as the home page says.
    pub(crate) async fn who(&mut self) -> String {
        let page = self.get("/").await;
        assert_eq!(page.status, 200, "{page:?}");
        page.body
    }

    pub(crate) fn session_cookie(&self) -> String {
        self.cookies["__Host-auth_session"].clone()
    }

    pub(crate) fn login_cookies(&self) -> Vec<(String, String)> {
        let login = |(name, _): &(&String, &String)| name.starts_with("__Host-auth_login_");
        self.cookies.iter().filter(login).map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

/// The path and query of an address of the application.
pub(crate) fn path_of(address: &str) -> String {
    let url = Url::parse(address).unwrap();
    assert_eq!(url.origin().ascii_serialization(), BASE_URL);
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}
