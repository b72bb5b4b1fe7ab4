//! The queries that browsers bring to the layer's own routes: callback, login and logout.
//!
//! # Invariants
//! 1. No query ends a login that this browser did not begin: no session, and no success.
//! 2. Whatever `returnTo` says, a browser is sent to this site, to an origin that was allowed, or to the
//!    provider's login.
//! 3. No query is an error of ours (500), and no answer holds a part of it as HTML.

use std::sync::OnceLock;

use auth_layer::{Auth, AuthConfig, Clock};
use axum::Router;
use axum::body::Body;
use http::header::{LOCATION, SET_COOKIE};
use http::{Request, Uri};
use url::{Origin, Url};

use crate::NOW;
use crate::answers::origin;
use crate::gate::{Answer, Gate};

/// Takes a query.
pub fn callback(data: &[u8]) {
    let Ok(query) = str::from_utf8(data) else { return };
    for (path, statuses) in [("callback", &[400][..]), ("login", &[303, 400]), ("logout", &[303])] {
        let Ok(uri) = format!("/auth/{path}?{query}").parse::<Uri>() else { return };
        let request = Request::get(uri).body(Body::empty()).expect("it is a request");
        let answer = gate().send(request);
        assert!(statuses.contains(&answer.status.as_u16()), "{path}: {answer:?}");
        check_location(path, &answer);
        let session = |line: &http::HeaderValue| line.as_bytes().starts_with(b"__Host-auth_session");
        assert!(!answer.headers.get_all(SET_COOKIE).iter().any(session), "{path}: {answer:?}");
        assert!(!answer.body.windows(MARK.len()).any(|window| window == MARK), "{path}: {answer:?}");
    }
}

fn check_location(path: &str, answer: &Answer) {
    let Some(location) = answer.headers.get(LOCATION) else { return };
    let location = location.to_str().expect("an address is ASCII");
    // As a browser resolves it.
    let url = Url::parse(SITE).and_then(|site| site.join(location)).expect("an address can be followed");
    let of = |address: &str| Url::parse(address).map(|url| url.origin());
    let mut allowed: Vec<Origin> = [SITE, ALLOWED].iter().filter_map(|address| of(address).ok()).collect();
    if path == "login" {
        allowed = of(origin()).into_iter().collect();
    }
    assert!(allowed.contains(&url.origin()), "{path} leads away: {location}");
    assert!(url.username().is_empty() && url.password().is_none(), "{location}");
}

fn gate() -> &'static Gate {
    static GATE: OnceLock<Gate> = OnceLock::new();
    GATE.get_or_init(|| {
        let config = AuthConfig::builder(origin(), "shop", SITE)
            .add_session_key("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")
            .add_return_origin(ALLOWED)
            .add_login_parameter("login_hint")
            .with_clock(Clock::manual(NOW))
            .build()
            .expect("the configuration is sound");
        Gate::around(Router::new(), async move || {
            Auth::discover(config).await.expect("the configuration is sound")
        })
    })
}

const SITE: &str = "https://shop.example";
const ALLOWED: &str = "https://allowed.example";
/// What a script would begin with.
const MARK: &[u8] = b"<script";
