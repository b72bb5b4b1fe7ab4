//! Callers at the same time, refusals, failures, and tickets that are dropped.

use super::*;
use crate::claim_path::{ClaimPaths, ClaimTerms};
use crate::identifier::{ClientId, Issuer};
use crate::secret::SecretText;
use crate::token::IssuedToken;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000_000);

fn slot() -> Arc<Slot> {
    let parameters = Parameters { audience: None, scopes: ScopeSet::default(), organization: None };
    Arc::new(Slot::new(parameters, RefreshKey([7; 32])))
}

fn held(value: &str, lifetime: u64, now: Timestamp) -> Held {
    let lifetime = Some(Duration::from_secs(lifetime));
    let issued = IssuedToken::new(SecretText::from(value), None, ScopeSet::default(), lifetime, now);
    let renew_at = issued.expires_at.minus(Duration::from_secs(10));
    let clock = Clock::manual(now);
    let terms = ClaimTerms { paths: ClaimPaths::default(), clock, skew: Duration::ZERO };
    let (issuer, client) = (Issuer::from("https://op.example"), ClientId::from("worker"));
    Held { token: Arc::new(OwnToken::of_client(Arc::new(issued), issuer, client, Arc::new(terms))), renew_at }
}

fn at(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

fn lead(slot: &Arc<Slot>, instead_of: Option<&Arc<OwnToken>>, now: Timestamp) -> (Ticket, Flight) {
    match slot.enter(instead_of, now) {
        Entered::Lead(ticket, flight) => (ticket, flight),
        other => panic!("leads, and does not {}", name(&other)),
    }
}

fn name(entered: &Entered) -> &'static str {
    match entered {
        Entered::Serve(_) => "serve",
        Entered::ServeAndLead(..) => "serve and lead",
        Entered::Lead(..) => "lead",
        Entered::Join(_) => "join",
        Entered::Refused(_) => "refused",
    }
}

fn value(token: &OwnToken) -> &str {
    token.issued.value.expose()
}

