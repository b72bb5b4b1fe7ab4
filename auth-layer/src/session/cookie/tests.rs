//! Cookies, as browsers and attackers send them.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn cookie() -> SessionCookie {
    SessionCookie { name: "__Host-auth_session".into(), attributes: attributes(true, SameSite::Lax) }
}

/// What a browser would send back after these Set-Cookie headers.
fn returned(set_cookies: &[HeaderValue]) -> HeaderMap {
    let pairs = set_cookies.iter().filter_map(|header| {
        let text = header.to_str().unwrap();
        (!text.contains("Max-Age=0")).then(|| text.split(';').next().unwrap().to_owned())
    });
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, pairs.collect::<Vec<_>>().join("; ").parse().unwrap());
    headers
}

#[test]
fn a_value_of_any_size_comes_back_from_cookies_under_4_093_bytes() {
    for (bytes, cookies) in [(10, 1), (2_900, 1), (3_100, 2), (8_000, 3), (11_800, 4)] {
        let value = vec![7_u8; bytes];
        let written = cookie().write(&value, Duration::from_secs(60), &Carried::default()).unwrap();
        assert_eq!(written.len(), cookies, "{bytes} bytes");
        assert!(written.iter().all(|header| header.len() <= MAX_COOKIE_BYTES));
        assert_eq!(cookie().read(&returned(&written)).0, Found::Sealed(value), "{bytes} bytes");
    }
    assert_eq!(cookie().write(&[7; 20_000], Duration::ZERO, &Carried::default()), Err(TooLarge));
}

#[test]
fn a_session_that_shrinks_deletes_what_is_left_over() {
    let large = cookie().write(&[7; 8_000], Duration::from_secs(60), &Carried::default()).unwrap();
    let carried = cookie().read(&returned(&large)).1;
    let small = cookie().write(&[7; 10], Duration::from_secs(60), &carried).unwrap();
    let deleted: Vec<_> =
        small.iter().filter(|header| header.to_str().unwrap().contains("=; Max-Age=0")).collect();
    assert_eq!(deleted.len(), 2);
    assert_eq!(cookie().clear(&carried).len(), 3);
}

#[test]
fn broken_cookies_are_no_session() {
    let cases = [
        ("no cookie of ours", "a=b; __Host-auth_sessions=x", Found::Absent),
        ("not base64", "__Host-auth_session=***", Found::Broken),
        ("a part is missing", "__Host-auth_session=3.AAAA; __Host-auth_session.1=AAAA", Found::Broken),
        ("the first part is missing", "__Host-auth_session.1=AAAA", Found::Broken),
        ("99999999 parts", "__Host-auth_session=99999999.AAAA", Found::Broken),
        ("padding", "__Host-auth_session=AA==", Found::Broken),
        ("bits to spare", "__Host-auth_session=AB", Found::Broken),
    ];
    for (name, header, expected) in cases {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, header.parse().unwrap());
        assert_eq!(cookie().read(&headers).0, expected, "{name}");
    }
}

#[test]
fn a_megabyte_is_broken_and_the_ten_thousandth_cookie_is_not_read() {
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, format!("__Host-auth_session={}", "A".repeat(1_000_000)).parse().unwrap());
    assert!(matches!(cookie().read(&headers).0, Found::Sealed(cut) if cut.len() < MAX_HEADER_BYTES));
    assert_eq!(cookie().clear(&cookie().read(&headers).1).len(), 1);
    let many = (0..10_000).map(|index| format!("c{index}=v")).collect::<Vec<_>>().join(";");
    headers.insert(COOKIE, format!("{many}; __Host-auth_session=AAAA").parse().unwrap());
    assert_eq!(cookie().read(&headers).0, Found::Absent);
}

proptest! {
    #[test]
    fn no_cookie_header_panics(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            headers.insert(COOKIE, value);
        }
        let carried = cookie().read(&headers).1;
        let _ = cookie().read(&headers);
        let _ = cookie().clear(&carried);
    }

    #[test]
    fn near_cookies_do_not_panic(text in "(__Host-auth_session(\\.[0-9])?=[0-9]?\\.?[A-Za-z0-9_=-]{0,20}; ?){0,6}") {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, text.parse().unwrap());
        let _ = cookie().read(&headers);
    }
}
