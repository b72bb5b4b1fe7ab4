//! Sessions in a real PostgreSQL: who is first, what a start refuses, what an outage does, what it costs.
#![allow(clippy::print_stdout, reason = "the figures are for whoever runs it with --nocapture")]

mod contract;
mod costs;
mod database;
mod outages;
mod start;
mod sweep;
