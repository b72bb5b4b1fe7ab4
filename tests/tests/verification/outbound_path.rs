//! A value of a path that came from outside, and the user's own token goes along.

use auth_layer::outbound::{Call, PathError};
use http::Method;

const TEMPLATE: &str = "/users/{id}/orders";

fn path(value: &str) -> Result<String, PathError> {
    Call::<()>::to("listOrders", Method::GET, TEMPLATE, &[&value]).map(|call| call.path().to_owned())
}

/// As an HTTP client reads it (URL standard), with one decoding as a server does it.
fn segments(path: &str) -> Vec<String> {
    let url = url::Url::parse(&format!("https://api.example{path}")).unwrap();
    assert_eq!((url.host_str(), url.query(), url.fragment()), (Some("api.example"), None, None), "{path}");
    url.path_segments().unwrap().map(str::to_owned).collect()
}

#[test]
fn dot_segments() {
    let step = Err(PathError::Step { template: TEMPLATE });
    for value in [".", "..", "../../admin", "..\\..\\admin", "1/../../admin", "1/.", "./1", "1\\.."] {
        assert_eq!(path(value), step, "{value}");
    }
}

#[test]
fn dot_segments_that_are_encoded() {
    for value in ["%2e%2e", "%2E.", ".%2e", "%2e%2e%2fadmin", "%252e%252e", "\u{ff0e}\u{ff0e}", "\u{2025}"] {
        assert_eq!(segments(&path(value).unwrap()).len(), 3, "{value}");
    }
}

#[test]
fn slashes_and_what_is_taken_for_one() {
    for value in
        ["1/2", "1%2f2", "1\\2", "1%5c2", "//evil.example", "\\\\evil.example", "1\u{2215}2", "1\u{ff0f}2"]
    {
        assert_eq!(segments(&path(value).unwrap()).len(), 3, "{value}");
    }
}

#[test]
fn query_fragment_and_parameters() {
    for value in ["1?admin=true", "1#", "1;role=admin", "1&a=b", "@evil.example", ":80"] {
        let segments = segments(&path(value).unwrap());
        assert_eq!((segments.len(), segments[2].as_str()), (3, "orders"), "{value}");
    }
}

#[test]
fn control_characters_and_splits_of_a_header() {
    for value in ["1\r\nHost: evil.example", "1\n", "1\0", "1\t2", " ", "\u{7f}", "\u{85}"] {
        let path = path(value).unwrap();
        assert!(path.is_ascii() && path.bytes().all(|byte| byte.is_ascii_graphic()), "{path}");
        assert_eq!(segments(&path).len(), 3, "{value}");
    }
}

#[test]
fn an_empty_value_is_another_operation() {
    assert_eq!(path(""), Err(PathError::Empty { template: TEMPLATE }));
}

/// Whatever a value is, the path has the segments of its template, and the value is one of them.
#[test]
fn any_value_is_one_segment() {
    use proptest::prelude::*;
    proptest!(|(value in any::<String>())| {
        if let Ok(path) = path(&value) {
            let found = segments(&path);
            prop_assert_eq!((found.len(), found[0].as_str(), found[2].as_str()), (3, "users", "orders"));
            let query = format!("v={}", found[1]);
            let read = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
            prop_assert_eq!(read.1.into_owned(), value);
        }
    });
}
