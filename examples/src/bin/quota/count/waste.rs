//! Tokens that were fetched again while one was living.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use super::names::{NameId, OTHERS};
use crate::settings::Lifetime;

/// How long tokens live, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Lifetimes {
    default: u64,
    by_audience: HashMap<String, u64>,
}

impl Lifetimes {
    /// The last one said wins.
    pub(crate) fn new(settings: &[Lifetime]) -> Self {
        let mut lifetimes = Self { default: A_DAY * 1_000, by_audience: HashMap::new() };
        for Lifetime { audience, seconds } in settings {
            let millis = seconds.saturating_mul(1_000);
            match audience {
                Some(audience) => drop(lifetimes.by_audience.insert(audience.clone(), millis)),
                None => lifetimes.default = millis,
            }
        }
        lifetimes
    }

    pub(crate) fn of(&self, audience: &str) -> u64 {
        self.by_audience.get(audience).copied().unwrap_or(self.default)
    }
}

/// The fetches of a log, by what was fetched.
#[derive(Debug)]
pub(crate) struct Fetches {
    hasher: RandomState,
    sets: HashMap<Set, Fetched>,
    kept: usize,
    most: (usize, usize),
    unexamined: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Set {
    client: NameId,
    audience: NameId,
    organization: NameId,
    scope: u64,
}

#[derive(Debug)]
struct Fetched {
    scope: Box<str>,
    times: Vec<u64>,
}

impl Fetches {
    pub(super) fn new() -> Self {
        Self::at_most(MOST_SETS, MOST_FETCHES)
    }

    fn at_most(sets: usize, fetches: usize) -> Self {
        let hasher = RandomState::new();
        Self { hasher, sets: HashMap::new(), kept: 0, most: (sets, fetches), unexamined: 0 }
    }

    /// Notes a fetch by `client` for `audience` and `organization`, in milliseconds.
    pub(super) fn add(&mut self, [client, audience, organization]: [NameId; 3], scope: &[&str], date: u64) {
        let set = Set { client, audience, organization, scope: self.hasher.hash_one(scope) };
        let is_known = self.sets.contains_key(&set);
        let is_full = self.kept == self.most.1 || !is_known && self.sets.len() == self.most.0;
        if is_full || [client, audience, organization].contains(&OTHERS) {
            self.unexamined += 1;
            return;
        }
        let fetched = self.sets.entry(set).or_insert_with(|| {
            let scope = scope.join(" ").chars().take(LONGEST_SCOPE).collect::<String>();
            Fetched { scope: scope.into(), times: Vec::new() }
        });
        fetched.times.push(date);
        self.kept += 1;
    }

    /// Returns what was fetched too often, the worst first; `lifetime` is that of an audience's tokens.
    pub(crate) fn waste(mut self, lifetime: impl Fn(NameId) -> u64) -> Waste {
        let mut waste = Waste { unexamined: self.unexamined, ..Waste::default() };
        for (set, mut fetched) in self.sets.drain() {
            fetched.times.sort_unstable();
            let lifetime = lifetime(set.audience);
            let times = &fetched.times;
            let gaps = times.windows(2).filter(|pair| pair[1] - pair[0] < lifetime);
            let set = WastefulSet {
                client: set.client,
                audience: set.audience,
                organization: set.organization,
                scope: fetched.scope,
                lifetime,
                fetched: times.len() as u64,
                while_living: gaps.count() as u64,
                sufficient: sufficient(times, lifetime),
            };
            waste.fetched += set.fetched;
            waste.while_living += set.while_living;
            waste.sufficient += set.sufficient;
            if set.while_living > 0 {
                waste.sets.push(set);
            }
        }
        waste.sets.sort_by_key(|set| {
            let avoidable = set.fetched - set.sufficient;
            (std::cmp::Reverse((avoidable, set.while_living)), set.client, set.audience, set.organization)
        });
        waste
    }
}

/// Returns how many tokens of this lifetime serve all of the sorted moments.
fn sufficient(times: &[u64], lifetime: u64) -> u64 {
    let mut tokens = 0;
    let mut fetched = None;
    for time in times {
        if fetched.is_none_or(|fetched| time - fetched >= lifetime) {
            tokens += 1;
            fetched = Some(*time);
        }
    }
    tokens
}

/// What was fetched again while it was living.
#[derive(Debug, Default)]
pub(crate) struct Waste {
    pub(crate) fetched: u64,
    pub(crate) while_living: u64,
    pub(crate) sufficient: u64,
    /// Fetches that were not looked at.
    pub(crate) unexamined: u64,
    pub(crate) sets: Vec<WastefulSet>,
}

/// One client's tokens for one audience, organization and scope set.
#[derive(Debug)]
pub(crate) struct WastefulSet {
    pub(crate) client: NameId,
    pub(crate) audience: NameId,
    pub(crate) organization: NameId,
    pub(crate) scope: Box<str>,
    /// In milliseconds.
    pub(crate) lifetime: u64,
    pub(crate) fetched: u64,
    pub(crate) while_living: u64,
    pub(crate) sufficient: u64,
}

const A_DAY: u64 = 86_400;
const MOST_SETS: usize = 100_000;
const MOST_FETCHES: usize = 8_000_000;
const LONGEST_SCOPE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    const API: [NameId; 3] = [2, 2, 0];

