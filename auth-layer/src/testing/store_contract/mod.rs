//! The conformance suite of session stores: whether one keeps the contract of
//! [`SessionStore`](crate::session::SessionStore).
//!
//! # Rules
//! 1. Each clause is judged on its own: kept, broken and what was seen, or not promised. What a store
//!    does not promise ([`Promises`](crate::session::Promises)) is not held against it.
//! 2. Every run has names of its own, and removes what it left: it may run on a store in use.
//! 3. An answer that takes longer than a second is none, as it would be in the layer.
//! 4. Among several instances of one store ([`StoreContract::add_instance`]) writers race across them,
//!    where the store promises to decide for a fleet.
//! 5. What was seen is told in counts, lengths and versions, never in bytes of a record.
//!
//! # Limits
//! - About five seconds of waiting for lifetimes to end, and none where
//!   [`StoreContract::with_waiting`] moves the store's clock instead.
//! - Not tried, since it takes a hand on the store itself: an engine that is away (rule 8 of the
//!   contract), and records of others under our names (rule 9).
//!
//! # Example
//! ```
//! use auth_layer::Clock;
//! use auth_layer::session::MemoryStore;
//! use auth_layer::testing::store_contract::StoreContract;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let clock = Clock::manual_from_now();
//! let contract = StoreContract::of(MemoryStore::new(clock.clone())).with_waiting(move |duration| {
//!     clock.advance(duration);
//!     std::future::ready(())
//! });
//! let report = contract.check().await;
//! println!("{report}");
//! report.assert_kept();
//!
//! // A store whose time stands still keeps what it should have forgotten.
//! let still = Clock::manual_from_now();
//! let contract = StoreContract::of(MemoryStore::new(still)).with_waiting(|_| std::future::ready(()));
//! assert!(!contract.check().await.is_kept());
//! # }
//! ```

mod contract;
mod report;

mod clauses;
mod probe;

mod dropped;
mod former_groups;
mod groups;
mod lifetimes;
mod records;
mod swaps;
mod versions;

#[cfg(test)]
mod tests;

pub use contract::StoreContract;
pub use report::{Judged, Report, Verdict};
