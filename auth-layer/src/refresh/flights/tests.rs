//! A process that holds as many settled results as it may.

use super::*;
use crate::refresh::decide::Wanted;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);
const DAY: Duration = Duration::from_secs(86_400);

/// Keys of one shard.
fn key(number: usize) -> RefreshKey {
    let mut key = [0; 32];
    key[8..16].copy_from_slice(&number.to_be_bytes());
    RefreshKey(key)
}

fn lead(flights: &Arc<Flights>, number: usize, now: Timestamp) -> Ticket {
    match flights.enter(key(number), 0, &Wanted::default(), now, now) {
        Entered::Lead(ticket, _) => ticket,
        _ => panic!("{number} does not lead"),
    }
}

fn successor() -> Arc<TokenSet> {
    Arc::new(TokenSet { generation: 1, ..TokenSet::default() })
}

/// One of its shards is full of results whose users went away.
fn full() -> Arc<Flights> {
    let flights = Flights::new(Duration::from_secs(60));
    for number in 0..MAX_SETTLED / SHARDS {
        lead(&flights, number, NOW).settle(successor(), NOW.plus(DAY), NOW);
    }
    flights
}

#[test]
fn a_full_process_still_waits_before_it_asks_again() {
    let flights = full();
    let now = NOW.plus(Duration::from_secs(1));
    let wait = RefreshError::unavailable(Duration::from_secs(30));
    lead(&flights, 90_000, now).fail(wait, now);
    lead(&flights, 90_001, now).fail(RefreshError::new(RefreshErrorKind::InvalidGrant), now);
    for number in [90_000, 90_001] {
        let entered = flights.enter(key(number), 0, &Wanted::default(), now, now);
        assert!(matches!(entered, Entered::Refused(_)), "{number}");
    }
}

#[test]
fn a_full_process_keeps_the_grace_of_a_refresh_just_shown() {
    let flights = full();
    let now = NOW.plus(Duration::from_secs(1));
    lead(&flights, 90_000, now).settle(successor(), NOW.plus(DAY), now);
    flights.acknowledge(key(90_000), now);
    lead(&flights, 90_001, now).settle(successor(), NOW.plus(DAY), now);
    assert!(matches!(flights.latest(key(90_000), 0, now, now), Latest::Newer(_)));
    assert!(flights.shard(key(0)).with(|shard| shard.entries.len()) <= MAX_SETTLED / SHARDS);
}

#[test]
fn an_old_cookie_is_served_for_the_grace_and_a_request_under_way_for_longer() {
    let flights = Flights::<Mutex<Shard>>::new(Duration::from_secs(60));
    lead(&flights, 1, NOW).settle(successor(), NOW.plus(DAY), NOW);
    flights.acknowledge(key(1), NOW);
    let later = NOW.plus(Duration::from_secs(61));
    assert!(matches!(flights.latest(key(1), 0, later, later), Latest::Held));
    assert!(matches!(flights.latest(key(1), 0, NOW, later), Latest::Newer(_)));
    // Only the first acknowledgement counts.
    flights.acknowledge(key(1), later);
    assert!(matches!(flights.latest(key(1), 0, NOW, later.plus(LONGEST_REQUEST)), Latest::Held));
}
