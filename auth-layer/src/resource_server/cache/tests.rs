//! The cache as its callers see it, alone, under floods, under threads, and by what memory it takes.

mod flood;
#[cfg(target_os = "linux")]
mod memory;
mod threads;

use std::hash::{BuildHasherDefault, DefaultHasher};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::{Cached, TokenCache, allocated, shared};
use crate::clock::Timestamp;

/// Without keys, so that a test that fails fails again.
type Cache = TokenCache<Value, BuildHasherDefault<DefaultHasher>>;

/// A verified token: as large as one is, with claims of a few hundred bytes.
#[derive(Debug)]
struct Value {
    token: Box<[u8]>,
    claims: Box<[u8]>,
    subject: Box<str>,
    ends_at: Timestamp,
}

impl Cached for Value {
    fn token(&self) -> &[u8] {
        &self.token
    }

    fn bytes(&self) -> usize {
        let owned = [self.token.len(), self.claims.len(), self.subject.len()];
        shared::<Self>() + owned.into_iter().map(allocated).sum::<usize>()
    }

    fn ends_at(&self) -> Timestamp {
        self.ends_at
    }
}

/// A generator of numbers that look random and are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    const fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

fn cache(max_bytes: usize) -> Cache {
    Cache::with_keys(max_bytes, BuildHasherDefault::default())
}

/// The token of a number: 700 to 900 bytes, different in its signature only.
fn token(number: u64) -> Box<[u8]> {
    let mut numbers = Numbers(number);
    let mut token = vec![b'a'; 700 + usize::try_from(numbers.below(201)).unwrap()];
    token[..3].copy_from_slice(b"eyJ");
    for byte in token.iter_mut().rev().take(64) {
        *byte = b'A' + u8::try_from(numbers.below(26)).unwrap();
    }
    token.into()
}

fn value(token: &[u8], ends_at: Timestamp) -> Arc<Value> {
    let (token, claims) = (token.into(), vec![b'c'; 400].into());
    Arc::new(Value { token, claims, subject: "auth0|0123456789abcdef01234567".into(), ends_at })
}

/// What a request does with its token: looks for it, or verifies and keeps it.
fn request(cache: &Cache, number: u64) -> bool {
    let token = token(number);
    if let Some(found) = cache.find(&token) {
        assert_eq!(found.token, token, "another token's value");
        return true;
    }
    cache.insert(value(&token, LATER), NOW);
    false
}

