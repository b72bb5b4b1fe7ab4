//! What goes wrong, and how time goes by.

use std::time::{Duration, Instant};

use auth_layer::testing::{Endpoint, Fault};
use tests::{Chance, Mood};
use tokio::sync::RwLock;

use crate::place::Place;

/// Lets time pass, but where a login is under way.
pub(crate) async fn time(place: &Place, still: &RwLock<()>, end: Instant) {
    while Instant::now() < end {
        let moving = still.write().await;
        place.clock.advance(Duration::from_millis(500));
        drop(moving);
        tokio::time::sleep(place.half_second).await;
    }
}

/// Lets things go wrong at the provider; returns how many answers were lost.
pub(crate) async fn of_the_provider(place: &Place, lossy: bool, seed: u64, end: Instant) -> usize {
    let mut chance = Chance(seed);
    let mut drops = 0;
    while Instant::now() < end {
        let fault = match chance.below(12) {
            0 => Some(Fault::DropConnection),
            1 => Some(Fault::Status(500)),
            2 => Some(Fault::RetryAfter(429, Duration::from_secs(3))),
            3 => Some(Fault::HoldUntilReleased),
            4 => Some(Fault::HoldResponseUntilReleased),
            5 => Some(Fault::Delay(Duration::from_millis(chance.below(30)))),
            6 if lossy => {
                drops += 1;
                Some(Fault::DropResponse)
            }
            _ => None,
        };
        if let Some(fault) = fault {
            place.op.fault_times(Endpoint::Token, fault, 1);
        }
        if chance.below(3) == 0 {
            place.op.release();
        }
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    drops
}

/// Lets the store that instances share come and go; returns how often it went.
pub(crate) async fn of_the_store(place: &Place, seed: u64, end: Instant) -> usize {
    let Some(store) = &place.store else { return 0 };
    let mut chance = Chance(!seed);
    let mut outages = 0;
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(1_000 + chance.below(2_000))).await;
        store.set([Mood::Away, Mood::Deaf, Mood::Stuck][usize::try_from(chance.below(3)).unwrap_or(0)]);
        tokio::time::sleep(Duration::from_millis(20 + chance.below(300))).await;
        store.set(Mood::Well);
        outages += 1;
    }
    outages
}
