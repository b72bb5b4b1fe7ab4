//! Session cookies that are bent, cut, copied, mixed or of somewhere else (OWASP session management).

use std::time::{Duration, Instant};

use auth_layer::testing::User;

use crate::support::{API, App, Browser, KEY, OTHER_KEY, encoded, provider};

const SESSION: &str = "__Host-auth_session";

/// Asserts that a browser is a stranger, at once, and that its broken cookies are deleted.
async fn assert_broken(browser: &mut Browser, attack: &str) {
    let began = Instant::now();
    let page = browser.get("/").await;
    assert_eq!((page.status, page.body.as_str()), (200, "nobody"), "{attack}");
    assert!(began.elapsed() < Duration::from_secs(2), "{attack}: {:?}", began.elapsed());
    assert_eq!(page.header("cache-control"), "no-store, private", "{attack}");
    assert!(browser.cookies.keys().all(|name| !name.starts_with(SESSION)), "{attack}: the cookie stays");
}

#[tokio::test]
async fn cookie_without_its_attributes() {
    let app = App::start().await;
    let mut browser = app.browser();
    let begun = browser.get("/auth/login").await;
    let callback = browser.authorize(&User::ada(), begun.location()).await;
    let done = browser.get(&callback).await;
    let cookies = [begun.set_cookies(), done.set_cookies()].concat();
    assert!(cookies.len() >= 2);
    for cookie in cookies {
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(cookie.split("; ").any(|found| found == attribute), "{attribute} in {cookie}");
        }
        assert!(!cookie.contains("Domain") && cookie.contains("Max-Age="), "{cookie}");
        assert!(cookie.len() <= 4_093, "{} bytes", cookie.len());
    }
}

#[tokio::test]
async fn cookie_bent_in_any_place() {
    let app = App::start().await;
    let honest = app.browser().logged_in(&User::ada()).await;
    let value = honest.session_cookie();
    for at in (0..value.len()).step_by(97).chain([0, 1, 5, 20, value.len() - 1]) {
        let mut bent = value.clone().into_bytes();
        bent[at] = if bent[at] == b'A' { b'B' } else { b'A' };
        let mut browser = honest.clone();
        browser.cookies.insert(SESSION.into(), String::from_utf8(bent).unwrap());
        assert_broken(&mut browser, &format!("byte {at}")).await;
    }
}

