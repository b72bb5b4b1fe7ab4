//! What one refresh token brought: the tokens of a session, by audience (RFC 6749 §5.1, §6).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use http::HeaderValue;

use crate::clock::Timestamp;
use crate::identifier::{Audience, ClientId, Issuer};
use crate::scope::ScopeSet;
use crate::secret::SecretText;

/// An access token as the token endpoint issued it.
#[derive(Debug)]
pub(crate) struct IssuedToken {
    pub(crate) value: SecretText,
    pub(crate) audience: Option<Audience>,
    pub(crate) granted: ScopeSet,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl IssuedToken {
    /// Whether the token can still be sent, with nothing spared for the way.
    pub(crate) fn is_living(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether it was issued in the future: the clock was set back, or an instance's is ahead, and nobody here
    /// knows how old the token is.
    pub(crate) fn is_from_the_future(&self, now: Timestamp) -> bool {
        now.plus(CLOCKS_DIFFER) < self.issued_at
    }

    /// Fills in what an answer may leave out (RFC 6749 §5.1): `scope` absent is as it was asked or
    /// granted before, `expires_in` absent is five minutes.
    pub(crate) fn new(
        value: SecretText,
        audience: Option<Audience>,
        granted: ScopeSet,
        expires_in: Option<Duration>,
        now: Timestamp,
    ) -> Self {
        let lifetime = expires_in.unwrap_or(ASSUMED_LIFETIME);
        Self { value, audience, granted, issued_at: now, expires_at: now.plus(lifetime) }
    }

    /// The value of an `Authorization` header, marked sensitive (RFC 6750 §2.1).
    pub(crate) fn authorization(&self) -> HeaderValue {
        // The token was checked to be visible ASCII when it was issued to us.
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.value.expose()))
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }

    /// The buffer before expiry, at most a third of the lifetime: a token of ten seconds is not
    /// refreshed on every request because the buffer is a minute.
    pub(crate) fn buffer(&self, wanted: Duration) -> Duration {
        wanted.min(self.expires_at.since(self.issued_at) / 3)
    }
}

/// The key under which a refresh is shared: a hash of the refresh token, the client and the issuer.
///
/// Deliberately nothing less: keyed by audience and scope, two users who refresh at the same
/// instant would be handed each other's token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RefreshKey(pub(crate) [u8; 32]);

impl RefreshKey {
    pub(crate) fn new(refresh_token: &SecretText, client: &ClientId, issuer: &Issuer) -> Self {
        Self::of([refresh_token.expose(), client.as_str(), issuer.as_str()])
    }

    /// The key of a machine token, which is got under a lease as a refresh is: `parts` name all that tells
    /// two of them apart, and the client's secret.
    pub(crate) fn of_machine_token<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of(["machine token"].into_iter().chain(parts))
    }

    fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            // The length goes first, so that no two splits of the same bytes share a key.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0_u8; 32];
        key.copy_from_slice(context.finish().as_ref());
        Self(key)
    }
}

/// Deliberately without its bytes: what came of the refresh token is sealed with a key that is derived
/// from them.
impl fmt::Debug for RefreshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshKey(..)")
    }
}

/// The tokens of a session, replaced as a whole at each refresh.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenSet {
    /// How many refreshes lie behind it; a set with a higher count is newer.
    pub(crate) generation: u64,
    pub(crate) refresh_token: Option<SecretText>,
    pub(crate) access_tokens: Vec<Arc<IssuedToken>>,
    /// What was granted to the refresh token, for answers that leave `scope` out (RFC 6749 §5.1, §6).
    pub(crate) granted: ScopeSet,
    /// The key of the refresh token that was spent for this set.
    pub(crate) predecessor: Option<RefreshKey>,
}

impl TokenSet {
    pub(crate) fn find(&self, audience: Option<&Audience>) -> Option<&Arc<IssuedToken>> {
        self.access_tokens.iter().find(|token| token.audience.as_ref() == audience)
    }

