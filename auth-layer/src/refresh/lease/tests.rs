//! Two instances on one store: who leads, who waits, and who comes too late.

use super::*;
use crate::secret::SecretText;
use crate::session::{MemoryStore, Purpose};

const START: Timestamp = Timestamp::from_unix_seconds(1_000);
const KEY: RefreshKey = RefreshKey([7; 32]);
const LENGTH: Duration = Duration::from_secs(9);
const GRACE: Duration = Duration::from_secs(60);
const LATER: Timestamp = Timestamp::from_unix_seconds(1_000_000);

/// Two instances on one store, whose time and whose processes' time pass together.
struct Pair {
    one: Leases,
    other: Leases,
    clock: Clock,
}

impl Pair {
    fn new() -> Self {
        let clock = Clock::manual(START);
        let store = BoundedStore::new(Arc::new(MemoryStore::new(clock.clone())));
        let leases = || Leases {
            notes: RefreshNotes::new(Arc::new(store.clone()), Purpose::new("client")),
            store: store.clone(),
            length: LENGTH,
            wait: Duration::from_secs(15),
            grace: GRACE,
            clock: clock.clone(),
        };
        Self { one: leases(), other: leases(), clock }
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        tokio::time::advance(time).await;
    }
}

async fn lead(leases: &Leases) -> Lease {
    match leases.claim(KEY, 0, leases.clock.now()).await.unwrap() {
        Claim::Lead(lease) => lease,
        other => panic!("not the lead but {other:?}"),
    }
}

fn tokens(refresh_token: &str) -> Arc<TokenSet> {
    let refresh_token = Some(SecretText::from(refresh_token));
    Arc::new(TokenSet { generation: 1, refresh_token, ..TokenSet::default() })
}

