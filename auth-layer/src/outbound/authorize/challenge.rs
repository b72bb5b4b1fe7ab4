//! What a resource server says of a token in `WWW-Authenticate` (RFC 9110 §11.6.1, RFC 6750 §3).

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// Whether one of the challenges is of the scheme `Bearer`, with `error="invalid_token"`.
///
/// A value that is not as RFC 9110 has it says nothing.
pub(in crate::outbound) fn refuses_token(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(WWW_AUTHENTICATE).iter();
    values.any(|value| Challenges { rest: value.as_bytes() }.refuse_token().unwrap_or(false))
}

/// The rest of a header's value.
struct Challenges<'a> {
    rest: &'a [u8],
}

/// The value of a parameter.
enum Value<'a> {
    Token(&'a [u8]),
    /// What is between the quotes, escapes and all.
    Quoted(&'a [u8]),
}

impl<'a> Challenges<'a> {
    /// Reads all of the value, since what comes later may be malformed; `None` is malformed.
    fn refuse_token(&mut self) -> Option<bool> {
        let mut refused = false;
        self.skip_separators();
        let mut scheme = self.next_scheme()?;
        while let Some(name) = scheme {
            let (errors, next) = self.challenge()?;
            // A parameter occurs once (§11.2): two that differ are a riddle, and no answer.
            if name.eq_ignore_ascii_case(b"bearer") && errors.count == 1 && errors.is_invalid_token {
                refused = true;
            }
            scheme = next;
        }
        Some(refused)
    }

    /// Reads what follows a scheme, and the scheme of the next challenge if there is one.
    fn challenge(&mut self) -> Option<(Errors, Option<&'a [u8]>)> {
        let mut errors = Errors::default();
        let spaces = self.skip(|byte| byte == b' ' || byte == b'\t');
        if self.rest.is_empty() {
            return Some((errors, None));
        }
        if self.rest[0] == b',' {
            self.skip_separators();
            return Some((errors, self.next_scheme()?));
        }
        if spaces == 0 {
            return None;
        }
        if self.token68() {
            self.separator()?;
            return Some((errors, self.next_scheme()?));
        }
        let mut is_first = true;
        loop {
            let name = self.token()?;
            // After a comma, a token without `=` is no parameter but the next scheme.
            let mut ahead = Challenges { rest: self.rest };
            ahead.skip_blanks();
            if ahead.rest.first() != Some(&b'=') {
                return (!is_first).then_some((errors, Some(name)));
            }
            is_first = false;
            self.rest = &ahead.rest[1..];
            self.skip_blanks();
            let value = self.value()?;
            if name.eq_ignore_ascii_case(b"error") {
                errors.count += 1;
                errors.is_invalid_token = value.is(b"invalid_token");
            }
            self.separator()?;
            if self.rest.is_empty() {
                return Some((errors, None));
            }
        }
    }

    /// The scheme at the beginning, `None` at the end of the value.
    fn next_scheme(&mut self) -> Option<Option<&'a [u8]>> {
        if self.rest.is_empty() { Some(None) } else { self.token().map(Some) }
    }

    /// Reads a token68 that is all there is of a challenge; nothing where it is something else.
    fn token68(&mut self) -> bool {
        let mut ahead = Challenges { rest: self.rest };
        let length = ahead.skip(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        let padding = ahead.skip(|byte| byte == b'=');
        ahead.skip_blanks();
        let is_alone = length > 0 && ahead.rest.first().is_none_or(|byte| *byte == b',');
        // A word alone after a scheme and a space is a token68 whatever it looks like.
        if is_alone {
            self.skip(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
            self.rest = &self.rest[padding..];
        }
        is_alone
    }

    fn token(&mut self) -> Option<&'a [u8]> {
        let from = self.rest;
        let length = self.skip(is_token);
        (length > 0).then(|| &from[..length])
    }

    fn value(&mut self) -> Option<Value<'a>> {
        if self.rest.first() != Some(&b'"') {
            return self.token().map(Value::Token);
        }
        let from = &self.rest[1..];
        let mut at = 0;
        loop {
            match from.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.rest = &from[at + 1..];
        Some(Value::Quoted(&from[..at]))
    }

    /// What is between two elements of a list, or its end.
    fn separator(&mut self) -> Option<()> {
        self.skip_blanks();
        if !self.rest.is_empty() && self.rest[0] != b',' {
            return None;
        }
        self.skip_separators();
        Some(())
    }

    /// Commas and what is around them: an element of a list may be empty (§5.6.1.2).
    fn skip_separators(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b','));
    }

    fn skip_blanks(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
    }

    fn skip(&mut self, belongs: impl Fn(u8) -> bool) -> usize {
        let length = self.rest.iter().position(|byte| !belongs(*byte)).unwrap_or(self.rest.len());
        self.rest = &self.rest[length..];
        length
    }
}

