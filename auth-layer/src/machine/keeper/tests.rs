//! Instances and callers that take from one budget at once, and stores that are slow, stuck or lose answers.

use super::*;
use crate::clock::Timestamp;
use crate::config::{Budget, QuotaHeaders};
use crate::provider::Bucket;
use crate::session::{BoundedStore, FarStore};

const NOON: Timestamp = Timestamp::from_unix_seconds(1_764_590_400); // 2025-12-01T12:00:00Z

fn far() -> Arc<FarStore> {
    Arc::new(FarStore::new(Clock::manual(NOON)))
}

fn keeper(store: Option<&Arc<FarStore>>, limit: u64) -> Arc<BudgetKeeper> {
    let policy = MachinePolicy {
        budget: Budget::default().with_limit(Period::Day, limit),
        ..MachinePolicy::default()
    };
    let shared = store.map(|store| {
        let store = Arc::new(BoundedStore::new(Arc::clone(store) as Arc<dyn SessionStore>));
        SharedBudget { store, name: "b:test".into() }
    });
    Arc::new(BudgetKeeper::new(policy, Clock::manual(NOON), shared))
}

/// How many of so many callers at once get a token's worth of the budget.
async fn reserved(keepers: &[Arc<BudgetKeeper>], callers: usize) -> usize {
    let calls: Vec<_> = (0..callers)
        .map(|call| {
            let keeper = Arc::clone(&keepers[call % keepers.len()]);
            tokio::spawn(async move { keeper.reserve(None).await.is_ok() })
        })
        .collect();
    let mut served = 0;
    for call in calls {
        served += usize::from(call.await.unwrap());
    }
    served
}

fn empty() -> QuotaNews {
    let bucket = Bucket {
        name: "per_day".into(),
        limit: Some(10),
        remaining: Some(0),
        resets_at: NOON.plus(Duration::from_secs(600)),
    };
    QuotaNews { client: vec![bucket], organization: Vec::new() }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_callers_in_one_process_pass_no_limit() {
    let store = far();
    assert_eq!(reserved(&[keeper(Some(&store), 900)], 1_000).await, 900);
    assert_eq!(reserved(&[keeper(Some(&store), 900)], 1).await, 0, "another process sees what they took");
}

#[tokio::test(start_paused = true)]
async fn fifty_instances_pass_no_limit() {
    let store = far();
    let keepers: Vec<_> = (0..50).map(|_| keeper(Some(&store), 300)).collect();
    assert_eq!(reserved(&keepers, 400).await, 300);
}

#[tokio::test(start_paused = true)]
async fn callers_wait_for_a_store_that_is_stuck_together_and_not_one_after_another() {
    let store = far();
    store.get_stuck();
    let began = Moment::now();
    assert_eq!(reserved(&[keeper(Some(&store), 900)], 1_000).await, 900);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

/// Whether it was written is not known: it counts, since the provider may have issued a token for it.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_makes_the_budget_no_larger() {
    let store = far();
    let (ours, theirs) = (keeper(Some(&store), 5), keeper(Some(&store), 5));
    store.lose_answers(u32::MAX);
    ours.reserve(None).await.unwrap();
    store.recover();
    let served = reserved(&[ours, theirs], 10).await;
    assert!((3..=4).contains(&served), "{served}");
}

#[tokio::test(start_paused = true)]
async fn what_is_given_back_after_an_outage_was_taken_in_it() {
    let store = far();
    let (ours, theirs) = (keeper(Some(&store), 5), keeper(Some(&store), 5));
    theirs.reserve(None).await.unwrap();
    store.get_stuck();
    let reserved_in_it = ours.reserve(None).await.unwrap();
    store.recover();
    ours.settle(reserved_in_it, Spent::Nothing, &QuotaNews::default(), None).await;
    assert_eq!(ours.used(Period::Day), 1, "the other one's is not given back");
    assert_eq!(reserved(&[ours, theirs], 10).await, 4);
}

#[tokio::test(start_paused = true)]
async fn what_is_given_back_in_an_outage_is_there_after_it() {
    let store = far();
    let (ours, theirs) = (keeper(Some(&store), 2), keeper(Some(&store), 2));
    let before = ours.reserve(None).await.unwrap();
    store.get_stuck();
    ours.settle(before, Spent::Nothing, &QuotaNews::default(), None).await;
    store.recover();
    assert_eq!(reserved(&[ours, theirs], 10).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_was_seen_to_be_empty_in_an_outage_is_empty_after_it() {
    let store = far();
    let (ours, theirs) = (keeper(Some(&store), 300), keeper(Some(&store), 300));
    store.get_stuck();
    let taken = ours.reserve(None).await.unwrap();
    ours.settle(taken, Spent::Token, &empty(), None).await;
    store.recover();
    ours.reserve(None).await.unwrap_err();
    theirs.reserve(None).await.unwrap_err();
}

#[tokio::test]
async fn an_empty_quota_that_is_only_observed_holds_nothing_back() {
    for (meaning, is_held_back) in [(QuotaHeaders::Respected, true), (QuotaHeaders::Observed, false)] {
        let policy = MachinePolicy { quota_headers: meaning, ..MachinePolicy::default() };
        let keeper = BudgetKeeper::new(policy, Clock::manual(NOON), None);
        let taken = keeper.reserve(None).await.unwrap();
        keeper.settle(taken, Spent::Token, &empty(), None).await;
        assert_eq!(keeper.reserve(None).await.is_err(), is_held_back, "{meaning:?}");
        assert_eq!(keeper.news(), empty(), "and it is shown: {meaning:?}");
    }
}
