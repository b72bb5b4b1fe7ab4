//! Refreshing access tokens (RFC 6749 §6), so that no refresh token is ever spent twice or lost.
//!
//! # Rules
//! 1. A living token outside the buffer is served without any I/O and without waiting for anyone.
//! 2. One refresh token is spent by one flight at a time, whatever the audience. The flight's key
//!    is a hash of the refresh token, the client and the issuer: two users never share one.
//! 3. The flight runs in a task of its own: a client that hangs up does not cancel it.
//! 4. Its result is settled: a later request that still brings the old cookie is given the
//!    successor, and the provider sees no second POST. The result of a cookie session is kept until
//!    the browser has shown the successor, and for the grace period after that; the result of a
//!    stored session is in the store, and is kept for the grace period. A request that was there
//!    before the grace period ended finds it for another hour, however long a stream it answers.
//! 5. A forced refresh is never merged into one that was not forced. Where a token is wanted instead of one
//!    that a resource server refused, any newer one will do, whoever brought it.
//! 6. Where instances share a store, one of them spends a refresh token: it takes a lease, looks again what
//!    the store has, refreshes, and commits by compare-and-swap on what it spent. The others wait for what
//!    comes of it. See `lease`, and `shared` for the order.
//! 7. A dead grant is looked at again before it ends a session: the instance that comes too late uses the
//!    winner's tokens, and never removes them.
//! 8. Only a final answer (`invalid_grant`) ends a session. After any other failure the living
//!    token is served, nothing is posted until the backoff (1 s, doubling to 60 s, or the
//!    provider's `Retry-After`) is over, and the session stays.
//!
//! # Attacks
//! Refresh token replay (RFC 9700 §4.14): rotation is honoured and the successor is settled before
//! any caller sees the new access token.
//!
//! # Limits
//! A lease: 10 seconds without being renewed. Another's refresh is waited for for 15 seconds, then 503.
//! 65,536 settled results in a process, each as large as its tokens (mostly 2 to 6 KB); the oldest
//! go first. An answer that is lost on the way (the provider rotated, and the connection broke)
//! cannot be recovered by any client where the provider allows no overlap: that session, and no
//! other, ends.

mod commit;
mod decide;
mod elsewhere;
mod error;
mod flights;
mod lease;
mod lock;
mod obtain;
mod shared;

#[cfg(test)]
mod model;

pub(crate) use commit::{Committer, SessionFacts, revoke_quietly};
pub(crate) use decide::{Decision, Refresh, Refused, Wanted, decide};
pub(crate) use elsewhere::Elsewhere;
pub use error::{RefreshError, RefreshErrorKind};
pub(crate) use flights::{FIRST_BACKOFF, Flights, Landing, Latest, MAX_BACKOFF, backoff};
pub(crate) use lease::{Claim, Lease, Leases};
pub(crate) use obtain::{Obtained, obtain};
