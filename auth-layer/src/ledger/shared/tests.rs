//! Instances that count into one record, answers that are lost, and records that are too long.

use super::*;
use crate::clock::{Clock, Moment, Timestamp};
use crate::identifier::{Audience, ClientId};
use crate::ledger::{Exchange, Grant, Ledger, LedgerReach};
use crate::session::{BoundedStore, FarStore, MemoryStore};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_764_547_200); // 2025-12-01T00:00:00Z

fn ledger(clock: &Clock, store: Arc<dyn SessionStore>) -> Ledger {
    Ledger::new(clock.clone(), Some(&Issuer::from("https://op.example/")), Some(store))
}

fn machine_token(clock: &Clock, audience: &str) -> Exchange {
    let client = ClientId::from("worker");
    Exchange::of(Grant::ClientCredentials, &client, None, clock.now())
        .with_audience(Some(&Audience::from(audience)))
}

#[tokio::test]
async fn what_instances_count_adds_up_and_outlives_them() {
    let clock = Clock::manual(NOW);
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(clock.clone()));
    for _ in 0..3 {
        let instance = ledger(&clock, Arc::clone(&store));
        instance.record(&machine_token(&clock, "https://api.example"));
        instance.record(&machine_token(&clock, "https://op.example/api/v2/"));
        instance.bring().await.unwrap();
        assert_eq!((instance.report().count("seccft"), instance.report().reach), (2, LedgerReach::Process));
    }
    let report = ledger(&clock, store).report_of_fleet().await.unwrap();
    assert_eq!((report.count("seccft"), report.m2m_quota_consumed, report.reach), (6, 3, LedgerReach::Fleet));
    assert_eq!(report.since, NOW.unix_seconds());
}

#[tokio::test]
async fn a_count_whose_answer_is_lost_is_added_once() {
    let clock = Clock::manual(NOW);
    let store = Arc::new(FarStore::new(clock.clone()));
    let instance = ledger(&clock, Arc::clone(&store) as Arc<dyn SessionStore>);
    for losses in 1..=3 {
        instance.record(&machine_token(&clock, "https://api.example"));
        store.lose_answers(1);
        instance.bring().await.unwrap_err();
        // Counted while the first is not known to have arrived.
        instance.record(&machine_token(&clock, "https://api.example"));
        assert_eq!(instance.report_of_fleet().await.unwrap().m2m_quota_consumed, losses * 2);
    }
}

#[tokio::test]
async fn many_instances_at_once_lose_no_count() {
    let clock = Clock::manual(NOW);
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(clock.clone()));
    let bringing: Vec<_> = (0..32)
        .map(|_| {
            let (clock, store) = (clock.clone(), Arc::clone(&store));
            tokio::spawn(async move {
                let instance = ledger(&clock, store);
                for _ in 0..10 {
                    instance.record(&machine_token(&clock, "https://api.example"));
                    instance.bring().await.unwrap();
                }
            })
        })
        .collect();
    for instance in bringing {
        instance.await.unwrap();
    }
    assert_eq!(ledger(&clock, store).report_of_fleet().await.unwrap().m2m_quota_consumed, 320);
}

#[tokio::test]
async fn hours_days_and_months_are_told_apart() {
    let clock = Clock::manual(NOW.minus(Duration::from_secs(1)));
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(clock.clone()));
    let instance = ledger(&clock, store);
    instance.record(&machine_token(&clock, "https://api.example"));
    clock.advance(Duration::from_secs(1));
    instance.record(&machine_token(&clock, "https://api.example"));
    instance.record(&machine_token(&clock, "https://api.example"));
    for report in [instance.report(), instance.report_of_fleet().await.unwrap()] {
        for periods in [&report.hours, &report.days, &report.months] {
            let consumed: Vec<_> = periods.iter().map(|period| period.m2m_quota_consumed).collect();
            assert_eq!(consumed, [1, 2], "{:?}", report.reach);
        }
        assert_eq!(report.hours[0].begins, NOW.unix_seconds() - 3_600);
        assert_eq!(report.months[0].begins, NOW.unix_seconds() - 30 * DAY);
    }
}

