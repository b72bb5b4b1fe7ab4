//! A memory store that keeps its contract but for one sin.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::yield_now;

use crate::clock::{Clock, Timestamp};
use crate::session::{
    Groups, MemoryStore, Promises, Reach, Record, SessionStore, StoreError, StoreFuture, Swap, Version,
};

macro_rules! sins {
    ($($sin:ident breaks $clause:literal,)+) => {
        /// What a store may do wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Sin { $($sin,)+ WithoutGroups, Panics, Fails }

        /// Each sin with the clause that it breaks.
        pub(super) const SINS: &[(Sin, &str)] = &[$((Sin::$sin, $clause),)+];
    };
}

sins! {
    CutsAtZeroBytes breaks "a record comes back byte for byte",
    LoadsAllThatIsThere breaks "load_all keeps the order, with absent and repeated names",
    LooksThenInserts breaks "of 50 that insert a name, one is done",
    BurnsNames breaks "a name that was removed is free again",
    SwapsAnyVersion breaks "a swap acts only on the version that was loaded",
    RemovesAnyVersion breaks "a removal acts only on the version that was loaded",
    LooksThenSwaps breaks "of 50 that swap a version, one is done",
    LooksThenRemoves breaks "of 50 that swap or remove a version, one is done",
    SwapsWhatIsNotThere breaks "what is not there is gone to a swap and to a removal",
    TouchesWhatItRefuses breaks "a write that is refused changes nothing",
    CountsDown breaks "the versions of a name grow",
    CountsAnewAfterRemoval breaks "no version comes again after a removal",
    CountsAnewAfterExpiry breaks "no version comes again after the record has expired",
    CountsAnewAfterGroups breaks "no version comes again after a removal with a group",
    RemovesLate breaks "no swap brings back what was removed",
    RoundsUpToSeconds breaks "a record lives for its lifetime",
    NeverExpires breaks "an expired record is as good as removed",
    KeepsLongLifetimes breaks "a swap can make the lifetime shorter",
    KeepsFirstLifetimes breaks "a swap can make the lifetime longer",
    TakesNamesForGroups breaks "nothing is removed with a group that nothing is in",
    RemovesNoGroup breaks "all that is in a group is removed with it, and nothing else",
    KeepsOneGroup breaks "a record stays in its groups when it is swapped",
    LeavesGroupsWhenSwapped breaks "a record stays in its groups when it is swapped",
    LeavesGroupsEarly breaks "it stays in them for longer than its first lifetime",
    RemovesGroupsLate breaks "no swap brings back what was removed with a group",
    JoinsThoughRefused breaks "an insert that is refused joins no group",
    RemembersGroups breaks "a name that is free again is in none of its former groups",
    CountsTheExpired breaks "an expired record is not counted with its group",
    IgnoresCase breaks "names have 1 to 64 characters of A-Z a-z 0-9 - _ :",
    TakesNoShortName breaks "names have 1 to 64 characters of A-Z a-z 0-9 - _ :",
    CutsAt32KiB breaks "records have 0 bytes to 64 KiB",
    TakesEmptyForNothing breaks "records have 0 bytes to 64 KiB",
    RefusesLongLifetimes breaks "lifetimes are 1 ms to 400 days",
    InsertsThenJoins breaks "an insert that is dropped is whole or undone",
    SwapsInTwoSteps breaks "a swap that is dropped is whole or undone",
    RemovesInTwoSteps breaks "a removal that is dropped is whole or undone",
}

pub(super) struct Sinner {
    sin: Sin,
    store: MemoryStore,
    clock: Clock,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    /// By name: what the versions are counted from, when the first lifetime ends, and whether the
    /// name was removed by its name.
    names: HashMap<String, Note>,
    /// Every group that a name was ever said to be in.
    groups: Vec<(String, String)>,
}

#[derive(Clone, Copy, Default)]
struct Note {
    base: u64,
    ends_at: Timestamp,
    fate: Fate,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Fate {
    #[default]
    New,
    Living,
    Removed,
    RemovedWithGroup,
}

impl Sinner {
    pub(super) fn new(sin: Sin, clock: Clock) -> Self {
        Self { sin, store: MemoryStore::new(clock.clone()), clock, notes: Mutex::default() }
    }

    fn is(&self, sin: Sin) -> bool {
        self.sin == sin
    }

