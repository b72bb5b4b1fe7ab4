//! The credentials of a request: one `Authorization` header, `Bearer` or `DPoP` (RFC 6750 §2.1, RFC 9449 §7.1).

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::resource_server::refusal::Refusal;

/// An access token as a request brings it, not judged yet.
#[derive(Clone, Copy)]
pub(crate) struct Credentials<'a> {
    pub(super) presented: Presented,
    /// All that follows the scheme: one token where it is [`one`](Credentials::one).
    pub(super) token: &'a [u8],
}

/// The scheme that a token is presented under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    Bearer,
    Dpop,
}

impl<'a> Credentials<'a> {
    /// Reads the `Authorization` header; none where there is none, or it is of another scheme.
    ///
    /// A token in the query or in a form is not looked for (RFC 9700 §4.3.2).
    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Option<Self>, Refusal> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(first) = values.next() else { return Ok(None) };
        let found = Self::of(first.as_bytes());
        if values.next().is_none() {
            return found.transpose();
        }
        // Which of two would be meant: the proxy in front might have judged the other one.
        let any = headers.get_all(AUTHORIZATION).iter().any(|value| Self::of(value.as_bytes()).is_some());
        if any { Err(Refusal::malformed("there are two Authorization headers")) } else { Ok(None) }
    }

    /// The token, where there is no more than one; what is known needs not be looked at so.
    ///
    /// # Errors
    /// There is more than a token.
    pub(crate) fn one(&self) -> Result<&'a [u8], Refusal> {
        match memchr::memchr3(b' ', b'\t', b',', self.token) {
            None => Ok(self.token),
            Some(_) => Err(Refusal::malformed(MORE)),
        }
    }

    pub(crate) fn is_dpop(&self) -> bool {
        self.presented == Presented::Dpop
    }

    fn of(value: &'a [u8]) -> Option<Result<Self, Refusal>> {
        let value = value.trim_ascii();
        let (presented, rest) = if let Some(rest) = after(value, b"bearer") {
            (Presented::Bearer, rest)
        } else if let Some(rest) = after(value, b"dpop") {
            (Presented::Dpop, rest)
        } else {
            return None;
        };
        let token = rest.trim_ascii();
        if token.is_empty() {
            return Some(Err(Refusal::malformed("the Authorization header holds no token")));
        }
        // Before anything looks at all of it.
        if token.len() > MAX_BYTES {
            return Some(Err(Refusal::invalid_token(
                "the token fails at its Format: it is larger than 16 KiB",
            )));
        }
        if !rest.starts_with(b" ") {
            return Some(Err(Refusal::malformed(MORE)));
        }
        Some(Ok(Self { presented, token }))
    }
}

/// What follows a scheme, whose letters are of either case (RFC 9110 §11.1).
///
/// A scheme goes on for as long as its letters do: what follows with a tab or a colon is no other
/// scheme, which would leave the request to its session, but a malformed token.
fn after<'a>(value: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = value.split_at_checked(scheme.len())?;
    let ends = match rest.first() {
        None | Some(b' ') => true,
        Some(byte) => !byte.is_ascii_alphanumeric() && !b"!#$%&'*+-.^_`|~".contains(byte),
    };
    (ends && start.eq_ignore_ascii_case(scheme)).then_some(rest)
}

const MORE: &str = "the Authorization header holds more than a token";
const MAX_BYTES: usize = 16 * 1024;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::resource_server::refusal::RefusalKind;

    type Found = Result<Option<(Presented, &'static [u8])>, RefusalKind>;

    #[test]
    fn a_token_comes_in_one_authorization_header_or_not_at_all() {
        let malformed = Err(RefusalKind::Malformed);
        let cases: &[(&str, &[&[u8]], Found)] = &[
            ("none", &[], Ok(None)),
            ("bearer", &[b"Bearer t"], Ok(Some((Presented::Bearer, b"t")))),
            ("any case", &[b"bEARER t"], Ok(Some((Presented::Bearer, b"t")))),
            ("dpop", &[b"DPoP t"], Ok(Some((Presented::Dpop, b"t")))),
            ("more spaces", &[b"Bearer   t"], Ok(Some((Presented::Bearer, b"t")))),
            ("spaces around it", &[b" Bearer t "], Ok(Some((Presented::Bearer, b"t")))),
            ("another scheme", &[b"Basic dTpw"], Ok(None)),
            ("a longer scheme", &[b"BearerToken t"], Ok(None)),
            ("a longer scheme with a mark", &[b"Bearer-Token t"], Ok(None)),
            ("a tab", &[b"Bearer\tt"], malformed),
            ("a colon", &[b"Bearer: t"], malformed),
            ("a tab in it", &[b"Bearer t\tu"], malformed),
            ("no token", &[b"Bearer"], malformed),
            ("an empty token", &[b"Bearer  "], malformed),
            ("two tokens", &[b"Bearer t u"], malformed),
            ("two credentials", &[b"Bearer t, Bearer u"], malformed),
            ("two headers", &[b"Bearer t", b"Bearer t"], malformed),
            ("one of two", &[b"Basic dTpw", b"Bearer t"], malformed),
            ("two of another scheme", &[b"Basic dTpw", b"Basic dTpw"], Ok(None)),
            ("bytes", &[b"Bearer \xff\xfe"], Ok(Some((Presented::Bearer, b"\xff\xfe")))),
        ];
        for (name, values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(AUTHORIZATION, http::HeaderValue::from_bytes(value).unwrap());
            }
            let found = Credentials::read(&headers)
                .and_then(|found| found.map(|found| Ok((found.presented, found.one()?))).transpose())
                .map_err(|refusal| refusal.kind());
            assert_eq!(found, *expected, "{name}");
        }
    }
}
