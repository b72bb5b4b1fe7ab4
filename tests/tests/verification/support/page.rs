//! What the application answered.

use std::collections::HashMap;

use auth_layer::flow::{LoginError, LoginErrorKind};
use axum::body::Body;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, Response};
use http_body_util::BodyExt as _;
use url::Url;

/// An answer that has been read.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// Why a login failed, where one did.
    pub(crate) login_error: Option<LoginErrorKind>,
}

impl Page {
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
            login_error: parts.extensions.get::<LoginError>().map(|error| error.kind().clone()),
        }
    }

    #[track_caller]
    pub(crate) fn location(&self) -> &str {
        self.headers.get(LOCATION).unwrap_or_else(|| panic!("no Location: {self:?}")).to_str().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The Set-Cookie headers, as text.
    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all(SET_COOKIE).iter().map(|header| header.to_str().unwrap()).collect()
    }

    /// Whether the answer gives the browser a session.
    pub(crate) fn begins_session(&self) -> bool {
        let session = |cookie: &&str| cookie.starts_with("__Host-auth_session=") && !is_deletion(cookie);
        self.set_cookies().iter().any(session)
    }

    /// Whether the answer tells the browser to drop a cookie.
    pub(crate) fn deletes(&self, name: &str) -> bool {
        let named = |cookie: &&str| cookie.strip_prefix(name).is_some_and(|rest| rest.starts_with("=;"));
        self.set_cookies().iter().any(|cookie| named(cookie) && is_deletion(cookie))
    }

    /// Everything that reaches the browser, as one text.
    pub(crate) fn everything(&self) -> String {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
        format!("{}\n{}\n{}", self.status, headers.collect::<String>(), self.body)
    }
}

pub(crate) fn is_deletion(set_cookie: &str) -> bool {
    set_cookie.split("; ").any(|attribute| attribute == "Max-Age=0")
}

/// Returns the parameters of a URL.
pub(crate) fn query(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}
