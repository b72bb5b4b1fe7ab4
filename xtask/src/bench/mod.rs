//! `cargo xtask bench`: what a session and a bearer token cost a request, and the attribute a build.
//!
//! # Rules
//! 1. Nothing but ratios is compared: to a bare axum handler, in the same run.
//! 2. Without a word everything runs that needs this machine alone; a word runs one of them.
//! 3. Throughput is asked for by name, since it needs `wrk`, which is not installed from here.
//! 4. Stores are asked for by name too, since they need `redis-server` and PostgreSQL; builds, since they
//!    take minutes, and what the crates depend on is built before.
//! 5. Servers are loaded in turn, each round in the opposite order of the last, and a ratio is one
//!    of two neighbours: what the machine does meanwhile, it does to both.
//!
//! # Limits
//! Throughput is that of one machine which plays the browsers too: a server gets one thread unless
//! it is said otherwise, so that the load generator has the other of two cores. Where the bare
//! server is not busy, the load generator was too slow, and the ratios flatter its rivals.

mod command;
mod compile;
mod generated;
mod server;
mod throughput;
mod wrk;

pub(crate) use command::Bench;