    fn notes<R>(&self, act: impl FnOnce(&mut Notes) -> R) -> R {
        act(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, name: &str) -> Note {
        self.notes(|notes| notes.names.get(name).copied().unwrap_or_default())
    }

    fn set_fate(&self, name: &str, fate: Fate) {
        self.notes(|notes| notes.names.entry(name.into()).or_default().fate = fate);
    }

    fn name(&self, name: &str) -> String {
        if self.is(Sin::IgnoresCase) { name.to_lowercase() } else { name.to_owned() }
    }

    fn shown(&self, name: &str, version: Version) -> Version {
        if self.is(Sin::CountsDown) {
            return Version(u64::MAX - version.0);
        }
        Version(version.0 - self.note(name).base)
    }

    fn meant(&self, name: &str, version: Version) -> Version {
        if self.is(Sin::CountsDown) {
            return Version(u64::MAX - version.0);
        }
        Version(version.0.saturating_add(self.note(name).base))
    }

    fn answer(&self, name: &str, answer: Swap) -> Swap {
        match answer {
            Swap::Done(version) => Swap::Done(self.shown(name, version)),
            other => other,
        }
    }

    fn bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        if self.is(Sin::CutsAtZeroBytes) {
            bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        } else if self.is(Sin::CutsAt32KiB) {
            bytes.truncate(32 * 1_024);
        }
        bytes
    }

    fn lifetime(&self, lifetime: Duration) -> Result<Duration, StoreError> {
        match self.sin {
            Sin::RoundsUpToSeconds => Ok(Duration::from_secs(lifetime.as_millis().div_ceil(1_000) as u64)),
            Sin::NeverExpires => Ok(Duration::from_secs(1 << 30)),
            Sin::RefusesLongLifetimes if lifetime > Duration::from_secs(1 << 24) => {
                Err(StoreError::new("too long"))
            }
            _ => Ok(lifetime),
        }
    }

    async fn current(&self, name: &str) -> Result<Option<Version>, StoreError> {
        Ok(self.store.load(name).await?.map(|found| found.version))
    }
}

impl SessionStore for Sinner {
    fn promises(&self) -> Promises {
        let all = Promises::all(Reach::Process);
        if self.is(Sin::WithoutGroups) { all.without_groups() } else { all }
    }

    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        Box::pin(async move {
            assert!(!self.is(Sin::Panics), "a store that panics");
            if self.is(Sin::Fails) {
                return Err(StoreError::new("a store that fails"));
            }
            let name = self.name(name);
            let found = self.store.load(&name).await?;
            let found = found.filter(|found| !(self.is(Sin::TakesEmptyForNothing) && found.bytes.is_empty()));
            Ok(found.map(|found| Record::new(found.bytes, self.shown(&name, found.version))))
        })
    }

