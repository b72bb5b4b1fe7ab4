//! The ledger of an application, and whether the tenant's log says the same.
//!
//! # Rules
//! 1. Compared are the codes of token exchanges, and of logins, by code, client and audience, within the
//!    seconds from the ledger's `since` to its `until`, both included. A failed login (`f`) is not compared:
//!    the tenant sees a wrong password, and the application a callback.
//! 2. What one side does not name (the audience of a refused exchange, the client of a ledger that has but
//!    one) agrees with any. `ferrt` is a `fertft`: the application cannot tell why it was refused.
//! 3. An exchange without an answer has no code in the ledger. It may be in the log all the same: where the
//!    log has more, up to so many are explained by lost answers, and are no difference.
//! 4. The M2M quota is compared as well, each side by its own reckoning.

mod document;

mod compare;

pub(crate) use compare::{Comparison, Counts, Row, compare};
pub(crate) use document::Ledger;
