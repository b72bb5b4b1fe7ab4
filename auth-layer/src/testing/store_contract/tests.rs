//! The suite over the store of reference, and over a store for every sin.

mod sinner;

use std::future::ready;
use std::time::Duration;

use tokio::time::timeout;

use super::clauses::CLAUSES;
use super::*;
use crate::clock::Clock;
use crate::session::{MemoryStore, SessionStore};
use sinner::{SINS, Sin, Sinner};

async fn judge<S: SessionStore>(store: impl FnOnce(Clock) -> S) -> Report {
    let clock = Clock::manual_from_now();
    let contract = StoreContract::of(store(clock.clone()));
    let waiting = move |duration| {
        clock.advance(duration);
        ready(())
    };
    contract.with_waiting(waiting).check().await
}

fn broken(report: &Report) -> Vec<&str> {
    let broken = report.clauses().iter().filter(|judged| matches!(judged.verdict(), Verdict::Broken(_)));
    broken.map(Judged::clause).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_memory_store_keeps_its_contract_and_nothing_is_left_in_it() {
    let mut store = None;
    let report = judge(|clock| store.insert(MemoryStore::new(clock)).clone()).await;
    report.assert_kept();
    assert!(report.clauses().iter().all(|judged| *judged.verdict() == Verdict::Kept), "{report}");
    assert_eq!(store.unwrap().len(), 0);
}

#[tokio::test]
async fn every_sin_is_seen_as_the_clause_that_it_breaks() {
    for (sin, clause) in SINS {
        let report = judge(|clock| Sinner::new(*sin, clock)).await;
        assert!(broken(&report).contains(clause), "{sin:?} passes `{clause}`:\n{report}");
    }
}

#[test]
fn every_clause_has_a_sin_that_breaks_it() {
    for clause in CLAUSES {
        assert!(SINS.iter().any(|(_, broken)| *broken == clause.text), "nothing breaks `{}`", clause.text);
    }
    for (sin, broken) in SINS {
        assert!(CLAUSES.iter().any(|clause| clause.text == *broken), "{sin:?} breaks no clause");
    }
}

#[tokio::test]
async fn a_store_without_groups_is_asked_about_none() {
    let report = judge(|clock| Sinner::new(Sin::WithoutGroups, clock)).await;
    report.assert_kept();
    let open = report.clauses().iter().filter(|judged| *judged.verdict() == Verdict::NotPromised).count();
    assert_eq!(open, 8);
}

#[tokio::test]
async fn a_store_that_panics_or_gives_no_answer_breaks_clauses_and_not_the_run() {
    for sin in [Sin::Panics, Sin::Fails] {
        let report = judge(|clock| Sinner::new(sin, clock)).await;
        assert!(broken(&report).len() > 25, "{sin:?}:\n{report}");
    }
}

#[tokio::test]
async fn a_report_has_no_byte_of_a_record() {
    for (sin, _) in SINS {
        let report = judge(|clock| Sinner::new(*sin, clock)).await;
        let table = report.to_string();
        assert!(!table.contains("written by") && !table.contains("[1, 2"), "{sin:?}:\n{table}");
    }
}

#[tokio::test(start_paused = true)]
async fn time_is_really_waited_for_by_default() {
    let run = || StoreContract::of(MemoryStore::new(Clock::manual_from_now())).check();
    let report = timeout(Duration::from_secs(10), run()).await.unwrap();
    assert!(!report.is_kept(), "the store's clock stands still");
    assert!(timeout(Duration::from_secs(4), run()).await.is_err(), "it waits for longer than that");
}
