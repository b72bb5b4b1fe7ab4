//! What to do about a wanted machine token: pure functions of the token, what went before, and the time.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::one_time::random_number;
use crate::token::IssuedToken;

/// How a token that is held stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It is served, and that is all.
    Fresh,
    /// It is served, and another is got in the background.
    Expiring,
    /// It is served to nobody.
    Expired,
}

/// When a token is to be renewed: somewhat before its end, spread so that not all come at once.
///
/// In the last third of its lifetime at the earliest.
pub(super) fn renewal_of(token: &IssuedToken, before: Duration) -> Timestamp {
    let buffer = token.buffer(before);
    let spread =
        buffer.mul_f64(f64::from(u16::try_from(random_number() % 1_000).unwrap_or_default()) / 4_000.0);
    token.expires_at.minus(buffer.saturating_sub(spread))
}

/// How a token stands that is to be renewed at `renew_at`.
pub(super) fn freshness(token: &IssuedToken, renew_at: Timestamp, now: Timestamp) -> Freshness {
    if now >= token.expires_at {
        Freshness::Expired
    } else if now >= renew_at || token.is_from_the_future(now) {
        Freshness::Expiring
    } else {
        Freshness::Fresh
    }
}

/// How long the provider has not to be asked after so many failures in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) since: Timestamp,
    pub(super) wait: Duration,
    pub(super) attempt: u32,
}

impl Pause {
    /// How much of it is left; nothing where the clock was set back before its beginning.
    pub(super) fn left(&self, now: Timestamp) -> Option<Duration> {
        let end = self.since.plus(self.wait);
        (now >= self.since && now < end).then(|| end.since(now))
    }
}

/// Whether a token that a resource server refused is worth another.
///
/// A server that refuses every token would drain the quota: one that is younger than this is not replaced,
/// and the age doubles with each replacement in a row.
pub(super) fn may_replace(refused: &IssuedToken, in_a_row: u32, now: Timestamp) -> bool {
    let least = YOUNGEST.saturating_mul(1 << in_a_row.min(6)).min(OLDEST);
    // One from the future is of unknown age.
    now.since(refused.issued_at) >= least || refused.is_from_the_future(now)
}

const YOUNGEST: Duration = Duration::from_secs(60);
const OLDEST: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::ScopeSet;
    use crate::secret::SecretText;

    const ISSUED: Timestamp = Timestamp::from_unix_seconds(1_000_000);

    fn token(lifetime: u64) -> IssuedToken {
        let lifetime = Some(Duration::from_secs(lifetime));
        IssuedToken::new(SecretText::from("at"), None, ScopeSet::default(), lifetime, ISSUED)
    }

    fn at(seconds: u64) -> Timestamp {
        ISSUED.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_token_is_renewed_ahead_of_its_end_and_spread() {
        let five_minutes = Duration::from_secs(300);
        let renewals: Vec<_> = (0..100).map(|_| renewal_of(&token(86_400), five_minutes)).collect();
        assert!(renewals.iter().all(|renewal| (at(86_100)..=at(86_175)).contains(renewal)), "{renewals:?}");
        assert!(renewals.iter().any(|renewal| *renewal != renewals[0]), "not all at once");
        let short = renewal_of(&token(60), five_minutes);
        assert!((at(40)..=at(45)).contains(&short), "{short:?}");
        assert_eq!(renewal_of(&token(0), five_minutes), at(0));
    }

    #[test]
    fn a_token_is_fresh_then_expiring_then_expired() {
        let token = token(100);
        let cases = [
            (at(0), Freshness::Fresh),
            (at(79), Freshness::Fresh),
            (at(80), Freshness::Expiring),
            (at(99), Freshness::Expiring),
            (at(100), Freshness::Expired),
            (ISSUED.minus(Duration::from_secs(60)), Freshness::Fresh),
            (ISSUED.minus(Duration::from_secs(61)), Freshness::Expiring),
            (Timestamp::default(), Freshness::Expiring),
            (Timestamp::from_unix_millis(u64::MAX), Freshness::Expired),
        ];
        for (now, expected) in cases {
            assert_eq!(freshness(&token, at(80), now), expected, "{now:?}");
        }
    }

    #[test]
    fn a_pause_ends_and_a_clock_that_was_set_back_ends_it_too() {
        let pause = Pause { since: at(10), wait: Duration::from_secs(5), attempt: 1 };
        let left: Vec<_> = [10, 12, 15, 9].map(|now| pause.left(at(now)).map(|left| left.as_secs())).into();
        assert_eq!(left, [Some(5), Some(3), None, None]);
    }

    #[test]
    fn a_server_that_refuses_every_token_gets_few_of_them() {
        let token = token(86_400);
        let replaced = |in_a_row| (0..4_000).find(|age| may_replace(&token, in_a_row, at(*age)));
        assert_eq!(
            [0, 1, 2, 6, 99].map(replaced),
            [Some(60), Some(120), Some(240), Some(3_600), Some(3_600)]
        );
    }
}