    fn load_all<'a>(&'a self, names: &'a [&'a str]) -> StoreFuture<'a, Vec<Option<Record>>> {
        Box::pin(async move {
            let mut records = Vec::new();
            for name in names {
                records.push(self.load(name).await?);
            }
            if self.is(Sin::LoadsAllThatIsThere) {
                records.retain(Option::is_some);
            }
            Ok(records)
        })
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        Box::pin(async move {
            let (name, lifetime) = (self.name(name), self.lifetime(lifetime)?);
            let before = self.note(&name);
            match self.sin {
                Sin::TakesNoShortName if name.len() < 2 => return Err(StoreError::new("too short")),
                Sin::BurnsNames if before.fate != Fate::New => return Ok(Swap::Conflict),
                Sin::LooksThenInserts => {
                    if self.current(&name).await?.is_some() {
                        return Ok(Swap::Conflict);
                    }
                    yield_now().await;
                    self.store.remove(&name).await?;
                }
                Sin::InsertsThenJoins => {
                    if self.store.insert(&name, record.clone(), lifetime, Groups::none()).await?
                        == Swap::Conflict
                    {
                        return Ok(Swap::Conflict);
                    }
                    yield_now().await;
                    self.store.remove(&name).await?;
                }
                _ => {}
            }
            let joined = match groups.names {
                _ if self.is(Sin::WithoutGroups) => Groups::none(),
                [first, ..] if self.is(Sin::KeepsOneGroup) => {
                    let one = [*first];
                    let one = Groups::new(&one, lifetime);
                    return self.store.insert(&name, record, lifetime, one).await;
                }
                _ => groups,
            };
            let answer = self.store.insert(&name, self.bytes(record), lifetime, joined).await?;
            let is_done = matches!(answer, Swap::Done(_));
            if is_done || self.is(Sin::JoinsThoughRefused) {
                let said = groups.names.iter().map(|group| ((*group).to_owned(), name.clone()));
                self.notes(|notes| notes.groups.extend(said));
            }
            if let Swap::Done(version) = answer {
                let counts_anew = match self.sin {
                    Sin::CountsAnewAfterRemoval => before.fate == Fate::Removed,
                    Sin::CountsAnewAfterExpiry => before.fate == Fate::Living,
                    Sin::CountsAnewAfterGroups => before.fate == Fate::RemovedWithGroup,
                    _ => false,
                };
                let base = if counts_anew { version.0 - 1 } else { before.base };
                let ends_at = self.clock.now().plus(lifetime);
                let note = Note { base, ends_at, fate: Fate::Living };
                self.notes(|notes| notes.names.insert(name.clone(), note));
            }
            Ok(self.answer(&name, answer))
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        name: &'a str,
        expected: Version,
        record: Vec<u8>,
        lifetime: Duration,
    ) -> StoreFuture<'a, Swap> {
        Box::pin(async move {
            let (name, record) = (self.name(name), self.bytes(record));
            let mut lifetime = self.lifetime(lifetime)?;
            let mut expected = self.meant(&name, expected);
            let current = self.store.load(&name).await?;
            match (self.sin, current) {
                (Sin::SwapsWhatIsNotThere, None) => {
                    return self.store.insert(&name, record, lifetime, Groups::none()).await;
                }
                (Sin::SwapsAnyVersion, Some(found)) => expected = found.version,
                (Sin::LooksThenSwaps, Some(found)) if found.version == expected => {
                    yield_now().await;
                    expected = self.current(&name).await?.unwrap_or(expected);
                }
                (Sin::TouchesWhatItRefuses, Some(found)) if found.version != expected => {
                    self.store.compare_and_swap(&name, found.version, found.bytes, lifetime).await?;
                }
                (Sin::LeavesGroupsWhenSwapped, Some(found)) if found.version == expected => {
                    self.store.remove(&name).await?;
                    return self.store.insert(&name, record, lifetime, Groups::none()).await;
                }
                (Sin::SwapsInTwoSteps, Some(found)) if found.version == expected => {
                    let half = [&record[..record.len() / 2], &found.bytes[found.bytes.len() / 2..]].concat();
                    let half = self.store.compare_and_swap(&name, expected, half, lifetime).await?;
                    yield_now().await;
                    if let Swap::Done(version) = half {
                        expected = version;
                    }
                }
                (Sin::KeepsLongLifetimes, _) => lifetime = lifetime.max(Duration::from_secs(600)),
                (Sin::KeepsFirstLifetimes, _) => lifetime = self.note(&name).ends_at.since(self.clock.now()),
                _ => {}
            }
            let answer = self.store.compare_and_swap(&name, expected, record, lifetime).await?;
            Ok(self.answer(&name, answer))
        })
    }

    fn compare_and_remove<'a>(&'a self, name: &'a str, expected: Version) -> StoreFuture<'a, Swap> {
        Box::pin(async move {
            let name = self.name(name);
            let mut expected = self.meant(&name, expected);
            let current = self.current(&name).await?;
            if self.is(Sin::RemovesAnyVersion) {
                expected = current.unwrap_or(expected);
            }
            if self.is(Sin::LooksThenRemoves) && current == Some(expected) {
                yield_now().await;
                self.store.remove(&name).await?;
                return Ok(Swap::Done(expected));
            }
            if self.is(Sin::RemovesInTwoSteps) && current == Some(expected) {
                let emptied = self.store.compare_and_swap(&name, expected, Vec::new(), ANY).await?;
                yield_now().await;
                if let Swap::Done(version) = emptied {
                    expected = version;
                }
            }
            let answer = self.store.compare_and_remove(&name, expected).await?;
            if matches!(answer, Swap::Done(_)) {
                self.set_fate(&name, Fate::Removed);
            }
            Ok(self.answer(&name, answer))
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let name = self.name(name);
            self.set_fate(&name, Fate::Removed);
            if self.is(Sin::RemovesLate) {
                let store = self.store.clone();
                tokio::spawn(async move {
                    yield_now().await;
                    store.remove(&name).await
                });
                return Ok(());
            }
            if self.is(Sin::RemovesInTwoSteps)
                && let Some(version) = self.current(&name).await?
            {
                self.store.compare_and_swap(&name, version, Vec::new(), ANY).await?;
                yield_now().await;
            }
            self.store.remove(&name).await
        })
    }

    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        Box::pin(async move {
            let members = self.notes(|notes| {
                let members = notes.groups.iter().filter(|(of, _)| of == group);
                members.map(|(_, name)| name.clone()).collect::<Vec<_>>()
            });
            let ended = |name: &String| self.clock.now() >= self.note(name).ends_at;
            match self.sin {
                Sin::RemovesNoGroup => return Ok(members.len() as u64),
                Sin::LeavesGroupsEarly if members.iter().all(ended) => return Ok(0),
                Sin::TakesNamesForGroups => self.store.remove(group).await?,
                Sin::RemovesGroupsLate => {
                    let (store, group) = (self.store.clone(), group.to_owned());
                    tokio::spawn(async move {
                        yield_now().await;
                        store.remove_group(&group).await
                    });
                    return Ok(members.len() as u64);
                }
                Sin::JoinsThoughRefused | Sin::RemembersGroups => {
                    let mut removed = 0;
                    for name in members {
                        removed += u64::from(self.current(&name).await?.is_some());
                        self.store.remove(&name).await?;
                    }
                    return Ok(removed);
                }
                _ => {}
            }
            let removed = self.store.remove_group(group).await?;
            for name in &members {
                self.set_fate(name, Fate::RemovedWithGroup);
            }
            Ok(if self.is(Sin::CountsTheExpired) { members.len() as u64 } else { removed })
        })
    }
}

const ANY: Duration = Duration::from_secs(600);