    fn waste_of(times: &[u64], lifetime: u64) -> (u64, u64, u64) {
        let mut fetches = Fetches::new();
        for time in times {
            fetches.add(API, &["a"], *time);
        }
        let waste = fetches.waste(|_| lifetime);
        (waste.fetched, waste.while_living, waste.sufficient)
    }

    #[test]
    fn a_fetch_within_a_lifetime_of_the_one_before_is_waste_in_whatever_order_they_come() {
        for (times, expected) in [
            (vec![], (0, 0, 0)),
            (vec![5], (1, 0, 1)),
            (vec![0, 100, 200], (3, 0, 3)),
            (vec![0, 99, 200], (3, 1, 2)),
            (vec![0, 0, 0], (3, 2, 1)),
            // One each 90: every one but the first met a living one, and every other would have sufficed.
            ((0..10).map(|n| n * 90).collect(), (10, 9, 5)),
        ] {
            assert_eq!(waste_of(&times, 100), expected, "{times:?}");
            let newest_first: Vec<u64> = times.iter().rev().copied().collect();
            assert_eq!(waste_of(&newest_first, 100), expected, "{newest_first:?}");
            let halves_exchanged = [&times[times.len() / 2..], &times[..times.len() / 2]].concat();
            assert_eq!(waste_of(&halves_exchanged, 100), expected, "{halves_exchanged:?}");
        }
        assert_eq!(waste_of(&[u64::MAX, 0, u64::MAX], u64::MAX), (3, 1, 2));
    }

    #[test]
    fn another_client_audience_organization_or_scope_set_is_another_token() {
        let mut fetches = Fetches::new();
        for set in [API, [3, 2, 0], [2, 3, 0], [2, 2, 4]] {
            fetches.add(set, &["a"], 0);
        }
        fetches.add(API, &["a", "b"], 0);
        let waste = fetches.waste(|_| 100);
        assert_eq!((waste.fetched, waste.while_living, waste.sufficient), (5, 0, 5));
        assert!(waste.sets.is_empty());
    }

    #[test]
    fn what_is_beyond_the_limits_is_counted_and_not_looked_at() {
        let mut fetches = Fetches::at_most(2, 3);
        for client in 2..6 {
            fetches.add([client, 2, 0], &[], 0);
        }
        fetches.add([2, 2, 0], &[], 1);
        fetches.add([2, 2, 0], &[], 2);
        fetches.add([OTHERS, 2, 0], &[], 2);
        let waste = fetches.waste(|_| 100);
        assert_eq!((waste.fetched, waste.while_living, waste.unexamined), (3, 1, 4));
    }

    #[test]
    fn the_lifetime_of_one_audience_goes_before_that_of_all() {
        let said = ["60", "https://a=5"].map(|text| text.parse().unwrap());
        let lifetimes = Lifetimes::new(&said);
        assert_eq!((lifetimes.of("https://a"), lifetimes.of("https://b")), (5_000, 60_000));
        assert_eq!(Lifetimes::new(&[]).of("https://a"), 86_400_000);
    }
}
