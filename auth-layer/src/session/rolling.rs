//! How old a session may grow: a pure function of its record, the time and the policy.

use crate::clock::Timestamp;
use crate::config::SessionPolicy;
use crate::session::record::SessionRecord;

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is written.
    Fresh,
    /// It is noted that the session is in use.
    Roll,
    /// It is over.
    Ended,
}

pub(crate) fn judge(record: &SessionRecord, now: Timestamp, policy: &SessionPolicy) -> Standing {
    let idle = now.since(record.rolled_at);
    // A record from the far future is no record of ours: a clock was set back, or worse.
    let from_the_future = record.created_at > now.plus(policy.absolute);
    // The lifetime of today's policy counts, also for sessions that were sealed under a longer one.
    let absolute_end = record.expires_at.min(record.created_at.plus(policy.absolute));
    if now >= absolute_end || idle >= policy.inactivity || from_the_future {
        Standing::Ended
    } else if idle >= policy.roll_after {
        Standing::Roll
    } else {
        Standing::Fresh
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::SameSite;

    #[test]
    fn a_session_rolls_past_the_threshold_and_ends_at_either_limit() {
        let policy = SessionPolicy {
            cookie_name: "s".into(),
            same_site: SameSite::Lax,
            inactivity: Duration::from_secs(100),
            absolute: Duration::from_secs(990),
            roll_after: Duration::from_secs(20),
        };
        let mut record = crate::session::record::tests::record();
        for (rolled_at, now, expected) in [
            (10, 10, Standing::Fresh),
            (10, 29, Standing::Fresh),
            (10, 30, Standing::Roll),
            (10, 109, Standing::Roll),
            (10, 110, Standing::Ended),
            (950, 999, Standing::Roll),
            (990, 999, Standing::Fresh),
            (990, 1_000, Standing::Ended),
        ] {
            record.rolled_at = Timestamp::from_unix_seconds(rolled_at);
            let standing = judge(&record, Timestamp::from_unix_seconds(now), &policy);
            assert_eq!(standing, expected, "rolled at {rolled_at}, now {now}");
        }
    }
}
