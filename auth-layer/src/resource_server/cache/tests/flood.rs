//! Floods of tokens that come once: who is in use is found again.

use super::{Cache, MIB, Numbers, assert_counts, cache, request, requests};

/// All of it in an optimised build; a sixteenth of everything otherwise.
const SCALE: u64 = if cfg!(debug_assertions) { 16 } else { 1 };
const FLOOD: u64 = 1_000_000 / SCALE;
const HOT: u64 = 1_000 / SCALE;

/// The share of hot requests that found their token: in all, and in the last quarter.
#[derive(Clone, Copy, Debug)]
struct Hits {
    all: f64,
    last: f64,
}

/// Who is hot: so many from the start, and all from the middle on.
#[derive(Clone, Copy)]
struct Joining {
    early: u64,
}

/// A flood of tokens that come once, `ratio` of them for each request of one of the hot.
fn flood(cache: &Cache, ratio: u64, joining: Joining) -> Hits {
    let (mut numbers, mut flooded) = (Numbers(42), 0);
    let (mut all, mut last) = ((0_u32, 0_u32), (0_u32, 0_u32));
    while flooded < FLOOD {
        for _ in 0..ratio {
            request(cache, 1 << 40 | flooded);
            flooded += 1;
        }
        let hot = if flooded < FLOOD / 2 { joining.early } else { HOT };
        let hit = u32::from(request(cache, numbers.below(hot)));
        all = (all.0 + hit, all.1 + 1);
        if flooded > FLOOD / 4 * 3 {
            last = (last.0 + hit, last.1 + 1);
        }
    }
    let share = |(hits, asked): (u32, u32)| f64::from(hits) / f64::from(asked);
    Hits { all: share(all), last: share(last) }
}

fn fresh() -> Cache {
    cache(64 * MIB / usize::try_from(SCALE).unwrap())
}

#[test]
fn a_flood_leaves_what_is_in_use() {
    for ratio in [1, 10, 50] {
        let cache = fresh();
        let hits = flood(&cache, ratio, Joining { early: HOT });
        assert!(hits.all >= 0.9 && hits.last >= 0.99, "{ratio} to 1: {hits:?}");
        assert_counts(&cache);
    }
}

#[test]
fn who_comes_into_use_in_the_middle_of_a_flood_is_kept() {
    for ratio in [1, 10, 50] {
        let hits = flood(&fresh(), ratio, Joining { early: HOT / 2 });
        assert!(hits.all >= 0.9 && hits.last >= 0.97, "{ratio} to 1: {hits:?}");
    }
}

#[test]
fn a_cache_full_of_what_was_in_use_once_recovers() {
    for ratio in [1, 10, 50] {
        let cache = fresh();
        for number in 0..60_000 / SCALE {
            let number = 1 << 50 | number;
            (0..5).for_each(|_| requests(&cache, number..number + 1));
        }
        let hits = flood(&cache, ratio, Joining { early: HOT });
        assert!(hits.all >= 0.88 && hits.last >= 0.99, "{ratio} to 1: {hits:?}");
        assert_counts(&cache);
    }
}

#[test]
fn what_is_in_use_by_all_is_kept_while_it_fits() {
    let (cache, mut numbers, most) = (fresh(), Numbers(7), 30_000 / SCALE);
    requests(&cache, 0..most);
    let found = (0..most).filter(|_| request(&cache, numbers.below(most))).count() as u64;
    assert!(found * 100 >= most * 97, "{found} of {most}");
}