#[tokio::test]
async fn one_leads_and_the_others_join() {
    let slot = slot();
    let (ticket, flight) = lead(&slot, None, NOW);
    let Entered::Join(joined) = slot.enter(None, NOW) else { panic!("the second joins") };
    ticket.bring(held("one", 100, NOW));
    assert_eq!(value(&flight.outcome().await.unwrap()), "one");
    assert_eq!(value(&joined.outcome().await.unwrap()), "one");
    assert_eq!(name(&slot.enter(None, at(89))), "serve");
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_renewed_by_one_and_served_to_all() {
    let slot = slot();
    lead(&slot, None, NOW).0.bring(held("one", 100, NOW));
    let entered = slot.enter(None, at(90));
    let Entered::ServeAndLead(token, ticket) = entered else { panic!("{}", name(&entered)) };
    assert_eq!((value(&token), name(&slot.enter(None, at(91)))), ("one", "serve"));
    // No answer: the living one is served on, and nobody asks until the pause is over.
    ticket.fail(MachineTokenError::new(MachineTokenErrorKind::Unavailable), None, at(91));
    assert_eq!(name(&slot.enter(None, at(91))), "serve");
    assert_eq!(name(&slot.enter(None, at(95))), "serve and lead");
}

#[tokio::test]
async fn a_failure_holds_the_next_try_back_longer_each_time() {
    let slot = slot();
    let mut now = NOW;
    let mut waits = Vec::new();
    for _ in 0..8 {
        let (ticket, flight) = lead(&slot, None, now);
        ticket.fail(MachineTokenError::new(MachineTokenErrorKind::Unavailable), None, now);
        let wait = flight.outcome().await.unwrap_err().retry_after().unwrap();
        assert_eq!(name(&slot.enter(None, now)), "refused");
        waits.push(wait.as_secs());
        now = now.plus(wait);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[tokio::test]
async fn an_error_that_is_told_later_says_what_is_left_of_the_pause() {
    let slot = slot();
    let error =
        MachineTokenError::new(MachineTokenErrorKind::Unavailable).with_retry_after(Duration::from_secs(30));
    lead(&slot, None, NOW).0.fail(error, None, NOW);
    let Entered::Refused(error) = slot.enter(None, at(20)) else { panic!("it is held back") };
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
}

/// What another had taken may be given back, long before the month ends.
#[tokio::test]
async fn a_budget_that_is_used_up_is_looked_at_again_within_a_minute_and_the_error_says_when_it_resets() {
    let slot = slot();
    let month = Duration::from_secs(30 * 86_400);
    let kind = MachineTokenErrorKind::QuotaExhausted {
        set_by: SetBy::Budget,
        period: Some(crate::period::Period::Month),
        resets_at: NOW.plus(month),
    };
    for tries in 0..10 {
        let now = at(tries * 60);
        let (ticket, flight) = lead(&slot, None, now);
        let left = NOW.plus(month).since(now);
        ticket.fail(MachineTokenError::new(kind.clone()).with_retry_after(left), None, now);
        assert_eq!(flight.outcome().await.unwrap_err().retry_after(), Some(left));
        let Entered::Refused(error) = slot.enter(None, at(tries * 60 + 59)) else {
            panic!("it is held back")
        };
        assert_eq!(error.retry_after(), Some(left - Duration::from_secs(59)));
    }
    // And no try of these made the provider a failing one.
    let (ticket, flight) = lead(&slot, None, at(600));
    ticket.fail(MachineTokenError::new(MachineTokenErrorKind::Unavailable), None, at(600));
    assert!(flight.outcome().await.unwrap_err().retry_after() < Some(Duration::from_secs(2)));
}

/// A request was posted to learn it: none is before the provider says so.
#[tokio::test]
async fn a_quota_of_the_providers_is_not_looked_at_before_it_begins_anew() {
    let slot = slot();
    let kind =
        MachineTokenErrorKind::QuotaExhausted { set_by: SetBy::Provider, period: None, resets_at: at(3_600) };
    let error = MachineTokenError::new(kind).with_retry_after(Duration::from_secs(3_600));
    lead(&slot, None, NOW).0.fail(error, None, NOW);
    assert_eq!(name(&slot.enter(None, at(3_599))), "refused");
    lead(&slot, None, at(3_600));
}

#[tokio::test]
async fn a_ticket_that_is_dropped_leaves_nobody_waiting() {
    let slot = slot();
    let (ticket, flight) = lead(&slot, None, NOW);
    drop(ticket);
    assert_eq!(flight.outcome().await.unwrap_err().kind(), &MachineTokenErrorKind::Unavailable);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_then_more_and_more_seldom() {
    let slot = slot();
    lead(&slot, None, NOW).0.bring(held("one", 86_400, NOW));
    let one = slot.held().unwrap();
    assert_eq!(name(&slot.enter(Some(&one), at(59))), "serve", "it is too young");
    let (ticket, _) = lead(&slot, Some(&one), at(60));
    assert_eq!(
        name(&slot.enter(Some(&one), at(60))),
        "join",
        "others of whom it was refused wait for the same"
    );
    assert_eq!(name(&slot.enter(None, at(60))), "serve", "and the rest is served");
    ticket.bring(held("two", 86_400, at(60)));
    let Entered::Serve(token) = slot.enter(Some(&one), at(61)) else { panic!("there is another by now") };
    assert_eq!(value(&token), "two");
    // The second in a row needs two minutes, and the third four.
    let two = slot.held().unwrap();
    assert_eq!(name(&slot.enter(Some(&two), at(60 + 119))), "serve");
    lead(&slot, Some(&two), at(60 + 120)).0.bring(held("three", 86_400, at(180)));
    let three = slot.held().unwrap();
    assert_eq!(name(&slot.enter(Some(&three), at(180 + 239))), "serve");
    lead(&slot, Some(&three), at(180 + 240));
}

#[tokio::test]
async fn what_another_instance_left_is_served_while_the_provider_is_away() {
    let slot = slot();
    let (ticket, flight) = lead(&slot, None, NOW);
    let error = MachineTokenError::new(MachineTokenErrorKind::Unavailable);
    ticket.fail(error, Some(held("left", 5, NOW)), NOW);
    assert_eq!(value(&flight.outcome().await.unwrap()), "left");
    assert_eq!(name(&slot.enter(None, NOW)), "serve");
    assert_eq!(name(&slot.enter(None, at(5))), "lead");
}

#[test]
fn debug_shows_no_token() {
    let slot = slot();
    let (ticket, _) = lead(&slot, None, NOW);
    ticket.bring(held("s3cret", 100, NOW));
    assert!(!format!("{slot:?} {:?}", slot.held()).contains("s3cret"));
}
