//! What to do about a wanted access token: a pure function of the set, the want and the time.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::token::{AccessToken, IssuedToken, TokenSet};

/// The access token that a caller asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) audience: Option<Audience>,
    pub(crate) refresh: Refresh,
}

/// When to refresh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// When the token is expired or about to be.
    #[default]
    WhenNeeded,
    /// Now, whatever the token's age.
    Always,
    /// When the token is expired or about to be, or is this one, which a resource server refused.
    ///
    /// Whoever brings another token serves this want, forced or not: of many requests that were refused
    /// with one token, one spends the refresh token.
    InsteadOf(Refused),
}

/// A token that a resource server refused.
#[derive(Clone, Debug)]
pub(crate) struct Refused(Arc<IssuedToken>);

impl Refused {
    /// None for a token that no session holds.
    pub(crate) fn of<P>(token: &AccessToken<P>) -> Option<Self> {
        token.as_issued().map(Self::new)
    }

    pub(super) fn new(token: &Arc<IssuedToken>) -> Self {
        Self(Arc::clone(token))
    }

    fn is(&self, token: &IssuedToken) -> bool {
        // Deliberately by value: a cookie that comes again is opened again.
        self.0.value.ct_eq(token.value.as_bytes())
    }
}

impl PartialEq for Refused {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Refused {}

/// What to do.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Hand out this token; nothing else is done.
    Serve(Arc<IssuedToken>),
    /// Refresh; a token that still lives may be handed out meanwhile.
    Refresh { meanwhile: Option<Arc<IssuedToken>> },
    /// The session is over: its token expired, and there is no refresh token.
    Expired,
    /// The session lives, and there is no refresh token to get this token with.
    NoRefreshToken,
}

pub(crate) fn decide(set: &TokenSet, wanted: &Wanted, now: Timestamp, buffer: Duration) -> Decision {
    let living = set.find(wanted.audience.as_ref()).filter(|token| token.is_living(now));
    let can_refresh = set.refresh_token.is_some();
    // A session lives as long as its token for the configured audience does: that the login brought
    // no refresh token is no reason to log in again, which would bring none either.
    let lives = set.find(None).is_some_and(|token| token.is_living(now));
    let impossible = if lives { Decision::NoRefreshToken } else { Decision::Expired };
    let usable = match &wanted.refresh {
        Refresh::WhenNeeded => living,
        Refresh::Always => None,
        Refresh::InsteadOf(refused) => living.filter(|token| !refused.is(token)),
    };
    match usable {
        Some(token) => {
            let fresh = token.expires_at.since(now) > token.buffer(buffer);
            if fresh || !can_refresh {
                Decision::Serve(Arc::clone(token))
            } else {
                Decision::Refresh { meanwhile: Some(Arc::clone(token)) }
            }
        }
        None if can_refresh => Decision::Refresh { meanwhile: None },
        None => impossible,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::scope::ScopeSet;
    use crate::secret::SecretText;

    fn outcome(now: u64, refresh_token: bool, refresh: Refresh) -> &'static str {
        let token = IssuedToken {
            value: SecretText::from("at"),
            audience: None,
            granted: ScopeSet::default(),
            issued_at: Timestamp::from_unix_seconds(0),
            expires_at: Timestamp::from_unix_seconds(600),
        };
        let set = TokenSet {
            refresh_token: refresh_token.then(|| SecretText::from("rt")),
            access_tokens: vec![Arc::new(token)],
            ..TokenSet::default()
        };
        let wanted = Wanted { refresh, ..Wanted::default() };
        match decide(&set, &wanted, Timestamp::from_unix_seconds(now), Duration::from_secs(60)) {
            Decision::Serve(_) => "serve",
            Decision::Refresh { meanwhile: Some(_) } => "refresh, serve meanwhile",
            Decision::Refresh { meanwhile: None } => "refresh",
            Decision::Expired => "log in",
            Decision::NoRefreshToken => "no refresh token",
        }
    }

    #[test]
    fn a_token_is_served_until_the_buffer_and_refreshed_after() {
        use Refresh::{Always, WhenNeeded};
        for (now, refresh_token, refresh, expected) in [
            (539, true, WhenNeeded, "serve"),
            (540, true, WhenNeeded, "refresh, serve meanwhile"),
            (599, true, WhenNeeded, "refresh, serve meanwhile"),
            (600, true, WhenNeeded, "refresh"),
            (599, false, WhenNeeded, "serve"),
            (600, false, WhenNeeded, "log in"),
            (0, true, Always, "refresh"),
            (0, false, Always, "no refresh token"),
            (600, false, Always, "log in"),
        ] {
            assert_eq!(outcome(now, refresh_token, refresh), expected, "at {now} s");
        }
    }

    #[test]
    fn a_refused_token_is_not_served_and_any_other_is() {
        let token = |value: &str| {
            Arc::new(IssuedToken {
                value: SecretText::from(value),
                audience: None,
                granted: ScopeSet::default(),
                issued_at: Timestamp::default(),
                expires_at: Timestamp::from_unix_seconds(600),
            })
        };
        let decide = |refused: &str, refresh_token: Option<SecretText>| {
            let wanted =
                Wanted { refresh: Refresh::InsteadOf(Refused::new(&token(refused))), ..Wanted::default() };
            let set = TokenSet { refresh_token, access_tokens: vec![token("held")], ..TokenSet::default() };
            decide(&set, &wanted, Timestamp::default(), Duration::ZERO)
        };
        let refresh_token = || Some(SecretText::from("rt"));
        assert!(matches!(decide("held", refresh_token()), Decision::Refresh { meanwhile: None }));
        assert!(matches!(decide("held", None), Decision::NoRefreshToken));
        assert!(matches!(decide("older", refresh_token()), Decision::Serve(_)));
        assert!(matches!(decide("older", None), Decision::Serve(_)));
    }

    #[test]
    fn a_token_of_another_audience_is_never_served_and_ends_no_session_that_lives() {
        let held = |audience: Option<&str>| {
            Arc::new(IssuedToken {
                value: SecretText::from("at"),
                audience: audience.map(Audience::from),
                granted: ScopeSet::default(),
                issued_at: Timestamp::default(),
                expires_at: Timestamp::from_unix_seconds(600),
            })
        };
        let wanted = Wanted { audience: Some(Audience::from("b")), ..Wanted::default() };
        let decide = |token| {
            let set = TokenSet { access_tokens: vec![token], ..TokenSet::default() };
            decide(&set, &wanted, Timestamp::default(), Duration::ZERO)
        };
        assert!(matches!(decide(held(Some("a"))), Decision::Expired));
        assert!(matches!(decide(held(None)), Decision::NoRefreshToken));
    }
}
