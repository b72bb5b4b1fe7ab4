//! The refresh core under every interleaving that a scheduler can think of.
//!
//! A provider with single-use refresh tokens stands behind it: a token that is spent twice fails the
//! model, and so does a caller, or a later request with the old set, that is left without a successor.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use shuttle::sync::Mutex;
use shuttle::{check_pct, check_random, future};

use crate::clock::Timestamp;
use crate::identifier::{Audience, ClientId, Issuer};
use crate::refresh::decide::{Refresh, Refused, Wanted};
use crate::refresh::error::{RefreshError, RefreshErrorKind};
use crate::refresh::flights::{Flights, Shard, Ticket};
use crate::refresh::lock::Lock;
use crate::refresh::obtain::{BoxFuture, World, obtain};
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token::{IssuedToken, RefreshKey, TokenSet};

impl Lock<Shard> for Mutex<Shard> {
    fn new(value: Shard) -> Self {
        Self::new(value)
    }

    fn with<R>(&self, act: impl FnOnce(&mut Shard) -> R) -> R {
        act(&mut self.lock().expect("no thread of the model panics with the lock"))
    }
}

/// A provider that kills the grant at the second use of a refresh token.
#[derive(Default)]
struct Provider {
    spent: Mutex<HashSet<Vec<u8>>>,
    exchanges: AtomicU64,
}

#[derive(Clone)]
struct Model {
    provider: Arc<Provider>,
}

impl World<Mutex<Shard>> for Model {
    fn now(&self) -> Timestamp {
        NOW
    }

    fn buffer(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn key(&self, set: &TokenSet) -> Option<RefreshKey> {
        let token = set.refresh_token.as_ref()?;
        Some(RefreshKey::new(token, &ClientId::from("client"), &Issuer::from("https://op.example")))
    }

    fn depart(&self, ticket: Ticket<Mutex<Shard>>, set: Arc<TokenSet>, wanted: Wanted) {
        let world = self.clone();
        future::spawn(async move {
            future::yield_now().await;
            let old = set.refresh_token.clone().expect("a flight has a refresh token");
            let first_use = world.provider.spent.lock().unwrap().insert(old.expose().as_bytes().to_vec());
            assert!(first_use, "a refresh token was spent twice");
            let count = world.provider.exchanges.fetch_add(1, Ordering::SeqCst) + 1;
            future::yield_now().await;
            let key = world.key(&set).expect("a flight has a key");
            let fresh = token(&format!("at-{count}"), wanted.audience.clone(), 3_600);
            let next = SecretText::new(format!("rt-{count}"));
            ticket.settle(Arc::new(set.succeed(fresh, Some(next), key, NOW)), NOW, NOW);
        });
    }

    fn patience(&self) -> BoxFuture<()> {
        Box::pin(future::yield_now())
    }
}

fn token(value: &str, audience: Option<Audience>, lifetime: u64) -> Arc<IssuedToken> {
    Arc::new(IssuedToken {
        value: SecretText::from(value),
        audience,
        granted: ScopeSet::default(),
        issued_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(lifetime)),
    })
}

fn set_of(token: Arc<IssuedToken>) -> Arc<TokenSet> {
    Arc::new(TokenSet {
        refresh_token: Some(SecretText::from("rt-0")),
        access_tokens: vec![token],
        ..TokenSet::default()
    })
}

/// Runs `callers` at once on one old set, the first of them hanging up, and then a late one.
fn story(callers: Vec<Wanted>, expected_exchanges: std::ops::RangeInclusive<u64>) {
    story_of(set_of(token("at-0", None, 0)), callers, Wanted::default(), expected_exchanges);
}

fn story_of(
    set: Arc<TokenSet>,
    callers: Vec<Wanted>,
    late: Wanted,
    expected_exchanges: std::ops::RangeInclusive<u64>,
) {
    future::block_on(async move {
        let world = Model { provider: Arc::default() };
        let flights = Flights::<Mutex<Shard>>::new(Duration::from_secs(60));
        let tasks: Vec<_> = callers
            .into_iter()
            .map(|wanted| {
                let (world, flights, set) = (world.clone(), Arc::clone(&flights), Arc::clone(&set));
                future::spawn(async move { obtain(&flights, &world, set, &wanted).await })
            })
            .collect();
        for (index, task) in tasks.into_iter().enumerate() {
            if index == 0 {
                task.abort();
            } else {
                let obtained = task.await.expect("the caller was not cancelled").expect("a token");
                assert!(obtained.set.generation > 0, "an old token was handed out");
            }
        }
        let late = obtain(&flights, &world, set, &late).await.expect("a late request is served");
        assert!(
            late.set.refresh_token.as_ref().is_some_and(|kept| !kept.ct_eq(b"rt-0")),
            "the successor was lost"
        );
        let exchanges = world.provider.exchanges.load(Ordering::SeqCst);
        assert!(expected_exchanges.contains(&exchanges), "{exchanges} exchanges");
    });
}

#[test]
fn four_callers_and_one_that_hangs_up_spend_one_refresh_token_once() {
    check_random(|| story(vec![Wanted::default(); 5], 1..=1), 5_000);
    check_pct(|| story(vec![Wanted::default(); 5], 1..=1), 5_000, 3);
}

#[test]
fn a_forced_refresh_is_never_merged_into_one_that_was_not() {
    let forced = Wanted { refresh: Refresh::Always, ..Wanted::default() };
    check_random(
        move || story(vec![Wanted::default(), Wanted::default(), forced.clone(), Wanted::default()], 1..=2),
        5_000,
    );
}

/// A forced refresh among them may come on top.
#[test]
fn callers_that_were_refused_with_one_token_spend_one_refresh_token() {
    let check = |others: fn(Wanted) -> Vec<Wanted>, expected: std::ops::RangeInclusive<u64>| {
        check_random(
            move || {
                let refused = token("at-0", None, 3_600);
                let instead = Refresh::InsteadOf(Refused::new(&refused));
                let wanted = Wanted { refresh: instead, ..Wanted::default() };
                story_of(set_of(refused), others(wanted.clone()), wanted, expected.clone());
            },
            5_000,
        );
    };
    check(|refused| vec![refused; 5], 1..=1);
    let with_a_forced_one = |refused: Wanted| {
        let forced = Wanted { refresh: Refresh::Always, ..Wanted::default() };
        vec![refused.clone(), forced, refused.clone(), refused]
    };
    check(with_a_forced_one, 1..=2);
}

#[test]
fn several_audiences_spend_one_chain_of_refresh_tokens() {
    let other = Wanted { audience: Some(Audience::from("https://billing.example")), ..Wanted::default() };
    check_random(
        move || story(vec![Wanted::default(), other.clone(), Wanted::default(), other.clone()], 2..=2),
        5_000,
    );
}

#[test]
fn a_flight_that_is_torn_down_leaves_nobody_waiting() {
    check_random(
        || {
            future::block_on(async {
                let flights = Flights::<Mutex<Shard>>::new(Duration::from_secs(60));
                let key = RefreshKey([7; 32]);
                let crate::refresh::flights::Entered::Lead(ticket, flight) =
                    flights.enter(key, 0, &Wanted::default(), NOW, NOW)
                else {
                    panic!("the first caller leads")
                };
                let waiting = future::spawn(flight.outcome());
                drop(ticket);
                let error = waiting.await.expect("not cancelled").expect_err("no token came");
                assert_eq!(error.kind(), RefreshErrorKind::Unavailable);
                assert_ne!(error, RefreshError::new(RefreshErrorKind::InvalidGrant));
            });
        },
        1_000,
    );
}

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);