/// What an instance that looks now finds in place of the lead.
async fn found(leases: &Leases) -> Option<String> {
    match leases.claim(KEY, 0, leases.clock.now()).await.unwrap() {
        Claim::Settled { tokens, .. } => tokens.refresh_token.as_ref().map(|token| token.expose().to_owned()),
        Claim::Lead(_) | Claim::Failed(_) => None,
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_instances_one_leads_and_the_other_finds_what_came_of_it() {
    let pair = Pair::new();
    let mut lease = lead(&pair.one).await;
    let other = pair.other.clone();
    let waiting = tokio::spawn(async move { found(&other).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!waiting.is_finished());
    assert!(matches!(lease.settle(&tokens("new"), LATER, GRACE).await.unwrap(), Settling::Done));
    assert_eq!(waiting.await.unwrap().as_deref(), Some("new"));
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_for_as_long_as_the_provider_is_slow() {
    let pair = Pair::new();
    let mut lease = lead(&pair.one).await;
    let slow = async {
        for _ in 0..60 {
            // Whoever asks waits no longer than it is told to, and does not lead.
            pair.pass(Duration::from_secs(1)).await;
            tokio::task::yield_now().await;
        }
    };
    lease.while_renewed(slow).await;
    assert!(lease.holds().await);
    let claim = pair.other.claim(KEY, 0, START).await.unwrap();
    assert!(matches!(&claim, Claim::Failed(error) if !error.is_final()), "{claim:?}");
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_died_delays_the_others_by_its_lease() {
    let pair = Pair::new();
    let dead = lead(&pair.one).await;
    pair.pass(LENGTH - Duration::from_millis(1)).await;
    let claim = pair.other.claim(KEY, 0, START).await.unwrap();
    assert!(matches!(&claim, Claim::Failed(error) if !error.is_final()), "{claim:?}");
    pair.pass(Duration::from_millis(1)).await;
    drop(lead(&pair.other).await);
    drop(dead);
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_was_suspended_before_it_spent_anything_finds_its_lease_lost() {
    let pair = Pair::new();
    let mut suspended = lead(&pair.one).await;
    pair.pass(LENGTH).await;
    let mut second = lead(&pair.other).await;
    assert!(!suspended.holds().await, "it must not spend the refresh token now");
    assert!(second.holds().await);
    assert!(matches!(second.settle(&tokens("second"), LATER, GRACE).await.unwrap(), Settling::Done));
}

#[tokio::test(start_paused = true)]
async fn a_late_holder_replaces_no_result_of_another() {
    let pair = Pair::new();
    let mut late = lead(&pair.one).await;
    pair.pass(LENGTH).await;
    let mut second = lead(&pair.other).await;
    second.settle(&tokens("second"), LATER, GRACE).await.unwrap();
    let settling = late.settle(&tokens("late"), LATER, GRACE).await.unwrap();
    assert!(matches!(&settling, Settling::Overtaken { tokens, .. }
        if tokens.refresh_token.as_ref().is_some_and(|token| token.ct_eq(b"second"))));
    assert_eq!(found(&pair.one).await.as_deref(), Some("second"));
}

#[tokio::test(start_paused = true)]
async fn what_a_late_holder_has_got_saves_the_session_of_one_that_is_refused() {
    let pair = Pair::new();
    let mut late = lead(&pair.one).await;
    pair.pass(LENGTH).await;
    let mut refused = lead(&pair.other).await;
    // The provider has answered the late one, so that the other's refresh token is spent.
    assert!(matches!(late.settle(&tokens("late"), LATER, GRACE).await.unwrap(), Settling::Done));
    let refusal = refused.refuse(GRACE).await.unwrap();
    assert!(matches!(&refusal, Refusal::Overtaken { tokens, .. }
        if tokens.refresh_token.as_ref().is_some_and(|token| token.ct_eq(b"late"))));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final_only_where_nobody_else_holds_the_lease() {
    let pair = Pair::new();
    let mut late = lead(&pair.one).await;
    pair.pass(LENGTH).await;
    let mut second = lead(&pair.other).await;
    assert!(matches!(late.refuse(GRACE).await.unwrap(), Refusal::Undecided));
    assert!(matches!(second.refuse(GRACE).await.unwrap(), Refusal::Final));
    let claim = pair.one.claim(KEY, 0, START).await.unwrap();
    assert!(matches!(&claim, Claim::Failed(error) if error.is_final()), "{claim:?}");
}

#[tokio::test(start_paused = true)]
async fn while_the_provider_gives_no_answer_the_tries_of_all_instances_are_counted_together() {
    let pair = Pair::new();
    let lease = lead(&pair.one).await;
    let now = pair.clock.now();
    assert!(lease.wait(1, now.plus(Duration::from_secs(2)), now).await);
    let claim = pair.other.claim(KEY, 0, now).await.unwrap();
    let Claim::Failed(error) = claim else { panic!("{claim:?}") };
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    pair.pass(Duration::from_secs(2)).await;
    assert_eq!(lead(&pair.other).await.attempt, 1);
}

#[tokio::test(start_paused = true)]
async fn a_late_holder_without_an_answer_learns_that_others_may_have_one() {
    let pair = Pair::new();
    let late = lead(&pair.one).await;
    pair.pass(LENGTH).await;
    let mut second = lead(&pair.other).await;
    second.settle(&tokens("second"), LATER, GRACE).await.unwrap();
    let now = pair.clock.now();
    assert!(!late.wait(1, now.plus(Duration::from_secs(2)), now).await);
    assert_eq!(found(&pair.one).await.as_deref(), Some("second"));
}

#[tokio::test(start_paused = true)]
async fn a_result_that_the_browser_has_shown_is_for_those_who_were_there_before() {
    let pair = Pair::new();
    let mut lease = lead(&pair.one).await;
    lease.settle(&tokens("new"), LATER, Duration::from_secs(1_000_000)).await.unwrap();
    let before = pair.clock.now();
    pair.other.acknowledge(KEY).await.unwrap();
    pair.pass(GRACE).await;
    let claim = pair.other.claim(KEY, 0, before).await.unwrap();
    assert!(matches!(claim, Claim::Settled { .. }), "a long request: {claim:?}");
    let claim = pair.other.claim(KEY, 0, pair.clock.now()).await.unwrap();
    assert!(matches!(claim, Claim::Lead(_)), "a replay: {claim:?}");
}

#[tokio::test(start_paused = true)]
async fn of_one_refresh_token_for_all_refreshes_an_earlier_result_is_none() {
    let pair = Pair::new();
    lead(&pair.one).await.settle(&tokens("same"), LATER, Duration::from_secs(1_000_000)).await.unwrap();
    let claim = pair.other.claim(KEY, 1, START).await.unwrap();
    assert!(matches!(claim, Claim::Lead(_)), "{claim:?}");
}
