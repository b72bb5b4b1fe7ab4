//! Whether a proof is for the URI of a request (RFC 9449 §4.3, check 9).
//!
//! # Rules
//! 1. Scheme, host, port and path are equal after normalisation by syntax and by scheme (RFC 3986
//!    §6.2.2, §6.2.3): case, percent-encoding, dot segments, default port, empty path.
//! 2. Query and fragment are ignored.
//! 3. What is no URI, but mended to one by browsers (spaces, backslashes, a slash too few), is refused,
//!    and so is one that names a user.

use url::Url;

/// Returns whether `htu` is the URI of the request.
pub(crate) fn is_target(htu: &str, target: &Url) -> bool {
    // Deliberately before the parser, which drops tabs, turns backslashes and invents slashes.
    let Some((scheme, rest)) = htu.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_whole = scheme.eq_ignore_ascii_case(target.scheme())
        && !authority.is_empty()
        && !authority.contains('@')
        && htu.bytes().all(is_kept);
    let Some(uri) = is_whole.then(|| Url::parse(htu).ok()).flatten() else { return false };
    uri.host() == target.host()
        && uri.port_or_known_default() == target.port_or_known_default()
        && normalized(uri.path()).eq(normalized(target.path()))
}

/// A character that no parser drops or turns into another; those that RFC 3986 §2 does not know are
/// in paths that browsers send.
fn is_kept(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'\\'
}

/// The bytes of a path, in which a percent-encoding is in upper case, and gone where it need not be
/// (RFC 3986 §6.2.2.1, §6.2.2.2).
fn normalized(path: &str) -> impl Iterator<Item = u8> {
    let mut rest = path.as_bytes();
    let mut encoded = [0; 2].into_iter().take(0);
    std::iter::from_fn(move || {
        if let Some(digit) = encoded.next() {
            return Some(digit);
        }
        let (first, after) = rest.split_first()?;
        rest = after;
        let &[high, low, ref after_digits @ ..] = after else { return Some(*first) };
        let (b'%', Some(byte)) = (*first, hexadecimal(high, low)) else { return Some(*first) };
        rest = after_digits;
        if is_unreserved(byte) {
            return Some(byte);
        }
        encoded = [high.to_ascii_uppercase(), low.to_ascii_uppercase()].into_iter().take(2);
        Some(b'%')
    })
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_uri_in_another_writing_is_the_same() {
        for (htu, target) in [
            ("https://api.example/orders", "https://api.example/orders"),
            ("HTTPS://API.Example:443/orders", "https://api.example/orders"),
            ("https://api.example", "https://api.example/"),
            ("https://api.example/orders?page=2#top", "https://api.example/orders?page=1"),
            ("https://api.example/orders?", "https://api.example/orders"),
            ("https://api.example/a/./b/../orders", "https://api.example/a/orders"),
            ("https://api.example/%6frders/%7eada", "https://api.example/orders/~ada"),
            ("https://api.example/a%2fb%c3%a9", "https://api.example/a%2Fb%C3%A9"),
            ("https://api.example/a%2fb", "https://api.example/a%2fb"),
            ("http://localhost:8080/a", "http://localhost:8080/a"),
            ("http://localhost:80/a", "http://localhost/a"),
            ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
            ("https://api.example/a|b{c}", "https://api.example/a|b%7Bc%7D"),
        ] {
            assert!(is_target(htu, &Url::parse(target).unwrap()), "{htu} is {target}");
        }
    }

    #[test]
    fn another_uri_is_another() {
        for (htu, target) in [
            ("http://api.example/orders", "https://api.example/orders"),
            ("https://api.example:8443/orders", "https://api.example/orders"),
            ("https://api.example.evil.example/orders", "https://api.example/orders"),
            ("https://evil.example/orders", "https://api.example/orders"),
            ("https://api.example/orders/", "https://api.example/orders"),
            ("https://api.example/Orders", "https://api.example/orders"),
            ("https://api.example/a/b", "https://api.example/a%2Fb"),
            ("https://api.example/orders%00", "https://api.example/orders"),
            ("https://api.example/orders%", "https://api.example/orders"),
            ("https://api.example/orders%2", "https://api.example/orders%25"),
            ("https://api.example/", "https://api.example/orders"),
            ("https://api.example/orders;v=1", "https://api.example/orders"),
            ("https://api.example/?/orders", "https://api.example/orders"),
        ] {
            assert!(!is_target(htu, &Url::parse(target).unwrap()), "{htu} is not {target}");
        }
    }

    #[test]
    fn what_is_mended_by_browsers_or_names_a_user_is_refused() {
        let target = Url::parse("https://api.example/orders").unwrap();
        for htu in [
            "",
            "/orders",
            "//api.example/orders",
            "https:api.example/orders",
            "https:/api.example/orders",
            "https:///api.example/orders",
            "https:/api.example/orders?x://y",
            "https:\\\\api.example\\orders",
            "https://api.example\\orders",
            " https://api.example/orders",
            "https://api.example/orders ",
            "https://api.example/or\tders",
            "https://api.example/or\nders",
            "https://api.example/orders\u{0}",
            "https://user@api.example/orders",
            "https://user:pass@api.example/orders",
            "https://:@api.example/orders",
            "https://api\u{3002}example/orders",
            "https://api.example/orders\u{e9}",
        ] {
            assert!(!is_target(htu, &target), "{htu:?}");
        }
    }

    proptest! {
        #[test]
        fn a_uri_is_itself_whatever_its_path(path in "(/[ -~]{0,12}){0,4}", any: String) {
            let _ = is_target(&any, &Url::parse("https://api.example/").unwrap());
            let target = Url::parse(&format!("https://api.example{path}")).unwrap();
            let is_whole = target.as_str().bytes().all(is_kept);
            prop_assert_eq!(is_target(target.as_str(), &target), is_whole, "{}", target);
        }
    }
}