    /// The set after a refresh: the new token takes the place of its audience's, the others stay
    /// while they live, and a refresh token that was not replaced is kept (RFC 6749 §6).
    pub(crate) fn succeed(
        &self,
        token: Arc<IssuedToken>,
        refresh_token: Option<SecretText>,
        spent: RefreshKey,
        now: Timestamp,
    ) -> Self {
        let others = self
            .access_tokens
            .iter()
            .filter(|held| held.audience != token.audience && held.is_living(now))
            .map(Arc::clone);
        // A narrower scope of the default audience is what the grant has come to.
        let granted = if token.audience.is_none() { token.granted.clone() } else { self.granted.clone() };
        Self {
            generation: self.generation + 1,
            granted,
            refresh_token: refresh_token.or_else(|| self.refresh_token.clone()),
            access_tokens: others.chain([Arc::clone(&token)]).collect(),
            predecessor: Some(spent),
        }
    }

    /// Whether two sets are of one refresh: as many lie behind them, and they have one refresh token.
    pub(crate) fn is_same_grant(&self, other: &Self) -> bool {
        self.generation == other.generation
            && match (&self.refresh_token, &other.refresh_token) {
                (Some(one), Some(other)) => one.ct_eq(other.as_bytes()),
                (None, None) => true,
                _ => false,
            }
    }

    /// This set, with the living tokens of `older` for audiences that it lacks.
    pub(crate) fn adopt(&self, older: &Self, now: Timestamp) -> Self {
        let mut merged = self.clone();
        for token in older.access_tokens.iter().filter(|token| token.is_living(now)) {
            if merged.find(token.audience.as_ref()).is_none() {
                merged.access_tokens.push(Arc::clone(token));
            }
        }
        merged
    }
}

/// Instances of a fleet may differ by this much.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);
const ASSUMED_LIFETIME: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    fn token(audience: &str, expires: u64) -> Arc<IssuedToken> {
        Arc::new(IssuedToken {
            value: SecretText::from(audience),
            audience: Some(Audience::from(audience)),
            granted: ScopeSet::default(),
            issued_at: Timestamp::default(),
            expires_at: Timestamp::from_unix_seconds(expires),
        })
    }

    #[test]
    fn a_refresh_key_tells_where_the_refresh_token_ends() {
        let issuer = Issuer::from("https://op.example");
        let one = RefreshKey::new(&SecretText::from("ab"), &ClientId::from("c"), &issuer);
        let two = RefreshKey::new(&SecretText::from("a"), &ClientId::from("bc"), &issuer);
        assert_ne!(one, two);
    }

    #[test]
    fn the_grant_is_remembered_when_its_token_is_gone() {
        let set = TokenSet {
            access_tokens: vec![token("a", 10)],
            granted: ScopeSet::parse("openid read:products"),
            ..TokenSet::default()
        };
        let now = Timestamp::from_unix_seconds(20);
        let next = set.succeed(token("b", 200), None, RefreshKey([0; 32]), now);
        assert!(next.find(Some(&Audience::from("a"))).is_none());
        assert!(next.granted.contains("read:products"));
    }

    #[test]
    fn a_successor_keeps_the_refresh_token_and_the_living_tokens_of_other_audiences() {
        let set = TokenSet {
            refresh_token: Some(SecretText::from("rt")),
            access_tokens: vec![token("a", 10), token("b", 100), token("dead", 5)],
            ..TokenSet::default()
        };
        let now = Timestamp::from_unix_seconds(20);
        let next = set.succeed(token("a", 200), None, RefreshKey([0; 32]), now);
        assert_eq!(next.generation, 1);
        assert!(next.refresh_token.is_some_and(|kept| kept.ct_eq(b"rt")));
        let audiences: Vec<_> =
            next.access_tokens.iter().filter_map(|token| token.audience.clone()).collect();
        assert_eq!(audiences, [Audience::from("b"), Audience::from("a")]);
    }
}
