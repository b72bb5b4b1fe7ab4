//! The Redis store at real servers that the tests start, stop and kill.
#![allow(clippy::print_stdout, reason = "how long an outage is felt is told, not only judged")]

mod contract;
mod faults;
mod foreign;
mod sessions;
mod start;
mod steps;
mod suite;
mod topologies;

use steps::{LONG, connect, done, first, insert, load};