#[tokio::test]
async fn a_day_of_names_without_end_fits_into_its_record() {
    let clock = Clock::manual(NOW);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let instance = ledger(&clock, Arc::clone(&store) as Arc<dyn SessionStore>);
    for audience in 0..300 {
        instance.record(&machine_token(&clock, &format!("https://{}/{audience}", "x".repeat(1_000))));
    }
    instance.bring().await.unwrap();
    let record = store.load(&name()).await.unwrap().unwrap();
    assert!(record.bytes.len() <= 60 * 1_024, "{} bytes", record.bytes.len());
    assert_eq!(instance.report_of_fleet().await.unwrap().m2m_quota_consumed, 300);
}

#[tokio::test]
async fn a_day_that_cannot_be_read_begins_anew() {
    let clock = Clock::manual(NOW);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let instance = ledger(&clock, Arc::clone(&store) as Arc<dyn SessionStore>);
    store.insert(&name(), b"\x01garbage".to_vec(), KEPT, Groups::none()).await.unwrap();
    instance.record(&machine_token(&clock, "https://api.example"));
    assert_eq!(instance.report_of_fleet().await.unwrap().m2m_quota_consumed, 1);
}

#[tokio::test]
async fn ledgers_of_two_issuers_share_a_store_and_nothing_else() {
    let clock = Clock::manual(NOW);
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(clock.clone()));
    let ours = ledger(&clock, Arc::clone(&store));
    ours.record(&machine_token(&clock, "https://api.example"));
    ours.bring().await.unwrap();
    let theirs = Ledger::new(clock, Some(&Issuer::from("https://other.example/")), Some(store));
    assert_eq!(theirs.report_of_fleet().await.unwrap().lines, []);
}

/// The record of the day that [`NOW`] is in.
fn name() -> String {
    let store = Arc::new(MemoryStore::new(Clock::manual(NOW)));
    SharedLedger::new(store, &Issuer::from("https://op.example/")).name(Day::of(NOW))
}

/// Machine tokens are handed out after their count was brought: a stuck store must not make a queue of that.
#[tokio::test(start_paused = true)]
async fn a_hundred_who_bring_to_a_stuck_store_wait_together_and_not_one_after_another() {
    let clock = Clock::manual(NOW);
    let stuck = Arc::new(FarStore::new(clock.clone()));
    stuck.get_stuck();
    let instance = ledger(&clock, Arc::new(BoundedStore::new(stuck)));
    let began = Moment::now();
    let bringing: Vec<_> = (0..100)
        .map(|_| {
            let (instance, clock) = (instance.clone(), clock.clone());
            tokio::spawn(async move {
                instance.record(&machine_token(&clock, "https://api.example"));
                instance.bring().await.unwrap_err();
            })
        })
        .collect();
    for bringing in bringing {
        bringing.await.unwrap();
    }
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

/// The task that was to bring it went with its runtime; the next exchange has another one.
#[test]
fn a_runtime_that_is_torn_down_keeps_no_later_count_from_the_store() {
    let clock = Clock::manual(NOW);
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(clock.clone()));
    let instance = ledger(&clock, Arc::clone(&store));
    let runtime =
        || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime().block_on(async { instance.record(&machine_token(&clock, "https://api.example")) });
    let there = runtime().block_on(async {
        instance.record(&machine_token(&clock, "https://api.example"));
        tokio::time::sleep(Duration::from_secs(6)).await;
        store.load(&name()).await.unwrap()
    });
    assert!(there.is_some());
}

/// Who can write to the store can write the ledger, and end no process by it.
#[tokio::test]
async fn counts_without_end_in_the_store_do_not_overflow() {
    let clock = Clock::manual(NOW);
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let instance = ledger(&clock, Arc::clone(&store) as Arc<dyn SessionStore>);
    instance.record(&machine_token(&clock, "https://api.example"));
    instance.bring().await.unwrap();
    let record = store.load(&name()).await.unwrap().unwrap();
    // The version, when it began, one line, its names, one hour and its count.
    let mut day = SharedDay::decode(&record.bytes);
    day.tally.overflow();
    store.compare_and_swap(&name(), record.version, day.encode(), KEPT).await.unwrap();
    let report = instance.report_of_fleet().await.unwrap();
    assert_eq!((report.m2m_quota_consumed, report.count("seccft")), (u64::MAX, u64::MAX));
    assert!(report.to_string().contains(&u64::MAX.to_string()));
}
