//! A hand on the store: what the clauses are tried with.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::one_time::random_token;
use crate::session::{Groups, Record, SessionStore, StoreError, Swap, Version};

/// How the time of a lifetime passes.
pub(super) type Waiting = Box<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// What was seen instead of what the clause says.
#[derive(Debug)]
pub(super) struct Breach(String);

/// What trying a clause comes to.
pub(super) type Tried<T = ()> = Result<T, Breach>;

/// The instances of a store, under names that nobody else has.
pub(super) struct Probe {
    instances: Vec<Arc<dyn SessionStore>>,
    waiting: Waiting,
    run: String,
    names: Mutex<Vec<String>>,
    turn: AtomicUsize,
}

impl Probe {
    pub(super) fn new(instances: Vec<Arc<dyn SessionStore>>, waiting: Waiting) -> Self {
        let mut run = random_token();
        run.truncate(16);
        Self { instances, waiting, run, names: Mutex::default(), turn: AtomicUsize::default() }
    }

    /// The instance whose turn it is.
    pub(super) fn store(&self) -> &dyn SessionStore {
        &*self.instances[self.turn.fetch_add(1, Ordering::Relaxed) % self.instances.len()]
    }

    /// A name, or a group, that nothing is under.
    pub(super) fn name(&self) -> String {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("{}:{}", self.run, names.len());
        names.push(name.clone());
        name
    }

    pub(super) async fn wait(&self, duration: Duration) {
        (self.waiting)(duration).await;
    }

    pub(super) async fn load(&self, name: &str) -> Tried<Option<Record>> {
        Ok(self.store().load(name).await?)
    }

    pub(super) async fn insert(&self, name: &str, bytes: &[u8], lifetime: Duration) -> Tried<Version> {
        self.insert_in(name, bytes, lifetime, &[]).await
    }

    /// Inserts a record in groups whose lifetime is [`LONG`].
    pub(super) async fn insert_in(
        &self,
        name: &str,
        bytes: &[u8],
        lifetime: Duration,
        groups: &[&str],
    ) -> Tried<Version> {
        let groups = if groups.is_empty() { Groups::none() } else { Groups::new(groups, LONG) };
        match self.store().insert(name, bytes.to_vec(), lifetime, groups).await? {
            Swap::Done(version) => Ok(version),
            other => Err(Breach::new(format!("an insert of a free name was answered {other:?}"))),
        }
    }

    pub(super) async fn swap(
        &self,
        name: &str,
        expected: Version,
        bytes: &[u8],
        lifetime: Duration,
    ) -> Tried<Swap> {
        Ok(self.store().compare_and_swap(name, expected, bytes.to_vec(), lifetime).await?)
    }

    /// Swaps what is certainly still of this version.
    pub(super) async fn must_swap(
        &self,
        name: &str,
        expected: Version,
        bytes: &[u8],
        lifetime: Duration,
    ) -> Tried<Version> {
        match self.swap(name, expected, bytes, lifetime).await? {
            Swap::Done(version) => Ok(version),
            other => {
                Err(Breach::new(format!("a compare-and-swap of the living version was answered {other:?}")))
            }
        }
    }

    /// Sees that there is this record, and no other.
    pub(super) async fn see_record(&self, name: &str, bytes: &[u8], version: Version) -> Tried {
        match self.load(name).await? {
            None => Err(Breach::new("the record is gone")),
            Some(found) if found.bytes != bytes => Err(Breach::new(format!(
                "other bytes came back: {} where there were {}",
                found.bytes.len(),
                bytes.len()
            ))),
            Some(found) => see(found.version == version, || {
                format!("a record of {version:?} came back as {:?}", found.version)
            }),
        }
    }

    pub(super) async fn see_nothing(&self, name: &str, when: &str) -> Tried {
        let found = self.load(name).await?;
        see(found.is_none(), || format!("a record is there {when}"))
    }

    /// What [`AT_ONCE`] tasks are answered which act at the same time.
    pub(super) async fn race<F>(
        self: &Arc<Self>,
        act: impl Fn(Arc<Self>, usize) -> F,
    ) -> Tried<Vec<(usize, Swap)>>
    where
        F: Future<Output = Tried<Swap>> + Send + 'static,
    {
        let (start, mut tasks) = (Arc::new(Barrier::new(AT_ONCE)), JoinSet::new());
        for task in 0..AT_ONCE {
            let (start, acting) = (Arc::clone(&start), act(Arc::clone(self), task));
            tasks.spawn(async move {
                start.wait().await;
                acting.await.map(|answer| (task, answer))
            });
        }
        let mut answers = Vec::with_capacity(AT_ONCE);
        while let Some(joined) = tasks.join_next().await {
            answers.push(joined.map_err(|_| Breach::new("the store panicked"))??);
        }
        Ok(answers)
    }

    /// Leaves the store as it was.
    pub(super) async fn remove_all(&self) {
        let names = std::mem::take(&mut *self.names.lock().unwrap_or_else(PoisonError::into_inner));
        for name in names {
            // A store that gives no answer keeps them until they expire: that is not what is tried here.
            let _ = self.store().remove(&name).await;
        }
    }
}

impl Breach {
    pub(super) fn new(seen: impl Into<String>) -> Self {
        Self(seen.into())
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<StoreError> for Breach {
    fn from(error: StoreError) -> Self {
        let mut seen = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            seen = format!("{seen}: {error}");
            source = error.source();
        }
        Self(seen)
    }
}

/// Breaks the clause unless it holds.
pub(super) fn see(holds: bool, otherwise: impl FnOnce() -> String) -> Tried {
    if holds { Ok(()) } else { Err(Breach(otherwise())) }
}

/// The one that was done, and its version.
pub(super) fn the_one_done(answers: &[(usize, Swap)]) -> Tried<(usize, Version)> {
    let mut done = answers.iter().filter_map(|(task, answer)| match answer {
        Swap::Done(version) => Some((*task, *version)),
        _ => None,
    });
    match (done.next(), done.count()) {
        (Some(one), 0) => Ok(one),
        (None, _) => Err(Breach::new(format!("of {} none was done", answers.len()))),
        (Some(_), more) => Err(Breach::new(format!("of {} {} were done", answers.len(), more + 1))),
    }
}

/// How many act at the same time.
pub(super) const AT_ONCE: usize = 50;
/// A lifetime that does not end during a run.
pub(super) const LONG: Duration = Duration::from_secs(600);
/// A lifetime that is waited for.
pub(super) const SHORT: Duration = Duration::from_millis(400);
/// Longer than [`SHORT`], for stores that expire a little late.
pub(super) const PAST_SHORT: Duration = Duration::from_millis(600);
