//! Limits that are reached, quotas that are empty, clocks that jump.

use super::*;

const HOUR: Duration = Duration::from_secs(3_600);
const NOON: Timestamp = Timestamp::from_unix_seconds(1_764_590_400); // 2025-12-01T12:00:00Z

fn budget(period: Period, tokens: u64) -> Budget {
    Budget::default().with_limit(period, tokens)
}

fn news(name: &str, limit: u64, remaining: u64, wait: Duration) -> QuotaNews {
    let bucket = Bucket {
        name: name.into(),
        limit: Some(limit),
        remaining: Some(remaining),
        resets_at: NOON.plus(wait),
    };
    QuotaNews { client: vec![bucket], organization: Vec::new() }
}

fn set_by(error: &MachineTokenError) -> (SetBy, Option<Period>, Timestamp) {
    match error.kind() {
        MachineTokenErrorKind::QuotaExhausted { set_by, period, resets_at } => (*set_by, *period, *resets_at),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_limit_is_reached_and_begins_anew_with_its_period() {
    for (period, next) in [(Period::Hour, HOUR), (Period::Day, HOUR * 24), (Period::Month, HOUR * 24 * 31)] {
        let (mut spending, budget) = (Spending::default(), budget(period, 2));
        for _ in 0..2 {
            spending.reserve(&budget, None, NOON).unwrap();
        }
        let error = spending.reserve(&budget, None, NOON).unwrap_err();
        assert_eq!(set_by(&error), (SetBy::Budget, Some(period), period.ends(NOON)));
        assert_eq!(error.retry_after(), Some(period.ends(NOON).since(NOON)));
        assert_eq!(spending.used(period, NOON), 2);
        spending.reserve(&budget, None, NOON.plus(next)).unwrap();
        assert_eq!(spending.used(period, NOON.plus(next)), 1);
    }
}

#[test]
fn of_two_limits_that_are_reached_the_longer_one_is_told() {
    let budget = budget(Period::Hour, 1).with_limit(Period::Month, 1);
    let mut spending = Spending::default();
    spending.reserve(&budget, None, NOON).unwrap();
    let error = spending.reserve(&budget, None, NOON).unwrap_err();
    assert_eq!(set_by(&error).1, Some(Period::Month));
}

#[test]
fn what_brought_no_token_is_given_back_in_its_own_period() {
    let (mut spending, budget) = (Spending::default(), budget(Period::Hour, 1));
    let reserved = spending.reserve(&budget, None, NOON).unwrap();
    spending.give_back(reserved);
    let kept = spending.reserve(&budget, None, NOON).unwrap();
    let later = NOON.plus(HOUR);
    spending.reserve(&budget, None, later).unwrap();
    spending.give_back(kept);
    assert_eq!(spending.used(Period::Hour, later), 1, "the hour before is not this hour's");
}

#[test]
fn an_empty_quota_closes_until_it_begins_anew() {
    let (mut spending, budget) = (Spending::default(), Budget::default());
    spending.learn(&news("per_hour", 10, 0, HOUR / 2), None, NOON);
    let error = spending.reserve(&budget, None, NOON).unwrap_err();
    assert_eq!(set_by(&error), (SetBy::Provider, Some(Period::Hour), NOON.plus(HOUR / 2)));
    // An answer that was under way says otherwise, and does not open it.
    spending.learn(&news("per_hour", 10, 1, HOUR / 2), None, NOON);
    spending.reserve(&budget, None, NOON).unwrap_err();
    spending.reserve(&budget, None, NOON.plus(HOUR / 2)).unwrap();
}

#[test]
fn an_organization_without_quota_closes_for_itself_alone() {
    let (mut spending, budget) = (Spending::default(), Budget::default());
    let empty = QuotaNews { organization: news("per_day", 10, 0, HOUR).client, client: Vec::new() };
    let (acme, other) = (Organization::from("org_acme"), Organization::from("org_other"));
    spending.learn(&empty, Some(&acme), NOON);
    spending.reserve(&budget, Some(&acme), NOON).unwrap_err();
    spending.reserve(&budget, Some(&other), NOON).unwrap();
    spending.reserve(&budget, None, NOON).unwrap();
    for index in 0..10_000 {
        spending.learn(&empty, Some(&Organization::from(format!("org_{index}"))), NOON);
    }
    assert!(spending.closed_organizations.len() <= MAX_ORGANIZATIONS);
    spending.learn(&empty, Some(&acme), NOON.plus(HOUR * 2));
}

#[test]
fn a_clock_that_was_set_back_does_not_close_for_years() {
    let (mut spending, budget) = (Spending::default(), budget(Period::Hour, 1));
    spending.reserve(&budget, None, NOON).unwrap();
    spending.learn(&news("per_day", 10, 0, HOUR * 12), None, NOON);
    let yesterday = NOON.minus(HOUR * 24);
    spending.reserve(&budget, None, yesterday).unwrap();
    // A clock that runs a little behind is still closed.
    spending.learn(&news("per_day", 10, 0, HOUR * 12), None, NOON);
    spending.reserve(&budget, None, NOON.minus(Duration::from_secs(30))).unwrap_err();
}

#[test]
fn a_share_is_warned_of_once_in_a_period() {
    let (mut spending, budget) = (Spending::default(), budget(Period::Hour, 10).with_warning_at(80));
    let none = QuotaNews::default();
    let mut warned = Vec::new();
    for _ in 0..10 {
        spending.reserve(&budget, None, NOON).unwrap();
        warned.push(spending.warnings(&budget, &none, NOON).len());
    }
    assert_eq!(warned, [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
    let theirs = news("per_day", 100, 20, HOUR);
    let warnings = spending.warnings(&budget, &theirs, NOON);
    assert_eq!(warnings.len(), 1);
    assert_eq!((warnings[0].set_by, warnings[0].used, warnings[0].limit), (SetBy::Provider, 80, 100));
    assert_eq!(spending.warnings(&budget, &theirs, NOON), []);
    assert_eq!(spending.warnings(&budget, &theirs, NOON.plus(HOUR * 24)).len(), 1, "and again the next day");
}

#[test]
fn a_clock_that_was_ahead_for_a_while_silences_no_warning() {
    let (mut spending, budget) = (Spending::default(), budget(Period::Day, 1));
    let mut warn = |now| {
        let _ = spending.reserve(&budget, None, now);
        spending.warnings(&budget, &QuotaNews::default(), now).len()
    };
    let next_year = NOON.plus(HOUR * 24 * 365);
    assert_eq!(
        [warn(next_year), warn(NOON), warn(NOON)],
        [1, 1, 0],
        "once more, when the clock is right again"
    );
}

#[test]
fn instances_whose_clocks_differ_a_little_warn_once_around_midnight() {
    let (mut spending, budget) = (Spending::default(), budget(Period::Day, 1));
    let midnight = NOON.plus(HOUR * 12);
    let (behind, ahead) = (midnight.minus(Duration::from_secs(5)), midnight.plus(Duration::from_secs(5)));
    let mut warned = Vec::new();
    for now in [behind, ahead, behind, ahead, behind] {
        let _ = spending.reserve(&budget, None, now);
        warned.push(spending.warnings(&budget, &QuotaNews::default(), now).len());
    }
    assert_eq!(warned, [1, 1, 0, 0, 0], "of each day");
}

#[test]
fn hostile_numbers_do_not_overflow() {
    let (mut spending, budget) = (Spending::default(), budget(Period::Month, u64::MAX).with_warning_at(100));
    let end = Timestamp::from_unix_millis(u64::MAX);
    for now in [Timestamp::default(), end] {
        let reserved = spending.reserve(&budget, None, now).unwrap();
        spending.learn(&news("per_hour", u64::MAX, u64::MAX, HOUR), None, now);
        spending.warnings(&budget, &news("per_hour", u64::MAX, 0, HOUR), now);
        spending.give_back(reserved);
    }
}
