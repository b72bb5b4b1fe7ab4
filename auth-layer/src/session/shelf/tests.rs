//! Writers that come too late, records that do not open, and lives that are made longer.

use super::*;
use crate::clock::Timestamp;
use crate::secret::SecretText;
use crate::session::memory_store::MemoryStore;
use crate::session::record::tests::record;
use crate::session::store::{Promises, Record, StoreFuture};

fn shelf() -> (Shelf, MemoryStore, Clock) {
    let clock = Clock::manual(Timestamp::from_unix_seconds(20));
    let store = MemoryStore::new(clock.clone());
    let (shared, client) = (Arc::new(store.clone()), Purpose::new("client"));
    (Shelf::new(shared, client, Duration::from_secs(100), clock.clone()), store, clock)
}

fn next(set: &TokenSet, refresh_token: &str) -> Arc<TokenSet> {
    let refresh_token = Some(SecretText::from(refresh_token));
    Arc::new(TokenSet { generation: set.generation + 1, refresh_token, ..set.clone() })
}

async fn held(shelf: &Shelf) -> Arc<TokenSet> {
    shelf.load("id").await.unwrap().unwrap().token_set
}

#[tokio::test]
async fn a_writer_who_was_suspended_does_not_overwrite_what_another_brought() {
    let (shelf, ..) = shelf();
    let record = record();
    shelf.insert(&record, &[]).await.unwrap();
    let spent = &record.token_set;
    let (first, late) = (next(spent, "first"), next(spent, "late"));
    assert!(matches!(shelf.save_tokens("id", spent, &first).await.unwrap(), Saved::Yes));
    assert!(matches!(shelf.save_tokens("id", spent, &first).await.unwrap(), Saved::Yes), "tried again");
    let Saved::Overtaken(newer) = shelf.save_tokens("id", spent, &late).await.unwrap() else {
        panic!("the late writer is told what is there")
    };
    assert!(newer.refresh_token.as_ref().unwrap().ct_eq(b"first"));
    assert!(held(&shelf).await.refresh_token.as_ref().unwrap().ct_eq(b"first"));
}

#[tokio::test]
async fn whoever_comes_too_late_with_a_dead_grant_does_not_remove_the_winners_session() {
    let (shelf, store, _) = shelf();
    let record = record();
    shelf.insert(&record, &[]).await.unwrap();
    let newer = next(&record.token_set, "newer");
    shelf.save_tokens("id", &record.token_set, &newer).await.unwrap();
    let kept = shelf.remove_with("id", &record.token_set).await.unwrap().unwrap();
    assert_eq!((kept.generation, store.len()), (newer.generation, 1));
    assert!(shelf.remove_with("id", &newer).await.unwrap().is_none());
    assert!(store.is_empty());
    let saved = shelf.save_tokens("id", &newer, &next(&newer, "later")).await.unwrap();
    assert!(matches!(saved, Saved::Ended) && store.is_empty(), "a session that ended is not brought back");
}

#[tokio::test]
async fn a_roll_keeps_the_tokens_and_makes_the_life_in_the_store_longer() {
    let (shelf, store, clock) = shelf();
    let record = record();
    shelf.insert(&record, &[]).await.unwrap();
    let newer = next(&record.token_set, "newer");
    shelf.save_tokens("id", &record.token_set, &newer).await.unwrap();
    clock.advance(Duration::from_secs(60));
    assert!(shelf.save_rolled(&SessionRecord { rolled_at: clock.now(), ..record }).await.unwrap());
    clock.advance(Duration::from_secs(99));
    assert_eq!(held(&shelf).await.generation, newer.generation);
    clock.advance(Duration::from_secs(1));
    assert!(shelf.load("id").await.unwrap().is_none());
    assert!(store.is_empty());
}

#[tokio::test]
async fn a_record_that_does_not_open_is_nobodys_session_and_stays() {
    let (shelf, store, _) = shelf();
    let name = shelf.ticket("id").name().to_owned();
    let foreign = vec![7; 200];
    store.insert(&name, foreign.clone(), Duration::from_secs(60), Groups::none()).await.unwrap();
    let record = record();
    assert!(shelf.load("id").await.unwrap().is_none());
    assert!(!shelf.save_rolled(&record).await.unwrap());
    assert!(shelf.remove_with("id", &record.token_set).await.unwrap().is_none());
    assert!(shelf.insert(&record, &[]).await.is_err());
    assert_eq!(store.load(&name).await.unwrap().unwrap().bytes, foreign);
}

/// A store whose writers are always too late.
struct Restless(MemoryStore);

impl SessionStore for Restless {
    fn promises(&self) -> Promises {
        self.0.promises()
    }
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<Record>> {
        self.0.load(name)
    }
    fn insert<'a>(
        &'a self,
        name: &'a str,
        record: Vec<u8>,
        lifetime: Duration,
        groups: Groups<'a>,
    ) -> StoreFuture<'a, Swap> {
        self.0.insert(name, record, lifetime, groups)
    }
    fn compare_and_swap<'a>(
        &'a self,
        _: &'a str,
        _: Version,
        _: Vec<u8>,
        _: Duration,
    ) -> StoreFuture<'a, Swap> {
        Box::pin(async { Ok(Swap::Conflict) })
    }
    fn compare_and_remove<'a>(&'a self, _: &'a str, _: Version) -> StoreFuture<'a, Swap> {
        Box::pin(async { Ok(Swap::Conflict) })
    }
    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.0.remove(name)
    }
    fn remove_group<'a>(&'a self, group: &'a str) -> StoreFuture<'a, u64> {
        self.0.remove_group(group)
    }
}

#[tokio::test]
async fn a_store_whose_conflicts_never_end_is_an_error_and_no_request_hangs() {
    let clock = Clock::manual(Timestamp::from_unix_seconds(20));
    let store = Arc::new(Restless(MemoryStore::new(clock.clone())));
    let shelf = Shelf::new(store, Purpose::new("client"), Duration::from_secs(100), clock.clone());
    let record = record();
    shelf.insert(&record, &[]).await.unwrap();
    clock.advance(Duration::from_secs(1));
    let rolled = SessionRecord { rolled_at: clock.now(), ..record.clone() };
    let asked = async {
        assert!(shelf.save_tokens("id", &record.token_set, &next(&record.token_set, "next")).await.is_err());
        assert!(shelf.remove_with("id", &record.token_set).await.is_err());
        assert!(shelf.save_rolled(&rolled).await.is_err());
    };
    tokio::time::timeout(Duration::from_secs(10), asked).await.expect("an answer");
}
