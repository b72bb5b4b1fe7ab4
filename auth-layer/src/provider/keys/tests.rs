//! What becomes of keys and of fetches where no provider is needed to show it.
#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::clock::Clock;
use crate::identifier::Issuer;
use crate::provider::http;

const START: Timestamp = Timestamp::from_unix_seconds(1_000_000);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A source whose address nobody listens at.
fn source(clock: &Clock) -> KeySource {
    let client = http::client(Duration::from_secs(1), Duration::from_secs(1)).unwrap();
    let address = Some("http://127.0.0.1:1/jwks".to_owned());
    let issuer = Issuer::from("http://127.0.0.1:1");
    let documents = Documents::new(issuer, address, client, Duration::from_secs(1), clock.clone());
    KeySource::new(Arc::new(documents), DAY)
}

/// A set of one key (RFC 7517 appendix A.1) under a name.
fn document(kid: &str) -> Vec<u8> {
    let (x, y) =
        ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
    format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}","kid":"{kid}"}}]}}"#).into_bytes()
}

/// Looks once whether a future is ready.
fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn keys_that_came_meanwhile_are_not_dropped_with_those_that_were_too_old() {
    let clock = Clock::manual(START);
    let KeySource(inner) = source(&clock);
    inner.take(&document("old")).unwrap();
    let old = inner.held.load_full().unwrap();
    clock.advance(DAY);
    inner.take(&document("new")).unwrap();
    inner.forget(&old);
    let held = inner.held.load_full().unwrap();
    assert!(!Arc::ptr_eq(&held, &old) && held.fetched_at == clock.now());
    let version = inner.version.load(Ordering::Acquire);
    inner.forget(&held);
    assert!(inner.held.load().is_none());
    assert_eq!(inner.version.load(Ordering::Acquire), version + 1, "what they verified is judged again");
}

#[test]
fn the_same_document_makes_keys_young_and_nothing_is_judged_again() {
    let clock = Clock::manual(START);
    let source = source(&clock);
    source.0.take(&document("one")).unwrap();
    let (version, keys) = (source.version(), source.believed().unwrap());
    clock.advance(FETCH_AHEAD);
    source.0.take(&document("one")).unwrap();
    assert_eq!(source.version(), version);
    assert!(Arc::ptr_eq(&source.believed().unwrap(), &keys), "they were not parsed again");
    assert_eq!(source.0.held.load().as_ref().unwrap().freshness(DAY, clock.now()), Freshness::Fresh);
    source.0.take(&document("another")).unwrap();
    assert_eq!(source.version(), version + 1);
}

#[test]
fn keys_are_fresh_for_five_minutes_due_for_a_day_and_due_where_the_clock_was_set_back() {
    let KeySource(inner) = source(&Clock::manual(START));
    inner.take(&document("one")).unwrap();
    let held = inner.held.load_full().unwrap();
    let minus = Duration::from_millis(1);
    for (name, now, expected) in [
        ("at once", START, Freshness::Fresh),
        ("before five minutes", START.plus(FETCH_AHEAD - minus), Freshness::Fresh),
        ("after five minutes", START.plus(FETCH_AHEAD), Freshness::Due),
        ("before a day", START.plus(DAY - minus), Freshness::Due),
        ("after a day", START.plus(DAY), Freshness::TooOld),
        ("set back", START.minus(minus), Freshness::Due),
        ("set back by a year", START.minus(365 * DAY), Freshness::Due),
    ] {
        assert_eq!(held.freshness(DAY, now), expected, "{name}");
    }
}

#[test]
fn a_fetch_whose_task_is_torn_down_ends_and_those_who_wait_go_on() {
    let clock = Clock::manual(START);
    let source = source(&clock);
    let number = source.attempts().begin(START).unwrap();
    let fetch = Fetch { source: Arc::downgrade(&source.0), number };
    let mut waiting = pin!(source.wait(number));
    assert!(poll(waiting.as_mut()).is_pending());
    // As a task does that panics.
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _fetch = fetch;
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    assert!(poll(waiting).is_ready());
    assert!(source.attempts().failure(START).unwrap().why().contains("torn down"));
    assert_eq!(source.attempts().begin(START.plus(Duration::from_secs(1))), Some(number + 1));
}

#[test]
fn outside_a_runtime_nothing_is_under_way_for_ever() {
    let source = source(&Clock::manual(START));
    let asked = catch_unwind(AssertUnwindSafe(|| poll(pin!(source.first()))));
    assert!(asked.is_err(), "there is no runtime to spawn in");
    assert_eq!(source.attempts().under_way(), None);
}

#[test]
fn a_late_end_of_one_fetch_does_not_hide_the_end_of_the_next() {
    let source = source(&Clock::manual(START));
    source.0.ended.send_replace(2);
    let number = source.attempts().begin(START).unwrap();
    source.0.end(number, Ok(()));
    assert_eq!((number, *source.0.ended.borrow()), (1, 2));
}