fn requests(cache: &Cache, numbers: Range<u64>) {
    numbers.for_each(|number| {
        request(cache, number);
    });
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const LATER: Timestamp = Timestamp::from_unix_seconds(2_000);
const MIB: usize = 1024 * 1024;

#[test]
fn a_token_is_found_by_all_of_its_bytes() {
    let (cache, token) = (cache(MIB), token(1));
    cache.insert(value(&token, LATER), NOW);
    assert_eq!(cache.find(&token).unwrap().token, token);
    let (mut early, mut late) = (token.clone(), token.clone());
    early[10] = b'b';
    *late.last_mut().unwrap() = b'a';
    let longer = [&token[..], b"a"].concat();
    for (name, other) in [
        ("one that ends alike", &early[..]),
        ("one that begins alike", &late),
        ("a part", &token[1..]),
        ("more", &longer),
        ("nothing", b""),
    ] {
        assert!(cache.find(other).is_none(), "{name}");
    }
    for length in 0..=token.len() {
        assert_eq!(cache.find(&token[..length]).is_some(), length == token.len(), "{length}");
    }
}

#[test]
fn two_tokens_with_one_hash_are_two() {
    let cache = cache(MIB);
    let named = |head: u8| [&[b'e', b'y', b'J', head, b'.'][..], &[b'x'; 200]].concat();
    for head in b'a'..=b'h' {
        cache.insert(value(&named(head), LATER), NOW);
    }
    for head in b'a'..=b'h' {
        assert_eq!(*cache.find(&named(head)).unwrap().token, *named(head));
    }
    cache.insert(value(&named(b'i'), LATER), NOW);
    assert_eq!(cache.len(), 8, "a set has eight places");
    assert_counts(&cache);
}

#[test]
fn a_token_that_is_there_is_replaced() {
    let (cache, token) = (cache(MIB), token(1));
    cache.insert(value(&token, LATER), NOW);
    let before = cache.bytes();
    cache.insert(value(&token, Timestamp::from_unix_seconds(3_000)), NOW);
    assert_eq!((cache.len(), cache.bytes()), (1, before));
    assert_eq!(cache.find(&token).unwrap().ends_at, Timestamp::from_unix_seconds(3_000));
    assert_counts(&cache);
}

#[test]
fn off_is_off() {
    for max_bytes in [0, 1, 8_191] {
        let cache = cache(max_bytes);
        cache.insert(value(b"token", LATER), NOW);
        assert!(cache.find(b"token").is_none());
        cache.remove(b"token");
        cache.clear();
        assert_eq!((cache.len(), cache.bytes()), (0, 0), "{max_bytes}");
    }
}

#[test]
fn what_has_ended_or_is_too_large_is_not_kept() {
    let cache = cache(MIB);
    cache.insert(value(b"ended", NOW), NOW);
    cache.insert(value(&[b'x'; MIB / 64], LATER), NOW);
    assert_eq!(cache.len(), 0);
    cache.insert(value(&[b'x'; MIB / 80], LATER), NOW);
    assert_eq!(cache.len(), 1);
    assert_counts(&cache);
}

#[test]
fn what_is_forgotten_gives_its_bytes_back() {
    let cache = cache(MIB);
    let empty = cache.bytes();
    requests(&cache, 0..200);
    requests(&cache, 0..50);
    let held = cache.len();
    cache.remove(&token(7));
    cache.remove(&token(7));
    cache.remove(b"unknown");
    assert!(cache.find(&token(7)).is_none());
    assert_eq!(cache.len(), held - 1);
    let kept = token(8);
    cache.retain(|value| value.token == kept);
    assert!(cache.find(&kept).is_some() && cache.len() == 1);
    assert_counts(&cache);
    cache.clear();
    assert_eq!((cache.len(), cache.bytes()), (0, empty));
    assert_counts(&cache);
}

#[test]
fn what_has_ended_goes_before_what_lives() {
    let (cache, soon) = (cache(4 * MIB), NOW.plus(Duration::from_secs(1)));
    // Every other one is about to end, and those were found the most.
    for number in 0..3_200_u64 {
        let (ends_at, uses) = if number.is_multiple_of(2) { (soon, 5) } else { (LATER, 1) };
        cache.insert(value(&token(number), ends_at), NOW);
        (0..uses).for_each(|_| drop(cache.find(&token(number))));
    }
    let held = |ends_at| {
        let mut count = 0;
        cache.retain(|value| {
            count += usize::from(value.ends_at == ends_at);
            true
        });
        count
    };
    let (ended, living) = (held(soon), held(LATER));
    assert!(cache.bytes() > 4 * MIB - 2_000 && ended > 1_000 && living > 1_000, "{ended} and {living}");
    // As many come as have ended, and end later still.
    let last = Timestamp::from_unix_seconds(3_000);
    (0..ended as u64).for_each(|number| cache.insert(value(&token(1 << 32 | number), last), soon));
    // Not all: a set where nothing has ended may have to give up what lives.
    assert!(held(LATER) * 100 >= living * 95, "{} of {living} that live", held(LATER));
    assert!(held(soon) * 100 <= ended * 20, "{} of {ended} that have ended", held(soon));
    assert_counts(&cache);
}

#[test]
fn the_counts_are_those_of_what_is_held_whatever_is_done() {
    let (cache, mut numbers) = (cache(MIB), Numbers(1));
    for step in 0..20_000 {
        let number = numbers.below(1_500);
        match numbers.below(10) {
            0 => cache.remove(&token(number)),
            1 if step % 500 == 0 => cache.retain(|value| value.token[value.token.len() - 1] < b'T'),
            _ => requests(&cache, number..number + 1),
        }
        assert!(cache.bytes() <= MIB, "{} at {step}", cache.bytes());
    }
    assert_counts(&cache);
}

/// What is counted is what is there.
fn assert_counts(cache: &Cache) {
    let (mut values, mut bytes) = (0, 0);
    cache.retain(|value| {
        values += 1;
        bytes += value.bytes();
        true
    });
    assert_eq!((cache.len(), cache.bytes() - cache.table_bytes()), (values, bytes));
    assert_eq!(cache.counted_as_found_again(), cache.marked_as_found_again());
}
