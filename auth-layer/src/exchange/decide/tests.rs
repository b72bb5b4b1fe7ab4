//! The decisions about exchanged tokens, as tables.

use super::*;
use crate::claim_path::{ClaimPaths, ClaimTerms};
use crate::clock::Clock;
use crate::identifier::{ClientId, Issuer};
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token::{Principal, TokenSource};

const START: u64 = 1_000_000;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_unix_seconds(START + seconds)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn issued(expires_at: Timestamp) -> IssuedToken {
    issued_as("at", at(0), expires_at)
}

fn issued_as(value: &str, issued_at: Timestamp, expires_at: Timestamp) -> IssuedToken {
    let (value, granted) = (SecretText::from(value), ScopeSet::default());
    IssuedToken { value, audience: None, granted, issued_at, expires_at }
}

fn kept(expires: u64, renew: Option<u64>) -> Kept {
    kept_as(issued(at(expires)), renew)
}

fn kept_as(issued: IssuedToken, renew: Option<u64>) -> Kept {
    let clock = Clock::manual(at(0));
    let terms = Arc::new(ClaimTerms { paths: ClaimPaths::default(), clock, skew: Duration::ZERO });
    let whose = (TokenSource::Exchange, Principal::User);
    let token = OwnToken::exchanged(Arc::new(issued), whose, Issuer::from("i"), ClientId::from("c"), terms);
    Kept { token: Arc::new(token), renew_at: renew.map(at) }
}

fn failed(at_seconds: u64, wait: u64) -> Failed {
    let error = ExchangeError::new(ExchangeErrorKind::Unavailable);
    Failed { error, attempt: 0, at: at(at_seconds), until: at(at_seconds + wait) }
}

fn outcome(decision: &Decision) -> &'static str {
    match decision {
        Decision::Serve(_) => "serve",
        Decision::Renew(_) => "renew",
        Decision::Exchange => "exchange",
        Decision::Fail(_) => "fail",
    }
}

#[test]
fn a_living_token_is_served_renewed_ahead_of_its_end_and_served_on_while_that_fails() {
    let (token, last) = (kept(600, Some(540)), kept(600, None));
    let fails = failed(540, 30);
    for (name, kept, failed, now, expected) in [
        ("fresh", Some(&token), None, 539, "serve"),
        ("due", Some(&token), None, 540, "renew"),
        ("due, and failed just now", Some(&token), Some(&fails), 569, "serve"),
        ("due, and failed a while ago", Some(&token), Some(&fails), 570, "renew"),
        ("ends with its subject", Some(&last), None, 599, "serve"),
        ("over", Some(&token), None, 600, "exchange"),
        ("over, and failed just now", Some(&last), Some(&failed(600, 1)), 600, "fail"),
        ("none", None, None, 0, "exchange"),
        ("none, and failed just now", None, Some(&fails), 541, "fail"),
        ("none, and the clock was set back", None, Some(&fails), 0, "exchange"),
    ] {
        assert_eq!(outcome(&decide(kept, None, failed, at(now))), expected, "{name}");
    }
}

#[test]
fn a_token_that_was_refused_is_not_served_again_and_another_is() {
    let refused = kept_as(issued_as("one", at(10), at(600)), None);
    for (name, value, issued_at, expected) in [
        ("the same", "one", 10, "exchange"),
        ("another", "other", 10, "serve"),
        ("the same value, for which the provider was asked again", "one", 11, "serve"),
    ] {
        // Never the same copy: a token may have come back from a store meanwhile.
        let kept = kept_as(issued_as(value, at(issued_at), at(600)), None);
        assert_eq!(outcome(&decide(Some(&kept), Some(&refused.token), None, at(20))), expected, "{name}");
    }
    assert_eq!(outcome(&decide(Some(&refused), Some(&refused.token), None, at(20))), "exchange");
}

#[test]
fn a_token_whose_age_nobody_knows_is_renewed() {
    for (issued_at, expected) in [(60, "serve"), (61, "renew")] {
        let kept = kept_as(issued_as("at", at(issued_at), at(600)), Some(540));
        assert_eq!(outcome(&decide(Some(&kept), None, None, at(0))), expected, "the clock was set back");
    }
}

#[test]
fn a_failure_says_how_long_it_is_until_the_next_attempt() {
    let Decision::Fail(error) = decide(None, None, Some(&failed(0, 30)), at(10)) else { panic!("a failure") };
    assert_eq!(error.retry_after(), Some(seconds(20)));
    assert!(failed(0, 30).goes_on(at(90), seconds(60)) && !failed(0, 30).goes_on(at(91), seconds(60)));
}

#[test]
fn a_token_ends_with_its_subject_and_within_a_day_and_is_renewed_only_where_that_helps() {
    let hour = Some(seconds(3_600));
    for (name, expires_in, subject_ends, expected) in [
        ("an hour of two", hour, Some(7_200), Ok((3_600, Some(3_540)))),
        ("of a connection", hour, None, Ok((3_600, Some(3_540)))),
        ("as long as its subject", hour, Some(3_600), Ok((3_600, None))),
        ("nearly as long", hour, Some(3_660), Ok((3_600, None))),
        ("longer", hour, Some(600), Ok((600, None))),
        ("short, with a third of it for the buffer", Some(seconds(30)), None, Ok((30, Some(20)))),
        ("not said", None, None, Ok((300, Some(240)))),
        ("for ever", Some(Duration::from_secs(u64::MAX)), None, Ok((86_400, Some(86_340)))),
        ("for ever, of an hour", Some(Duration::from_secs(u64::MAX)), Some(3_600), Ok((3_600, None))),
        ("for no time", Some(Duration::ZERO), Some(600), Err(ExchangeErrorKind::Unavailable)),
        ("of a subject that is over", hour, Some(0), Err(ExchangeErrorKind::Expired)),
    ] {
        let found = end(expires_in, subject_ends.map(at), at(0))
            .map(|expires_at| (expires_at, renewal(&issued(expires_at), subject_ends.map(at), seconds(60))));
        let expected = expected.map(|(expires, renew): (u64, Option<u64>)| (at(expires), renew.map(at)));
        assert_eq!(found.map_err(|error| error.kind()), expected, "{name}");
    }
}