#[derive(Debug, Default)]
struct Errors {
    count: usize,
    is_invalid_token: bool,
}

impl Value<'_> {
    fn is(&self, expected: &[u8]) -> bool {
        match self {
            Self::Token(token) => *token == expected,
            Self::Quoted(quoted) => {
                let mut bytes = quoted.iter();
                let unescaped = std::iter::from_fn(|| match bytes.next()? {
                    b'\\' => bytes.next(),
                    byte => Some(byte),
                });
                unescaped.eq(expected)
            }
        }
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn refused(values: &[&[u8]]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(value).unwrap());
        }
        refuses_token(&headers)
    }

    #[test]
    fn a_refused_token_is_told_from_all_else() {
        let cases: &[(&str, bool)] = &[
            (r#"Bearer error="invalid_token""#, true),
            (r"bearer ERROR=invalid_token", true),
            (r#"Bearer realm="a, b", error = "invalid_token" , scope="x""#, true),
            (r#"Bearer error="invalid\_token""#, true),
            (r#"Basic realm="x", Bearer error="invalid_token""#, true),
            (r#"Bearer error="invalid_token", Basic realm="x""#, true),
            (r#"Negotiate a8742==, Bearer error="invalid_token""#, true),
            (r#"Negotiate, Bearer error="invalid_token""#, true),
            (r#", ,Bearer error="invalid_token",,"#, true),
            (r#"Bearer, DPoP, Bearer error="invalid_token""#, true),
            ("", false),
            ("Bearer", false),
            (r#"Bearer realm="x""#, false),
            (r#"Bearer error="insufficient_scope""#, false),
            (r#"Bearer error="Invalid_Token""#, false),
            (r#"Bearer error="invalid_token "#, false),
            (r#"Bearer error="invalid_token", oops"#, true),
            (r#"Bearer error="invalid_token" oops"#, false),
            (r#"Bearer error="invalid_token" error="invalid_token""#, false),
            (r#"Bearer error="invalid_token", error="invalid_token""#, false),
            (r#"Bearer error="insufficient_scope", error="invalid_token""#, false),
            (r#"Bearer error_description="error=\"invalid_token\"""#, false),
            (r#"Bearer realm="\", error=invalid_token""#, false),
            (r#"Bearer realm="x\"#, false),
            (r#"Basic error="invalid_token""#, false),
            (r#"DPoP error="invalid_token""#, false),
            (r#"Bearer realm="x", DPoP error="invalid_token""#, false),
            (r#"XBearer error="invalid_token""#, false),
            (r#"Bearer=error="invalid_token""#, false),
            (r#"Bearer Bearer error="invalid_token""#, false),
            (r#"Bearer"error=invalid_token""#, false),
            ("Bearer error=\"invalid_token\u{0}\"", false),
        ];
        for (value, expected) in cases {
            let Ok(_) = HeaderValue::from_bytes(value.as_bytes()) else { continue };
            assert_eq!(refused(&[value.as_bytes()]), *expected, "{value}");
        }
    }

    #[test]
    fn challenges_may_come_in_several_lines_and_a_bad_one_spoils_no_other() {
        assert!(refused(&[b"Basic realm=\"x", b"Bearer error=\"invalid_token\""]));
        assert!(refused(&[b"\xff\xfe", b"Bearer error=\"invalid_token\""]));
        assert!(!refused(&[b"Bearer", b"error=\"invalid_token\""]));
    }

    proptest! {
        #[test]
        fn no_value_makes_it_panic(value in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                let _ = refused(&[value.as_bytes()]);
            }
        }

        #[test]
        fn what_comes_before_and_after_does_not_hide_it(
            before in "(Basic realm=\"[a-z, =]{0,9}\"|Negotiate [a-z0-9]{1,8}={0,2}|DPoP)",
            after in "(Basic realm=\"[a-z, =]{0,9}\"|Negotiate [a-z0-9]{1,8}={0,2}|DPoP)",
        ) {
            let value = format!("{before}, Bearer error=\"invalid_token\", {after}");
            prop_assert!(refused(&[value.as_bytes()]), "{}", value);
        }
    }
}
