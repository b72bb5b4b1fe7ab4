//! The path of a call: a template of OpenAPI (3.1 §4.8.8) whose places are filled.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Why a call has no path.
///
/// It names the template and never the value, which may have come from anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A place would stay empty, and the path would be another operation's.
    #[error("a value of the path `{template}` is empty: give one")]
    Empty {
        /// The path as the API's definition has it.
        template: &'static str,
    },
    /// A value is `.` or `..`, or has one of them between slashes.
    #[error(
        "a value of the path `{template}` would lead to another path: give one without `.` or `..` as a step"
    )]
    Step {
        /// The path as the API's definition has it.
        template: &'static str,
    },
}

/// Puts the values into their places, in order.
pub(super) fn fill(template: &'static str, values: &[&dyn Display]) -> Result<String, PathError> {
    let mut path = String::with_capacity(template.len());
    let mut rest = template;
    let mut values = values.iter();
    while let Some((fixed, after)) = rest.split_once('{') {
        let (_, after) = after.split_once('}').ok_or(PathError::Empty { template })?;
        let value = values.next().map(ToString::to_string).unwrap_or_default();
        if value.is_empty() {
            return Err(PathError::Empty { template });
        }
        if value.split(['/', '\\']).any(is_step) {
            return Err(PathError::Step { template });
        }
        path.push_str(fixed);
        path.extend(utf8_percent_encode(&value, RESERVED));
        rest = after;
    }
    path.push_str(rest);
    Ok(path)
}

fn is_step(segment: &str) -> bool {
    segment == "." || segment == ".."
}

/// All but what is unreserved (RFC 3986 §2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fills_its_place_and_no_more() {
        let cases = [
            ("17", "/a/17/b"),
            ("a/b", "/a/a%2Fb/b"),
            ("a\\b", "/a/a%5Cb/b"),
            ("?x=1#y", "/a/%3Fx%3D1%23y/b"),
            ("%2e%2e", "/a/%252e%252e/b"),
            ("%2f", "/a/%252f/b"),
            ("a;v=1", "/a/a%3Bv%3D1/b"),
            ("a b\r\nX: y\0", "/a/a%20b%0D%0AX%3A%20y%00/b"),
            ("é", "/a/%C3%A9/b"),
            ("...", "/a/.../b"),
            (".hidden", "/a/.hidden/b"),
            ("{id}", "/a/%7Bid%7D/b"),
            ("@:", "/a/%40%3A/b"),
        ];
        for (value, expected) in cases {
            assert_eq!(fill("/a/{id}/b", &[&value]).as_deref(), Ok(expected), "{value}");
        }
    }

    #[test]
    fn a_value_that_leads_elsewhere_is_refused() {
        let template = "/a/{id}";
        for value in [".", "..", "../admin", "x/..", "x/../y", "..\\admin", "./x", "x/."] {
            assert_eq!(fill(template, &[&value]), Err(PathError::Step { template }), "{value}");
        }
        assert_eq!(fill(template, &[&""]), Err(PathError::Empty { template }));
        assert_eq!(fill(template, &[]), Err(PathError::Empty { template }));
    }

    /// Since no value is a dot, and none is empty.
    #[test]
    fn two_values_in_one_segment_are_no_step_together() {
        let template = "/a/.{one}{other}/b";
        assert_eq!(fill(template, &[&"x", &"y"]).as_deref(), Ok("/a/.xy/b"));
        for values in [[".", "x"], ["x", "."], [".", "."]] {
            let [one, other] = values;
            assert_eq!(fill(template, &[&one, &other]), Err(PathError::Step { template }), "{values:?}");
        }
        assert_eq!(fill(template, &[&"", &"."]), Err(PathError::Empty { template }));
    }

    #[test]
    fn an_error_names_no_value() {
        let error = fill("/a/{id}", &[&"s3cret/.."]).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("/a/{id}") && !error.contains("s3cret")));
    }
}
