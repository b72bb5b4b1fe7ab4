//! Many threads at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{Cached as _, MIB, Numbers, assert_counts, cache, request, requests, token};

const STEPS: u64 = if cfg!(debug_assertions) { 5_000 } else { 100_000 };

#[test]
fn the_bound_holds_at_every_moment() {
    let (cache, done) = (cache(MIB), AtomicBool::new(false));
    thread::scope(|scope| {
        let writers = [0, 1, 2, 3].map(|writer: u64| {
            let cache = &cache;
            scope.spawn(move || requests(cache, writer << 32..(writer << 32) + STEPS))
        });
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(cache.bytes() <= MIB, "{}", cache.bytes());
                thread::yield_now();
            }
        });
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::Relaxed);
    });
    assert!(cache.bytes() > MIB / 10 * 9, "and it is made use of: {}", cache.bytes());
    assert_counts(&cache);
}

#[test]
fn nobody_is_given_the_value_of_another_token() {
    let cache = cache(MIB);
    thread::scope(|scope| {
        for thread in 0..4 {
            let cache = &cache;
            scope.spawn(move || {
                let mut numbers = Numbers(thread);
                for _ in 0..STEPS {
                    // More than there is room for, so that places change hands all the time.
                    let number = numbers.below(2_000);
                    match numbers.below(20) {
                        0 => cache.remove(&token(number)),
                        1 => cache.retain(|value| value.token() != &*token(number)),
                        // Asserts that what it finds is its own.
                        _ => requests(cache, number..number + 1),
                    }
                }
            });
        }
    });
    assert_counts(&cache);
}

#[test]
fn what_was_removed_is_not_found_by_who_asks_afterwards() {
    let (cache, token) = (cache(MIB), token(1));
    for _ in 0..200 {
        request(&cache, 1);
        let found = thread::scope(|scope| {
            let reader = scope.spawn(|| (0..20).filter(|_| cache.find(&token).is_some()).count());
            cache.remove(&token);
            assert!(cache.find(&token).is_none());
            reader.join().unwrap()
        });
        assert!(found <= 20 && cache.find(&token).is_none());
    }
    assert_counts(&cache);
}
