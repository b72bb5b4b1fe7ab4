//! `cargo xtask scale`: refresh calls, operations of the store and memory for 10^6 to 10^8 sessions.
//!
//! # Rules
//! 1. What an operation costs is measured, and not assumed: `figures.rs` holds the figures, and says which
//!    command measures each.
//! 2. A closed formula says what a fleet does, and a simulation of a sample does it. Both are printed, with
//!    what lies between them.
//! 3. The simulation knows nothing of the formulas: it sends requests, and does what the library does.
//!
//! # Limits
//! Sessions are alike and independent, and the load is level: a morning on which everyone comes back at
//! once is above it. The provider answers at once; while it is away nothing is refreshed, and afterwards
//! what was missed comes within a token's lifetime.

mod command;
mod figures;
mod inputs;
mod model;
mod random;
mod simulation;
mod table;

pub(crate) use command::Scale;
