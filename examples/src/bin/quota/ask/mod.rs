//! The three questions of the forum, asked at an embedded provider: does a user's access token cost M2M quota?
//!
//! # Rules
//! 1. Each question has a provider, an application and a user of its own, so that nothing else is counted.
//! 2. The answer is read from the provider's log by the same audit as a tenant's, and from the application's
//!    ledger; the two must agree.
//! 3. A token of the application's own is asked for last: it must count, in the log and in the ledger, or the
//!    other answers would say nothing.

pub(crate) mod application;
pub(crate) mod visitor;

mod questions;

mod command;

pub(crate) use command::run;
