//! How often a user's access token expired and was needed, counted without asking anyone.
//!
//! # Rules
//! 1. A token's end is an expiry where a request begins after it, or an answer that comes after it
//!    brings a token that ends later.
//! 2. The end of one token is one expiry, however many requests meet it.
//! 3. A token that comes while the one before still lives is none: two refreshes for one expiry
//!    stay one expiry, and so are seen.

use auth_layer::Timestamp;

/// What one user has seen of the ends of access tokens.
#[derive(Debug)]
pub(crate) struct Expiries {
    end: Timestamp,
    is_counted: bool,
    count: u64,
}

impl Expiries {
    /// The first token, which the login brought, ends then.
    pub(crate) const fn new(end: Timestamp) -> Self {
        Self { end, is_counted: false, count: 0 }
    }

    /// A request begins.
    pub(crate) fn begins(&mut self, now: Timestamp) {
        if now >= self.end && !self.is_counted {
            self.is_counted = true;
            self.count += 1;
        }
    }

    /// An answer has come, with a token that ends then.
    pub(crate) fn answered(&mut self, end: Timestamp, now: Timestamp) {
        if end > self.end {
            self.begins(now);
            self.end = end;
            self.is_counted = false;
        }
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds)
    }

    #[test]
    fn one_end_is_one_expiry_for_all_requests_that_meet_it() {
        let mut expiries = Expiries::new(at(5));
        for now in [4, 5, 6, 7] {
            expiries.begins(at(now));
        }
        expiries.answered(at(12), at(7));
        expiries.answered(at(12), at(8));
        assert_eq!(expiries.count(), 1);
        expiries.begins(at(12));
        assert_eq!(expiries.count(), 2);
    }

    #[test]
    fn a_request_that_began_before_the_end_meets_it_all_the_same() {
        let mut expiries = Expiries::new(at(5));
        expiries.begins(at(4));
        expiries.answered(at(11), at(6));
        assert_eq!(expiries.count(), 1);
    }

    #[test]
    fn a_second_refresh_of_the_same_expiry_is_no_second_expiry() {
        let mut expiries = Expiries::new(at(5));
        expiries.begins(at(6));
        expiries.answered(at(11), at(6));
        expiries.answered(at(12), at(7));
        assert_eq!(expiries.count(), 1);
    }

    #[test]
    fn an_older_token_changes_nothing() {
        let mut expiries = Expiries::new(at(5));
        expiries.answered(at(4), at(6));
        assert_eq!(expiries.count(), 0);
    }
}
