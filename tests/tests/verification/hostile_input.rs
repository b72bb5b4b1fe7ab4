//! Random queries, cookies and headers through the whole layer: no panic, no 5xx, in bounded time.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use auth_layer::testing::User;
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::support::{App, Browser};

/// One application and one browser with a session and a login under way, for all cases.
struct Scene {
    runtime: Runtime,
    app: App,
    browser: Browser,
    callback: String,
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let (app, browser, callback) = runtime.block_on(async {
            let app = App::start().await;
            let mut browser = app.browser().logged_in(&User::ada()).await;
            let callback = browser.log_in_up_to_callback(&User::ada()).await;
            (app, browser, callback)
        });
        Scene { runtime, app, browser, callback }
    })
}

/// Sends a request, and holds what must hold whatever it was.
fn survives(target: &str, headers: &[(&str, &str)], with_cookies: bool) {
    let scene = scene();
    if target.parse::<http::Uri>().is_err()
        || headers.iter().any(|(_, value)| http::HeaderValue::from_bytes(value.as_bytes()).is_err())
    {
        // No server would have let it through.
        return;
    }
    let mut browser = if with_cookies { scene.browser.clone() } else { scene.app.browser() };
    let began = Instant::now();
    let page = scene.runtime.block_on(browser.get_with(target, headers));
    assert!(page.status < 500, "{target} {headers:?}: {page:?}");
    assert!(began.elapsed() < Duration::from_secs(2), "{target}: {:?}", began.elapsed());
    assert!(!page.begins_session() || with_cookies, "a session out of nothing: {target}");
}

/// Text that has the shape of what the parsers look for.
fn near_query() -> impl Strategy<Value = String> {
    let names = prop_oneof!["code", "state", "iss", "error", "returnTo", "return_to", "[a-z%&=+]{0,6}"];
    let values = prop_oneof!["[ -~]{0,40}", "(%[0-9a-fA-F]{2}){0,12}", "\\PC{0,12}", "[A-Za-z0-9_-]{43}"];
    prop::collection::vec((names, values), 0..6).prop_map(|pairs| {
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&").replace(['#', ' '], "+")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_callback_query(query in near_query(), with_cookies: bool) {
        survives(&format!("/auth/callback?{query}"), &[], with_cookies);
    }

    #[test]
    fn honest_callback_bent_in_one_place(at in 0_usize..200, byte in b'!'..=b'~', cut: bool) {
        let mut callback = scene().callback.clone();
        let at = 15 + at % (callback.len() - 15);
        if cut {
            callback.truncate(at);
        } else {
            callback.replace_range(at..=at, char::from(byte).encode_utf8(&mut [0; 4]));
        }
        if callback != scene().callback {
            survives(&callback, &[], true);
        }
    }

    #[test]
    fn any_return_to(query in near_query(), logout: bool) {
        let route = if logout { "/auth/logout" } else { "/auth/login" };
        survives(&format!("{route}?{query}"), &[], false);
    }

    #[test]
    fn any_cookie_header(text in "\\PC{0,300}") {
        survives("/", &[("cookie", &text)], false);
        survives("/auth/login", &[("cookie", &text)], false);
    }

    #[test]
    fn near_cookie_header(
        text in "((__Host-auth_session(\\.[0-9])?|__Host-auth_login_[A-Za-z]{0,3})=[0-9]?\\.?[A-Za-z0-9_=-]{0,80}; ?){0,8}"
    ) {
        for target in ["/", "/me", "/auth/login", "/auth/logout", "/auth/profile"] {
            survives(target, &[("cookie", &text)], false);
        }
    }

    #[test]
    fn honest_cookie_bent_in_one_place(at in 0_usize..4_000, byte in b'!'..=b'~') {
        let honest = scene().browser.session_cookie();
        let mut value = honest.clone().into_bytes();
        let at = at % value.len();
        value[at] = byte;
        let value = String::from_utf8(value).unwrap();
        // A separator ends the value; what is before it is a cut cookie.
        if value != honest {
            let header = format!("__Host-auth_session={value}");
            let mut stranger = scene().app.browser();
            let page = scene().runtime.block_on(stranger.get_with("/", &[("cookie", &header)]));
            prop_assert_eq!((page.status, page.body.as_str()), (200, "nobody"));
        }
    }

    #[test]
    fn any_header_that_is_read(value in "\\PC{0,60}") {
        for name in ["accept", "origin", "sec-fetch-mode", "sec-fetch-site", "sec-purpose", "host", "authorization"] {
            survives("/me", &[(name, &value)], true);
        }
    }
}
