//! What an answer says of the quota of machine tokens (`Auth0-Client-Quota-Limit`), read leniently.
//!
//! # Rules
//! 1. `b=per_hour;q=100;r=90;t=3600,b=per_day;..`: buckets at commas, members at semicolons, in any order,
//!    with spaces or quotes around them. A part without `=` is the bucket's name.
//! 2. What cannot be read is left out: a number that is none, a bucket that says nothing.
//! 3. A bucket ends no later than its kind does: an hour, a day, a month; one of another name within a day.
//!
//! # Attacks
//! A header without end or with a `t` of years would keep a service from its tokens: 16 buckets are read,
//! names are cut to 32 of `a-z 0-9 _`.

use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::clock::Timestamp;
use crate::period::Period;

/// What is left of a quota, as the provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) limit: Option<u64>,
    pub(crate) remaining: Option<u64>,
    pub(crate) resets_at: Timestamp,
}

/// The buckets of the client, and of the organization that a token was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QuotaNews {
    pub(crate) client: Vec<Bucket>,
    pub(crate) organization: Vec<Bucket>,
}

impl QuotaNews {
    pub(crate) fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        let buckets = |name: &str| {
            let values = headers.get_all(name).into_iter();
            let texts = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
            texts.take(MAX_BUCKETS).filter_map(|text| Bucket::read(text, now)).collect()
        };
        Self {
            client: buckets("auth0-client-quota-limit"),
            organization: buckets("auth0-organization-quota-limit"),
        }
    }
}

impl Bucket {
    fn read(text: &str, now: Timestamp) -> Option<Self> {
        let (mut name, mut limit, mut remaining, mut seconds) = (None, None, None, None);
        for member in text.split(';').take(MAX_MEMBERS) {
            let plain = |text: &str| text.trim().trim_matches('"').to_ascii_lowercase();
            let number = |text: &str| plain(text).parse::<u64>().ok();
            match member.split_once('=') {
                None if name.is_none() => name = Some(plain(member)),
                None => {}
                Some((key, value)) => match plain(key).as_str() {
                    "b" => name = Some(plain(value)),
                    "q" => limit = number(value),
                    "r" => remaining = number(value),
                    "t" => seconds = number(value),
                    _ => {}
                },
            }
        }
        if limit.is_none() && remaining.is_none() {
            return None;
        }
        let name: String = name
            .unwrap_or_default()
            .chars()
            .filter(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || *char == '_')
            .take(MAX_NAME)
            .collect();
        let period = period_of(&name);
        let longest = period.map_or(DAY, |period| period.ends(now).since(now).max(longest(period)));
        let wait = match (seconds, period) {
            (Some(seconds), _) => Duration::from_secs(seconds).min(longest),
            (None, Some(period)) => period.ends(now).since(now),
            (None, None) => MINUTE,
        };
        Some(Self { name, limit, remaining, resets_at: now.plus(wait) })
    }

    /// The period that the bucket is for, if its name says.
    pub(crate) fn period(&self) -> Option<Period> {
        period_of(&self.name)
    }
}

fn period_of(name: &str) -> Option<Period> {
    match name {
        "per_hour" => Some(Period::Hour),
        "per_day" => Some(Period::Day),
        "per_month" => Some(Period::Month),
        _ => None,
    }
}

const fn longest(period: Period) -> Duration {
    match period {
        Period::Hour => Duration::from_secs(3_600),
        Period::Day => DAY,
        Period::Month => Duration::from_secs(31 * 24 * 3_600),
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3_600);
const MAX_BUCKETS: usize = 16;
const MAX_MEMBERS: usize = 16;
const MAX_NAME: usize = 32;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_764_547_200 + 600); // ten past midnight

    type Seen = (&'static str, Option<u64>, Option<u64>, u64);

    fn read(value: &str) -> Vec<(String, Option<u64>, Option<u64>, u64)> {
        let mut headers = HeaderMap::new();
        headers.insert("auth0-client-quota-limit", value.parse().unwrap());
        let news = QuotaNews::read(&headers, NOW);
        assert_eq!(news.organization, []);
        let seen = |bucket: Bucket| {
            (bucket.name, bucket.limit, bucket.remaining, bucket.resets_at.since(NOW).as_secs())
        };
        news.client.into_iter().map(seen).collect()
    }

    #[test]
    fn headers_are_read_leniently() {
        let cases: &[(&str, &[Seen])] = &[
            (
                "b=per_hour;q=100;r=90;t=3600,b=per_day;q=1000;r=950;t=86400",
                &[("per_hour", Some(100), Some(90), 3_600), ("per_day", Some(1_000), Some(950), 86_400)],
            ),
            ("per_hour;q=100;r=90;t=60", &[("per_hour", Some(100), Some(90), 60)]),
            (" b = \"per_hour\" ; R=0 ; t=\"7\" ", &[("per_hour", None, Some(0), 7)]),
            ("t=5;r=0;q=1;b=per_day", &[("per_day", Some(1), Some(0), 5)]),
            ("q=1;r=0;t=5", &[("", Some(1), Some(0), 5)]),
            // Without a time it is the end of the hour, of the day; of one unknown, a minute.
            ("b=per_hour;r=0", &[("per_hour", None, Some(0), 3_000)]),
            ("b=per_day;r=0", &[("per_day", None, Some(0), 85_800)]),
            ("b=per_fortnight;r=0", &[("per_fortnight", None, Some(0), 60)]),
        ];
        for (value, expected) in cases {
            let expected: Vec<_> =
                expected.iter().map(|(name, q, r, t)| ((*name).to_owned(), *q, *r, *t)).collect();
            assert_eq!(read(value), expected, "{value}");
        }
    }

    #[test]
    fn a_hostile_header_holds_nothing_up_for_longer_than_its_period() {
        let cases = [
            ("b=per_hour;r=0;t=99999999999999", 3_600),
            ("b=per_day;r=0;t=18446744073709551615", 86_400),
            ("b=per_century;r=0;t=3155760000", 86_400),
            ("b=per_hour;r=0;t=-1", 3_000),
            ("b=per_hour;r=0;t=1e9", 3_000),
        ];
        for (value, wait) in cases {
            assert_eq!(read(value).first().map(|seen| seen.3), Some(wait), "{value}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        for value in [
            "",
            ",,,",
            ";;;",
            "b=per_hour",
            "r=-1",
            "r=1.5;q=x",
            "=;=;=",
            "garbage",
            "r=99999999999999999999",
        ] {
            assert_eq!(read(value), [], "{value}");
        }
        let many = "b=x;r=0,".repeat(10_000);
        assert_eq!(read(&many).len(), MAX_BUCKETS);
        let long = format!("b={};r=1", "a\u{7f}!/A".repeat(1_000).replace('\u{7f}', ""));
        assert_eq!(read(&long)[0].0.len(), MAX_NAME);
    }
}