#[tokio::test]
async fn cookie_cut_foreign_legacy_or_oversized() {
    let app = App::start().await;
    let honest = app.browser().logged_in(&User::ada()).await;
    let value = honest.session_cookie();
    for (attack, value) in [
        ("cut", value[..value.len() / 2].to_owned()),
        ("longer", format!("{value}AAAA")),
        ("padded", format!("{value}==")),
        ("quoted", format!("\"{value}\"")),
        ("empty", String::new()),
        ("a word", "deleted".to_owned()),
        ("a JWE of another library", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..iv.ciphertext.tag".to_owned()),
        ("another version", encoded([&[2][..], &[0; 200]].concat())),
        ("zeros", encoded([0; 3_000])),
        ("64 KiB", "A".repeat(64 * 1024)),
        ("a megabyte", "A".repeat(1_000_000)),
        ("a megabyte of parts", format!("4.{}", "A".repeat(1_000_000))),
    ] {
        let mut browser = honest.clone();
        browser.cookies.insert(SESSION.into(), value);
        assert_broken(&mut browser, attack).await;
    }
}

#[tokio::test]
async fn part_count_that_lies() {
    let app = App::start().await;
    let value = app.browser().logged_in(&User::ada()).await.session_cookie();
    for count in ["0", "1", "2", "4", "5", "9", "99999999", "-1", "18446744073709551616", "2.2", ""] {
        let mut browser = app.browser();
        browser.cookies.insert(SESSION.into(), format!("{count}.{value}"));
        assert_broken(&mut browser, count).await;
    }
}

/// A session of several cookies.
async fn large(app: &App, filling: char) -> Browser {
    let token = filling.to_string().repeat(6_000);
    let mut browser = app.browser();
    let change = move |answer: &mut serde_json::Value| answer["refresh_token"] = token.clone().into();
    app.op.fault_times(auth_layer::testing::Endpoint::Token, auth_layer::testing::Fault::rewrite(change), 1);
    assert!(browser.log_in(&User::ada()).await.begins_session());
    assert!(browser.cookies.len() >= 3, "{:?}", browser.cookies.keys());
    assert_eq!(browser.who().await, "local|ada");
    browser
}

#[tokio::test]
async fn part_missing_swapped_or_of_another_session() {
    let app = App::start().await;
    let (one, other) = (large(&app, 'a').await, large(&app, 'b').await);
    let names: Vec<String> = one.cookies.keys().cloned().collect();
    for name in &names {
        let mut browser = one.clone();
        browser.cookies.remove(name);
        assert_broken(&mut browser, &format!("{name} missing")).await;
        let mut browser = one.clone();
        browser.cookies.insert(name.clone(), other.cookies[name].clone());
        assert_broken(&mut browser, &format!("{name} of another session")).await;
    }
    let mut browser = one.clone();
    let (first, second) = (browser.cookies[&names[1]].clone(), browser.cookies[&names[2]].clone());
    browser.cookies.insert(names[1].clone(), second);
    browser.cookies.insert(names[2].clone(), first);
    assert_broken(&mut browser, "two parts swapped").await;
}

#[tokio::test]
async fn parts_of_two_generations() {
    let app = App::start().await;
    let before = large(&app, 'a').await;
    let mut after = before.clone();
    app.pass(Duration::from_secs(700));
    assert_eq!(after.who().await, "local|ada");
    assert_ne!(before.session_cookie(), after.session_cookie(), "the session rolled");
    after.cookies.insert(SESSION.into(), before.session_cookie());
    assert_broken(&mut after, "mixed generations").await;
}

#[tokio::test]
async fn leftover_parts_of_a_larger_session() {
    let app = App::start().await;
    let mut browser = large(&app, 'a').await;
    assert!(browser.log_in(&User::bob()).await.begins_session());
    assert_eq!(browser.who().await, "local|bob");
    let parts = browser.cookies.keys().filter(|name| name.starts_with(SESSION)).count();
    assert_eq!(parts, 1, "{:?}", browser.cookies.keys());
}

#[tokio::test]
async fn cookie_sent_twice() {
    let app = App::start().await;
    let ada = app.browser().logged_in(&User::ada()).await.session_cookie();
    let bob = app.browser().logged_in(&User::bob()).await.session_cookie();
    for (cookies, who) in [
        (format!("{SESSION}={ada}; {SESSION}={bob}"), "local|ada"),
        (format!("{SESSION}={ada}; {SESSION}=x"), "local|ada"),
        (format!("{SESSION}=x; {SESSION}={ada}"), "nobody"),
        (format!("a=b;{SESSION}={ada};;=;;x"), "local|ada"),
        (format!("{SESSION}x={ada}; x{SESSION}={ada}; {SESSION}.4={ada}; {SESSION}.={ada}"), "nobody"),
        (format!("{}={ada}", SESSION.to_lowercase()), "nobody"),
    ] {
        let page = app.browser().get_with("/", &[("cookie", &cookies)]).await;
        assert_eq!(page.body, who, "{cookies}");
    }
}

#[tokio::test]
async fn neighbours_cookie_that_is_no_text() {
    let app = App::start().await;
    let ada = app.browser().logged_in(&User::ada()).await.session_cookie();
    for neighbour in ["name=Zoë", "é=x", "x=\u{ff0f}", "utf=\u{1f980}"] {
        for cookies in [format!("{neighbour}; {SESSION}={ada}"), format!("{SESSION}={ada}; {neighbour}")] {
            let page = app.browser().get_with("/", &[("cookie", &cookies)]).await;
            assert_eq!(page.body, "local|ada", "{neighbour} logs nobody out");
        }
    }
    let page = app.browser().get_with("/", &[("cookie", &format!("{SESSION}={ada}é"))]).await;
    assert_eq!(page.body, "nobody");
    assert!(page.deletes(SESSION));
}

#[tokio::test]
async fn ten_thousand_cookies() {
    let app = App::start().await;
    let many: String = (0..10_000).map(|index| format!("c{index}=v; ")).collect();
    let logins: String = (0..10_000).map(|index| format!("__Host-auth_login_{index}=AAAA; ")).collect();
    for cookies in
        [many, logins, ";".repeat(60_000), "=".repeat(60_000), format!("{SESSION}.1=A; ").repeat(4_000)]
    {
        for target in ["/", "/auth/login", "/auth/callback?state=x&code=y"] {
            let began = Instant::now();
            let page = app.browser().get_with(target, &[("cookie", &cookies)]).await;
            assert!(page.status < 500 && began.elapsed() < Duration::from_secs(2), "{target}");
            assert!(page.set_cookies().len() <= 70, "the answer is bounded: {}", page.set_cookies().len());
        }
    }
}

#[tokio::test]
async fn login_attempt_pasted_as_session_and_the_reverse() {
    let app = App::start().await;
    let mut browser = app.browser();
    let request = browser.begin_login().await;
    let (name, attempt) = browser.login_cookies().remove(0);
    let mut thief = app.browser();
    thief.cookies.insert(SESSION.into(), attempt);
    assert_broken(&mut thief, "an attempt is no session").await;

    let session = app.browser().logged_in(&User::bob()).await.session_cookie();
    let callback = browser.authorize(&User::ada(), &request).await;
    let mut thief = app.browser();
    thief.cookies.insert(name, session);
    assert_eq!(thief.get(&callback).await.status, 400, "a session is no attempt");
    assert_eq!(app.op.token_calls("authorization_code"), 1, "bob's alone");
}

#[tokio::test]
async fn session_under_a_key_that_was_dropped() {
    let op = provider(|builder| builder).await;
    let old = App::with_keys(&op, KEY, &[]).await;
    let both = App::with_keys(&op, OTHER_KEY, &[KEY]).await;
    let new = App::with_keys(&op, OTHER_KEY, &[]).await;
    let browser = old.browser().logged_in(&User::ada()).await;

    assert_broken(&mut browser.at(&new), "dropped at once").await;
    let mut rolling = browser.at(&both);
    let page = rolling.get("/").await;
    assert_eq!(page.body, "local|ada");
    assert!(page.begins_session(), "it is sealed with the new key");
    assert_eq!(rolling.at(&new).who().await, "local|ada", "nobody was logged out");
    assert_broken(&mut rolling.at(&old), "the old key does not open it").await;
}

#[tokio::test]
async fn session_of_another_application_or_provider() {
    let app = App::start().await;
    let browser = app.browser().logged_in(&User::ada()).await;
    // Another provider has another ada, and another client other rights.
    let other_provider = App::start().await;
    assert_broken(&mut browser.at(&other_provider), "the issuer is part of the seal").await;
    let other_client = App::of_client(&app.op, "other-client").await;
    assert_broken(&mut browser.at(&other_client), "the client is part of the seal").await;
    let other_audience = App::over(&app.op, |config| config.with_audience(format!("{API}/v2"))).await;
    assert_eq!(browser.at(&other_audience).who().await, "local|ada", "an audience is no reason to log out");
}

#[tokio::test]
async fn session_older_than_its_lifetime() {
    let app = App::with(|config| {
        config
            .with_session_inactivity(Duration::from_secs(1_000))
            .with_session_lifetime(Duration::from_secs(3_000))
            .with_session_roll_after(Duration::from_secs(100))
    })
    .await;
    let kept = app.browser().logged_in(&User::ada()).await;
    let mut used = kept.clone();
    for _ in 0..2 {
        app.pass(Duration::from_secs(999));
        assert_eq!(used.who().await, "local|ada", "used, it rolls");
    }
    // The browser ignores Max-Age: the end is inside the seal.
    assert_broken(&mut kept.clone(), "the first cookie is idle for too long").await;
    app.pass(Duration::from_secs(999));
    let page = used.get("/").await;
    assert_eq!(page.body, "local|ada");
    assert!(
        page.set_cookies()[0].contains("Max-Age=3;"),
        "no longer than the whole: {:?}",
        page.set_cookies()
    );
    app.pass(Duration::from_secs(3));
    assert_broken(&mut used, "however much it was used").await;
}

#[tokio::test]
async fn session_id_kept_over_a_login() {
    let (app, store) = App::with_store().await;
    let mut browser = app.browser().logged_in(&User::bob()).await;
    let planted = browser.session_cookie();
    assert!(browser.log_in(&User::ada()).await.begins_session());
    assert_ne!(planted, browser.session_cookie());
    assert_eq!(store.len(), 2, "a record of its own");
    let mut attacker = app.browser();
    attacker.cookies.insert(SESSION.into(), planted);
    assert_eq!(attacker.who().await, "local|bob", "whoever planted it is not ada");
}

#[tokio::test]
async fn session_made_cacheable_by_the_handler() {
    let app = App::start().await;
    let mut browser = app.browser().logged_in(&User::ada()).await;
    let page = browser.get("/careless").await;
    assert_eq!(page.set_cookies(), ["theme=dark; Path=/"], "within the roll threshold nothing is written");
    app.pass(Duration::from_secs(700));
    let page = browser.get("/careless").await;
    assert!(page.begins_session());
    assert!(page.set_cookies().contains(&"theme=dark; Path=/"), "the handler's own cookie stays");
    assert_eq!(page.header("cache-control"), "no-store, private");
    assert!(page.header("vary").contains("Cookie"));
    for name in ["cdn-cache-control", "surrogate-control", "expires"] {
        assert!(!page.headers.contains_key(name), "{name} would let a shared cache keep the session");
    }
}

#[tokio::test]
async fn bearer_beside_no_session() {
    let app = App::start().await;
    let token = app.browser().logged_in(&User::ada()).await.get("/token").await.body;
    for value in ["Bearer x", "Bearer ", "Bearer", "Basic c2hvcDpzaG9w", &format!("Bearer {token}")] {
        let page = app.browser().get_with("/me", &[("authorization", value)]).await;
        assert_eq!((page.status, page.header("www-authenticate")), (401, "Bearer"), "{value}");
    }
}

#[tokio::test]
async fn handler_outside_the_layer() {
    let bare = axum::Router::new().route("/me", axum::routing::get(async |_: auth_layer::Session| "in"));
    let request = http::Request::get("/me").body(axum::body::Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(bare, request).await.unwrap();
    assert_eq!(answer.status(), 500, "never open");
}

#[tokio::test]
async fn session_under_another_cookie_name() {
    let app = App::start().await;
    let value = app.browser().logged_in(&User::ada()).await.session_cookie();
    let other = App::over(&app.op, |config| config.with_session_cookie_name("__Host-other")).await;
    let mut browser = other.browser();
    browser.cookies.insert("__Host-other".into(), value);
    assert_eq!(browser.who().await, "nobody", "the name is part of the seal");
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn stale_cookie_in_a_redirect_loop() {
    let app = App::start().await;
    let mut browser = app.browser();
    for part in ["", ".1", ".2", ".3"] {
        browser.cookies.insert(format!("{SESSION}{part}"), "stale".into());
    }
    let page = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let login = browser.get_with("/me", &page).await.location().to_owned();
    assert!(browser.cookies.is_empty(), "the stale cookies are cleared with the redirect");
    let request = browser.get(&login).await.location().to_owned();
    let callback = browser.authorize(&User::ada(), &request).await;
    assert_eq!(browser.get(&callback).await.location(), "https://shop.example/me");
    assert_eq!(browser.get_with("/me", &page).await.body, "local|ada", "one login, no loop");
}

#[test]
fn cookie_name_that_breaks_its_promise() {
    for (name, base_url, good) in [
        ("__Host-sid", "https://shop.example", true),
        ("sid", "http://localhost:3000", true),
        ("__Host-sid", "http://localhost:3000", false),
        ("__Secure-sid", "http://localhost:3000", false),
        ("sid; Domain=shop.example", "https://shop.example", false),
        ("sid=x", "https://shop.example", false),
        ("si\r\nd", "https://shop.example", false),
    ] {
        let config = auth_layer::AuthConfig::builder("https://op.example", "shop", base_url);
        let built = config.add_session_key(KEY).with_session_cookie_name(name).build();
        assert_eq!(built.is_ok(), good, "{name} at {base_url}");
    }
}
