//! Tokens among instances: one of them asks the provider, and the others find what came.
//!
//! # Rules
//! 1. An instance that needs a token looks whether another has left one, takes the lease for it, looks again, asks,
//!    and leaves what came. All who look meanwhile wait for that.
//! 2. Where nothing came it leaves why, and nobody asks for as long as it would not itself.
//! 3. What is left is sealed with a key that is derived from what one needs to ask for it: see the records of
//!    shared tokens in the session room.
//! 4. A process that was suspended since it took its lease has lost it, and begins anew before it asks.
//! 5. Callers who wait for a token are served one that lives, also where it is to be renewed: they do not wait for
//!    whoever renews it. Where none lives they wait for the lease of another, as long as is configured.
//! 6. While the store is away each instance asks for itself: its callers need a token, and it costs one.
//!
//! # Attacks
//! A leaked store; a token that a resource server refused, handed out again by another instance; a clock that is
//! ahead, whose token would be taken for a living one.
//!
//! # Limits
//! An instance that dies while it asks delays the others by its lease, and what it asked for is lost.

mod shared;
mod wanted;

pub(crate) use shared::Fleet;
pub(crate) use wanted::{Missed, Wanted};
