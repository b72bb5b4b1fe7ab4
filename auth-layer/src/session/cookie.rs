//! Cookies: a sealed value cut into as many as it needs, and put together again (RFC 6265bis).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use memchr::{memchr, memchr_iter};

use crate::config::{SameSite, SessionPolicy};

/// The cookies that carry a session.
///
/// A value that fits goes into the cookie `name`; a longer one is `n.` and the first part in `name`,
/// the other parts in `name.1` to `name.3`.
#[derive(Clone, Debug)]
pub(crate) struct SessionCookie {
    name: String,
    attributes: String,
}

/// Which of the session's cookies a request brought: a bit for each part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried(u8);

/// What a request brought.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Absent,
    /// Something under our name that is no sealed value.
    Broken,
    Sealed(Vec<u8>),
}

/// The value needs more than four cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session does not fit into {MAX_PARTS} cookies")]
pub(crate) struct TooLarge;

impl SessionCookie {
    pub(crate) fn new(policy: &SessionPolicy, secure: bool) -> Self {
        Self { name: policy.cookie_name.clone(), attributes: attributes(secure, policy.same_site) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What a request brought, and in which of our cookies.
    pub(crate) fn read(&self, headers: &HeaderMap) -> (Found, Carried) {
        let parts = self.parts(headers);
        let carried = Carried(
            parts.iter().enumerate().fold(0, |bits, (index, part)| bits | u8::from(part.is_some()) << index),
        );
        let [Some(first), rest @ ..] = parts else {
            return (if carried.is_none() { Found::Absent } else { Found::Broken }, carried);
        };
        let sealed = match first {
            // `.` is no character of base64url: the two forms cannot be confused.
            [count @ b'2'..=b'4', b'.', first @ ..] => {
                join(first, &rest[..usize::from(count - b'1')]).and_then(|joined| decode(&joined))
            }
            _ => decode(first),
        };
        (sealed.map_or(Found::Broken, Found::Sealed), carried)
    }

    /// The Set-Cookie headers for `sealed`, with deletions of the parts that are not used any more.
    pub(crate) fn write(
        &self,
        sealed: &[u8],
        max_age: Duration,
        carried: &Carried,
    ) -> Result<Vec<HeaderValue>, TooLarge> {
        let value = URL_SAFE_NO_PAD.encode(sealed);
        let tail = format!("; Max-Age={}{}", max_age.as_secs(), self.attributes);
        // `=`, and the `.3` of the longest part's name or the `4.` before the first part.
        let room = MAX_COOKIE_BYTES.saturating_sub(self.name.len() + tail.len() + 5);
        if room == 0 || value.len() > room * MAX_PARTS {
            return Err(TooLarge);
        }
        // base64url is ASCII: every byte is a character.
        let parts: Vec<&str> =
            (0..value.len()).step_by(room).map(|at| &value[at..value.len().min(at + room)]).collect();
        let mut headers = Vec::with_capacity(MAX_PARTS);
        for (index, part) in parts.iter().enumerate() {
            let name = self.part_name(index);
            let count =
                if index == 0 && parts.len() > 1 { format!("{}.", parts.len()) } else { String::new() };
            headers.extend(sensitive(format!("{name}={count}{part}{tail}")));
        }
        headers.extend(
            (parts.len()..MAX_PARTS)
                .filter(|index| carried.has(*index))
                .filter_map(|index| self.deletion(index)),
        );
        Ok(headers)
    }

    /// Deletes every part that the request brought.
    pub(crate) fn clear(&self, carried: &Carried) -> Vec<HeaderValue> {
        (0..MAX_PARTS).filter(|index| carried.has(*index)).filter_map(|index| self.deletion(index)).collect()
    }

    fn deletion(&self, index: usize) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("{}=; Max-Age=0{}", self.part_name(index), self.attributes)).ok()
    }

    fn part_name(&self, index: usize) -> String {
        if index == 0 { self.name.clone() } else { format!("{}.{index}", self.name) }
    }

    /// The parts by their number. Of a name that comes twice the first counts: a browser sends the
    /// most specific first, and a spliced value does not open anyway.
    fn parts<'a>(&self, headers: &'a HeaderMap) -> [Option<&'a [u8]>; MAX_PARTS] {
        let mut parts = [None; MAX_PARTS];
        for (name, value) in pairs(headers) {
            let index = match name.strip_prefix(self.name.as_bytes()) {
                Some([]) => 0,
                Some([b'.', digit @ b'1'..=b'3']) => usize::from(digit - b'0'),
                _ => continue,
            };
            parts[index].get_or_insert(value);
        }
        parts
    }
}

impl Carried {
    const fn is_none(self) -> bool {
        self.0 == 0
    }

    const fn has(self, index: usize) -> bool {
        self.0 & (1 << index) != 0
    }
}

/// Deliberately not the decoder used elsewhere: on kilobytes it takes twice as long as the seal.
fn decode(value: &[u8]) -> Option<Vec<u8>> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(value).ok()
}

fn join(first: &[u8], others: &[Option<&[u8]>]) -> Option<Vec<u8>> {
    let mut joined = first.to_vec();
    for part in others {
        joined.extend_from_slice((*part)?);
    }
    Some(joined)
}

/// The cookies of a request: the first 256, in the first 64 KiB of each header.
///
/// They are bytes, since what is no text may be another application's: it hides none of its neighbours.
pub(crate) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers
        .get_all(COOKIE)
        .iter()
        .take(MAX_PAIRS)
        .map(|header| &header.as_bytes()[..header.len().min(MAX_HEADER_BYTES)])
        .flat_map(split)
        .take(MAX_PAIRS)
        .filter_map(|pair| {
            let equals = memchr(b'=', pair)?;
            Some((pair[..equals].trim_ascii(), pair[equals + 1..].trim_ascii()))
        })
}

fn split(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr_iter(b';', header).chain([header.len()]);
    let mut start = 0;
    ends.map(move |end| &header[std::mem::replace(&mut start, end + 1)..end])
}

/// A Set-Cookie header that `Debug` does not show, in a request log as little as elsewhere.
pub(crate) fn sensitive(line: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(line).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Attributes that every cookie of ours has.
pub(crate) fn attributes(secure: bool, same_site: SameSite) -> String {
    let site = match same_site {
        SameSite::Lax => "Lax",
        SameSite::Strict => "Strict",
    };
    let secure = if secure { "; Secure" } else { "" };
    format!("; Path=/; HttpOnly{secure}; SameSite={site}")
}

const MAX_PARTS: usize = 4;
const MAX_COOKIE_BYTES: usize = 4_093;
const MAX_HEADER_BYTES: usize = 64 * 1_024;
const MAX_PAIRS: usize = 256;

#[cfg(test)]
mod tests;
