//! Over the memory store of tower-sessions: the contract's suite, and what is under our ids and not ours.

use tower_sessions_core::SessionStore as _;
use tower_sessions_memory_store::MemoryStore;

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);

fn store() -> (TowerSessionsStore, MemoryStore, Clock) {
    let (theirs, clock) = (MemoryStore::default(), Clock::manual_from_now());
    (TowerSessionsStore::with_clock(theirs.clone(), clock.clone()), theirs, clock)
}

async fn insert(store: &TowerSessionsStore, name: &str) -> Swap {
    store.insert(name, b"ours".to_vec(), HOUR, Groups::none()).await.unwrap()
}

#[cfg(feature = "testing")]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_of_tower_sessions_keeps_the_contract_without_groups() {
    use crate::testing::store_contract::{StoreContract, Verdict};

    let (store, _, clock) = store();
    let contract = StoreContract::of(store).with_waiting(move |duration| {
        clock.advance(duration);
        std::future::ready(())
    });
    let report = contract.check().await;
    report.assert_kept();
    let open = report.clauses().iter().filter(|judged| *judged.verdict() == Verdict::NotPromised);
    assert_eq!(open.count(), 8, "{report}");
}

#[tokio::test]
async fn a_session_of_somebody_else_under_our_id_is_not_returned_changed_or_removed() {
    let (store, theirs, _) = store();
    let date = OffsetDateTime::from_unix_timestamp(4_000_000_000).unwrap();
    let another_name = {
        let (other, kept, _) = self::store();
        insert(&other, "another").await;
        kept.load(&id_of("another")).await.unwrap().unwrap().data
    };
    for data in [[("cart".to_owned(), json!(3))].into(), [(KEY.to_owned(), json!(3))].into(), another_name] {
        let session = Theirs { id: id_of("name"), data, expiry_date: date };
        theirs.save(&session).await.unwrap();
        assert_eq!(store.load("name").await.unwrap(), None);
        assert_eq!(insert(&store, "name").await, Swap::Conflict);
        let swapped = store.compare_and_swap("name", Version(1), Vec::new(), HOUR).await;
        assert_eq!(swapped.unwrap(), Swap::Conflict);
        assert_eq!(store.compare_and_remove("name", Version(1)).await.unwrap(), Swap::Conflict);
        store.remove("name").await.unwrap();
        assert_eq!(theirs.load(&session.id).await.unwrap(), Some(session));
    }
}

/// Theirs hides what has expired, keeps it, and gives a new record another id because of it.
#[tokio::test]
async fn what_has_expired_there_does_not_keep_its_name_taken_and_no_stray_record_is_left() {
    let (store, theirs, _) = store();
    let past = OffsetDateTime::from_unix_timestamp(1_000).unwrap();
    let expired = Theirs { id: id_of("name"), data: Default::default(), expiry_date: past };
    theirs.save(&expired).await.unwrap();
    assert!(matches!(insert(&store, "name").await, Swap::Done(_)));
    assert_eq!(store.load("name").await.unwrap().unwrap().bytes, b"ours");
    assert!(format!("{theirs:?}").matches("Record {").count() == 1, "{theirs:?}");
}

#[tokio::test]
async fn versions_go_on_after_a_restart() {
    let (first, theirs, clock) = store();
    let Swap::Done(before) = insert(&first, "name").await else { panic!() };
    first.remove("name").await.unwrap();
    clock.advance(Duration::from_millis(1));
    let restarted = TowerSessionsStore::with_clock(theirs, clock);
    let Swap::Done(after) = insert(&restarted, "name").await else { panic!() };
    assert!(after > before, "{after:?} after {before:?}");
}

/// A store that takes its time to save, and another for each save.
#[derive(Debug, Default)]
struct Slow(MemoryStore, AtomicU64);

impl tower_sessions_core::SessionStore for Slow {
    fn create<'a, 'b, 'c>(
        &'a self,
        record: &'b mut Theirs,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), TheirError>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.create(record)
    }

    fn save<'a, 'b, 'c>(
        &'a self,
        record: &'b Theirs,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), TheirError>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            let earlier = self.1.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(10) / (1 + earlier as u32)).await;
            self.0.save(record).await
        })
    }

    fn load<'a, 'b, 'c>(
        &'a self,
        id: &'b Id,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Option<Theirs>, TheirError>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.load(id)
    }

    fn delete<'a, 'b, 'c>(
        &'a self,
        id: &'b Id,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(), TheirError>> + Send + 'c>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        self.0.delete(id)
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_dropped_is_finished_before_the_next_writer_has_its_turn() {
    let store = TowerSessionsStore::new(Slow::default());
    let Swap::Done(version) = insert(&store, "name").await else { panic!() };
    let dropped = store.compare_and_swap("name", version, b"dropped".to_vec(), HOUR);
    assert!(tokio::time::timeout(Duration::from_secs(1), dropped).await.is_err());
    let late = store.compare_and_swap("name", version, b"late".to_vec(), HOUR).await.unwrap();
    assert_eq!(late, Swap::Conflict, "the dropped one was first");
    assert_eq!(store.load("name").await.unwrap().unwrap().bytes, b"dropped");
}
