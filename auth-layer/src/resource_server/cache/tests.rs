//! The cache under floods, threads and the clock.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Cached, TokenCache};
use crate::clock::Timestamp;
use crate::token::Mark;

struct Entry {
    token: Vec<u8>,
    ends_at: Timestamp,
    mark: Mark,
}

impl Cached for Entry {
    fn token(&self) -> &[u8] {
        &self.token
    }

    fn bytes(&self) -> usize {
        self.token.len() + size_of::<Self>()
    }

    fn ends_at(&self) -> Timestamp {
        self.ends_at
    }

    fn mark(&self) -> &Mark {
        &self.mark
    }
}

fn entry(token: &[u8]) -> Arc<Entry> {
    ending(token, LATER)
}

fn ending(token: &[u8], ends_at: Timestamp) -> Arc<Entry> {
    Arc::new(Entry { token: token.to_vec(), ends_at, mark: Mark::default() })
}

/// A token of 900 bytes whose last 64 are as different as signatures are.
fn token(number: u64) -> Vec<u8> {
    let mut token = b"eyJ".to_vec();
    token.resize(836, b'a');
    let mut state = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    while token.len() < 900 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        token.push(b'A' + u8::try_from(state % 26).unwrap());
    }
    token
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const LATER: Timestamp = Timestamp::from_unix_seconds(2_000);
const MIB: usize = 1024 * 1024;

#[test]
fn a_token_is_found_by_all_of_its_bytes() {
    let cache = TokenCache::new(MIB);
    let one = token(1);
    cache.insert(entry(&one), NOW);
    assert_eq!(cache.find(&one).unwrap().token, one);
    let mut other = one.clone();
    // The end, which is hashed, is the same.
    other[10] = b'b';
    assert!(cache.find(&other).is_none());
    assert!(cache.find(&one[..899]).is_none());
    assert!(cache.find(b"").is_none());
    cache.insert(entry(&one), NOW);
    assert_eq!(cache.len(), 1, "the same token takes its own place");
    cache.remove(&one);
    assert!(cache.find(&one).is_none() && cache.len() == 0);
}

#[test]
fn opaque_tokens_with_one_end_do_not_meet() {
    let cache = TokenCache::new(MIB);
    let named = |number: u32| format!("{number:06}{}", "z".repeat(100)).into_bytes();
    for number in 0..200 {
        cache.insert(entry(&named(number)), NOW);
    }
    let found = (0..200).filter(|number| cache.find(&named(*number)).is_some()).count();
    assert!(found > 190, "{found} of 200: they share an end, and no set");
}

#[test]
fn off_is_off() {
    let cache = TokenCache::new(0);
    cache.insert(entry(&token(1)), NOW);
    assert!(cache.find(&token(1)).is_none());
    assert_eq!((cache.len(), cache.bytes()), (0, 0));
}

#[test]
fn what_is_too_large_is_not_kept() {
    let cache = TokenCache::new(MIB);
    cache.insert(entry(&vec![b'x'; 17 * 1024]), NOW);
    assert_eq!(cache.len(), 0);
}

#[test]
fn what_has_ended_goes_first() {
    let tokens: Vec<_> = (0..4).map(token).collect();
    let set = super::set::Set::default();
    for (number, token) in tokens.iter().enumerate() {
        let ends_at = if number == 2 { Timestamp::from_unix_seconds(900) } else { LATER };
        set.insert(number as u64 + 1, ending(token, ends_at), number as u64, NOW);
        set.find(number as u64 + 1, token).unwrap();
    }
    let gone = set.evict(NOW).unwrap();
    assert_eq!(gone.token, tokens[2], "although it was used as much as the others, and came later");
    assert!(set.evict(NOW).is_none(), "the others are in use: they get older first");
    assert_eq!(set.evict(NOW).unwrap().token, tokens[0], "then the oldest goes");
}

/// Share of look-ups of the hot tokens that found them, while `flood` others come for each of them.
fn hot_hits(cache: &TokenCache<Entry>, hot: &[Vec<u8>], flood: usize, total: u64) -> f64 {
    let (mut hits, mut asked, mut next, mut flooded) = (0_u32, 0_u32, 0_usize, 0_u64);
    while flooded < total {
        for _ in 0..flood {
            cache.insert(entry(&token(1_000_000 + flooded)), NOW);
            flooded += 1;
        }
        let token = &hot[next % hot.len()];
        next += 1;
        asked += 1;
        if cache.find(token).is_some() {
            hits += 1;
        } else {
            cache.insert(entry(token), NOW);
        }
    }
    f64::from(hits) / f64::from(asked)
}

#[test]
fn a_flood_leaves_what_is_in_use() {
    for (flood, least) in [(1, 0.95), (10, 0.9), (50, 0.9)] {
        // A sixteenth of everything: 4 MiB, 62 hot tokens, 60,000 others.
        let cache = TokenCache::new(4 * MIB);
        let hot: Vec<_> = (0..62).map(token).collect();
        // Each is asked for a second time soon after it came, as an active client does.
        for token in &hot {
            cache.insert(entry(token), NOW);
            cache.find(token).unwrap();
        }
        let share = hot_hits(&cache, &hot, flood, 60_000);
        assert!(share >= least, "{flood} to 1: {share:.3}");
    }
}

#[test]
fn tokens_that_become_hot_in_the_middle_of_a_flood_get_in() {
    let cache = TokenCache::new(4 * MIB);
    let hot: Vec<_> = (0..62).map(token).collect();
    for number in 0..20_000 {
        cache.insert(entry(&token(5_000_000 + number)), NOW);
    }
    let share = hot_hits(&cache, &hot, 10, 60_000);
    assert!(share >= 0.9, "{share:.3}");
}

#[test]
fn a_cache_of_once_hot_tokens_recovers() {
    let cache = TokenCache::new(4 * MIB);
    for number in 0..4_000 {
        let token = token(number);
        cache.insert(entry(&token), NOW);
        (0..5).for_each(|_| drop(cache.find(&token)));
    }
    let hot: Vec<_> = (10_000..10_062).map(token).collect();
    let share = hot_hits(&cache, &hot, 1, 20_000);
    assert!(share >= 0.9, "{share:.3}");
}

#[test]
fn threads_never_exceed_the_limit_nor_get_anothers_entry() {
    let cache = TokenCache::new(2 * MIB);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|thread| {
                let cache = &cache;
                scope.spawn(move || {
                    for number in 0..8_000_u64 {
                        let token = token(number * 4 + thread);
                        cache.insert(entry(&token), NOW);
                        if let Some(found) = cache.find(&token) {
                            assert_eq!(found.token, token);
                        }
                        if number % 7 == 0 {
                            cache.remove(&token);
                        }
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(cache.bytes() <= 2 * MIB + 4 * 1_200, "{}: an entry for each thread", cache.bytes());
            }
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
    let held: usize = (0..32_000).map(token).filter_map(|token| cache.find(&token)).count();
    assert!(held > 1_000, "{held}");
}
