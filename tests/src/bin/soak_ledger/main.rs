//! The ledger against the provider's log, after a mixed load with faults.
//!
//! `cargo run -p tests --bin soak_ledger -- <exchanges> <seed>`: three instances that share a store, users who log
//! in, refresh, ask for a second audience and have tokens exchanged, and machines, at a provider one in eight of
//! whose answers is a fault. Two rounds: without and with answers that are lost on the way.
//!
//! # Rules
//! 1. The ledger of all instances has each code of the log as often as the log has it.
//! 2. Where answers were lost, the log has more, and no more than the ledger has exchanges without an answer.
//! 3. What counts against the M2M quota is what the log has of `seccft` for an API of one's own.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod comparison;
mod load;

use std::process::ExitCode;
use std::time::Instant;

use crate::comparison::Comparison;
use crate::load::Load;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().expect("a number"));
    let (exchanges, seed) = (arguments.next().unwrap_or(10_000), arguments.next().unwrap_or(1));
    let mut agree = true;
    for (name, lossy) in [("no answer is lost", false), ("answers are lost", true)] {
        let begun = Instant::now();
        let load = Load::open(seed, lossy).await;
        load.run(exchanges).await;
        let comparison = Comparison::of(&load).await;
        println!("{name}: {:.1} s, seed {seed}", begun.elapsed().as_secs_f64());
        comparison.print();
        agree &= comparison.agrees();
    }
    if agree { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
