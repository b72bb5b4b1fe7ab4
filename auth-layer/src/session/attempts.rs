//! The cookies of logins under way: one each, bounded all together.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderValue};

use crate::clock::Timestamp;
use crate::config::{LoginPolicy, SameSite};
use crate::session::cookie::{attributes, pairs, sensitive};
use crate::session::login_attempt::LoginAttempt;
use crate::session::seal::{KeyRing, Purpose};

/// Writes and finds the cookies of logins.
///
/// Nothing is kept on this side: a million logins that are begun and abandoned cost no memory.
#[derive(Debug)]
pub(crate) struct Attempts {
    prefix: String,
    attributes: String,
    lifetime: Duration,
    max_bytes: usize,
    ring: Arc<KeyRing>,
}

impl Attempts {
    /// `session` is the name of the session's cookie: two applications that share a host have two
    /// such names, and neither deletes what the other's visitors have begun.
    pub(crate) fn new(policy: &LoginPolicy, ring: Arc<KeyRing>, secure: bool, session: &str) -> Self {
        let stem = session.trim_start_matches("__Host-").trim_end_matches("_session");
        let host = if secure { "__Host-" } else { "" };
        Self {
            prefix: format!("{host}{stem}_login_"),
            // Lax, never Strict: the browser comes back from another site.
            attributes: attributes(secure, SameSite::Lax),
            lifetime: policy.attempt_lifetime,
            max_bytes: policy.max_attempt_bytes,
            ring,
        }
    }

    /// The cookie of a new attempt, and the deletions that keep all of them under the cap.
    pub(crate) fn begin(
        &self,
        attempt: &LoginAttempt,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Vec<HeaderValue> {
        let name = self.name(&attempt.state);
        let value = URL_SAFE_NO_PAD.encode(self.ring.seal(&Purpose::new(&name), &attempt.encode()));
        let mut held: Vec<(Timestamp, &str, usize)> = pairs(headers)
            .filter(|(name, _)| name.starts_with(self.prefix.as_bytes()))
            .filter_map(|(name, value)| Some((str::from_utf8(name).ok()?, value)))
            .take(MAX_OPENED)
            // What does not open has no age, and goes first.
            .map(|(name, value)| {
                (
                    self.open(name, value, now).map_or(Timestamp::default(), |open| open.started_at),
                    name,
                    name.len() + value.len(),
                )
            })
            .collect();
        held.sort_unstable();
        let mut bytes = held.iter().map(|(_, _, bytes)| bytes).sum::<usize>() + name.len() + value.len();
        let mut cookies = Vec::new();
        for (started_at, name, size) in held {
            if bytes > self.max_bytes || started_at == Timestamp::default() {
                bytes -= size;
                cookies.extend(self.deletion(name));
            }
        }
        let line = format!("{name}={value}; Max-Age={}{}", self.lifetime.as_secs(), self.attributes);
        cookies.extend(sensitive(line));
        cookies
    }

    /// The attempt that `state` belongs to, if this browser began it and it is not too old.
    pub(crate) fn find(&self, state: &str, headers: &HeaderMap, now: Timestamp) -> Option<LoginAttempt> {
        let name = self.name(state);
        let attempts = pairs(headers).filter(|(found, _)| *found == name.as_bytes());
        attempts
            .take(MAX_OPENED)
            .filter_map(|(_, value)| self.open(&name, value, now))
            // Deliberately not `==`: the state is chosen by whoever sends the callback (RFC 9700 §4.7).
            .find(|attempt| verify_slices_are_equal(attempt.state.as_bytes(), state.as_bytes()).is_ok())
    }

    /// Deletes the cookie of an attempt that was used.
    pub(crate) fn forget(&self, state: &str) -> Option<HeaderValue> {
        self.deletion(&self.name(state))
    }

    fn open(&self, name: &str, value: &[u8], now: Timestamp) -> Option<LoginAttempt> {
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let opened = self.ring.open(&Purpose::new(name), sealed).ok()?;
        LoginAttempt::decode(opened.plaintext())
            .filter(|attempt| now < attempt.started_at.plus(self.lifetime))
    }

    /// The name comes from a hash, so that the state itself is nowhere in clear but in the URL.
    fn name(&self, state: &str) -> String {
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, state.as_bytes()));
        format!("{}{}", self.prefix, &hash[..16])
    }

    fn deletion(&self, name: &str) -> Option<HeaderValue> {
        HeaderValue::try_from(format!("{name}=; Max-Age=0{}", self.attributes)).ok()
    }
}

/// More attempts than this are not looked at: the cap in bytes is reached long before.
const MAX_OPENED: usize = 64;
