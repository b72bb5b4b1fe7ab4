//! One exchange at a time for a key, whatever becomes of it.

use std::future::{pending, ready};

use super::*;
use crate::claim_path::{ClaimPaths, ClaimTerms};
use crate::exchange::key::TargetKey;
use crate::exchange::request::ExchangeRequest;
use crate::identifier::{ClientId, Issuer};
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token::{IssuedToken, Principal, TokenSource};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

fn exchanger() -> (Exchanger, Clock) {
    let clock = Clock::manual(NOW);
    (Exchanger::new(TaskTracker::new(), clock.clone()), clock)
}

fn key(subject: &str) -> Key {
    Key {
        subject: SubjectKey::of_token(subject, &ClientId::from("c"), &Issuer::from("i")),
        target: TargetKey::of_request(&ExchangeRequest::for_audience("a")),
    }
}

fn kept(clock: &Clock) -> Kept {
    let issued = IssuedToken {
        value: SecretText::from("at"),
        audience: None,
        granted: ScopeSet::default(),
        issued_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(600)),
    };
    let terms = ClaimTerms { paths: ClaimPaths::default(), clock: clock.clone(), skew: Duration::ZERO };
    let whose = (TokenSource::Exchange, Principal::User);
    let (issuer, client) = (Issuer::from("i"), ClientId::from("c"));
    let token = OwnToken::exchanged(Arc::new(issued), whose, issuer, client, Arc::new(terms));
    Kept { token: Arc::new(token), renew_at: None }
}

#[tokio::test]
async fn who_comes_between_the_look_and_the_lock_finds_what_has_landed() {
    let (exchanger, clock) = exchanger();
    let landed = kept(&clock);
    let token = exchanger.obtain(key("ada"), None, |_| ready(Ok(landed))).await.unwrap();
    // As a caller does whose first look was before the landing.
    let entered = exchanger.enter(key("ada"), None, |_| pending::<Landed>());
    assert!(matches!(entered, Entered::Served(served) if Arc::ptr_eq(&served, &token)));
    assert!(exchanger.under_way().is_empty(), "no second exchange was begun");

    let failed = |_| ready(Err(ExchangeError::new(ExchangeErrorKind::Refused).into()));
    exchanger.obtain(key("bob"), None, failed).await.unwrap_err();
    let entered = exchanger.enter(key("bob"), None, |_| pending::<Landed>());
    assert!(matches!(entered, Entered::Failed(error) if error.kind() == ExchangeErrorKind::Refused));
    assert!(exchanger.under_way().is_empty());
}

#[tokio::test]
async fn an_exchange_that_is_torn_down_leaves_nobody_waiting_and_may_be_tried_again() {
    let (exchanger, clock) = exchanger();
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let exchanger = exchanger.clone();
            tokio::spawn(async move {
                exchanger.obtain(key("ada"), None, |_| async { panic!("a task that is torn down") }).await
            })
        })
        .collect();
    for task in waiting {
        assert_eq!(task.await.unwrap().unwrap_err().kind(), ExchangeErrorKind::Unavailable);
    }
    assert!(exchanger.under_way().is_empty());
    clock.advance(MAX_BACKOFF);
    let landed = kept(&clock);
    assert!(exchanger.obtain(key("ada"), None, |_| ready(Ok(landed))).await.is_ok());
}

#[tokio::test]
async fn one_that_is_under_way_holds_no_other_back() {
    let (exchanger, clock) = exchanger();
    let stalled = exchanger.clone();
    let stalled = tokio::spawn(async move { stalled.obtain(key("ada"), None, |_| pending()).await });
    tokio::task::yield_now().await;
    let landed = kept(&clock);
    assert!(exchanger.obtain(key("bob"), None, |_| ready(Ok(landed))).await.is_ok());
    assert_eq!(exchanger.under_way().len(), 1);
    stalled.abort();
}

/// Asks as it is dropped, as a guard of a handler may that is torn down with its runtime.
struct AsksAtTheEnd(Exchanger);

impl Drop for AsksAtTheEnd {
    fn drop(&mut self) {
        let entered = self.0.enter(key("ada"), None, |_| pending::<Landed>());
        assert!(matches!(entered, Entered::Waits(_)));
    }
}

/// What is spawned then is dropped at once, by whoever spawns it.
#[test]
fn an_exchange_begun_while_its_runtime_is_torn_down_does_not_wait_for_itself() {
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (exchanger, _) = exchanger();
        let asks = AsksAtTheEnd(exchanger.clone());
        runtime.block_on(async move {
            tokio::spawn(async move {
                let _asks = asks;
                pending::<()>().await;
            });
            tokio::task::yield_now().await;
        });
        drop(runtime);
        assert!(exchanger.under_way().is_empty(), "nobody waits for what was torn down");
        done.send(()).unwrap();
    });
    ended.recv_timeout(Duration::from_secs(10)).expect("the runtime ends");
}
