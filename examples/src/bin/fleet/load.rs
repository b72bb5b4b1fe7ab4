//! The load: users log in, then two tabs of each send requests until the time is over.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use auth_layer::testing::{IdentityProvider, User};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hdrhistogram::Histogram;
use http::StatusCode;
use reqwest::Client;
use tokio::task::JoinSet;

use crate::Failure;
use crate::settings::Settings;
use crate::visitor::{Seen, Visitor};

/// What the load saw.
pub(crate) struct Tally {
    /// Microseconds from a request to the end of its answer.
    pub(crate) latencies: Histogram<u64>,
    pub(crate) took: Duration,
    pub(crate) unserved: BTreeMap<StatusCode, u64>,
    pub(crate) expiries: u64,
    pub(crate) lost: usize,
}

struct Shared {
    latencies: Mutex<Histogram<u64>>,
    unserved: Mutex<BTreeMap<StatusCode, u64>>,
}

/// Logs all users in.
pub(crate) async fn log_in(
    users: &[User],
    base_url: &str,
    provider: &IdentityProvider,
) -> Result<Vec<Arc<Visitor>>, Failure> {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
    let logins = users.iter().map(|user| {
        let (client, base_url) = (client.clone(), base_url.to_owned());
        async move { Visitor::log_in(client, base_url, user, provider).await.map(Arc::new) }
    });
    stream::iter(logins).buffer_unordered(LOGINS_AT_ONCE).try_collect().await
}

/// Sends requests until the time is over, and tells how it goes.
pub(crate) async fn run(
    settings: &Settings,
    visitors: &[Arc<Visitor>],
    provider: &IdentityProvider,
) -> Result<Tally, Failure> {
    let shared = Arc::new(Shared {
        // Up to a minute, to three digits.
        latencies: Mutex::new(Histogram::new_with_bounds(1, 60_000_000, 3)?),
        unserved: Mutex::default(),
    });
    let (started, pause) = (Instant::now(), Duration::from_millis(settings.pause));
    let until = started + settings.time();
    let mut tabs = JoinSet::new();
    for visitor in visitors {
        for _ in 0..TABS {
            tabs.spawn(tab(Arc::clone(visitor), Arc::clone(&shared), until, pause));
        }
    }
    let mut every_second = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            tab = tabs.join_next() => match tab {
                Some(ended) => ended??,
                None => break,
            },
            _ = every_second.tick() => {
                let (requests, refreshes) = (lock(&shared.latencies).len(), provider.token_calls("refresh_token"));
                eprint!("\r{:>4} s  {requests:>9} requests  {refreshes:>6} refreshes", started.elapsed().as_secs());
                // A terminal that is gone is no reason to stop.
                let _ = std::io::stderr().flush();
            }
        }
    }
    eprintln!();
    Ok(Tally {
        latencies: lock(&shared.latencies).clone(),
        took: started.elapsed(),
        unserved: lock(&shared.unserved).clone(),
        expiries: visitors.iter().map(|visitor| visitor.expiries()).sum(),
        lost: visitors.iter().filter(|visitor| visitor.is_lost()).count(),
    })
}

async fn tab(
    visitor: Arc<Visitor>,
    shared: Arc<Shared>,
    until: Instant,
    pause: Duration,
) -> Result<(), Failure> {
    while Instant::now() < until && !visitor.is_lost() {
        let begun = Instant::now();
        let seen = visitor.open().await?;
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        lock(&shared.latencies).saturating_record(micros);
        if let Seen::Nothing(status) = seen {
            *lock(&shared.unserved).entry(status).or_default() += 1;
        }
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

const TABS: usize = 2;
const LOGINS_AT_ONCE: usize = 8;
