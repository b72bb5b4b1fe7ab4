//! What a bearer token allocates in a request, counted in one run beside a bare axum handler.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

#[allow(dead_code)]
mod rows;

use allocation_counter::measure;
use rows::table::{BARE_AGAIN, scenarios};
use tokio::runtime::Builder;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (_issuers, scenarios) = runtime.block_on(scenarios());
    println!("{:<56} {:>12} {:>8} {:>8}", "GET by oneshot", "allocations", "beyond", "bytes");
    let mut bare = None;
    for scenario in scenarios.iter().filter(|scenario| scenario.name != BARE_AGAIN) {
        // Whatever is set up at the first sight of a token is not the second one's.
        runtime.block_on(scenario.run(WARM_UP));
        let counted = measure(|| {
            runtime.block_on(scenario.run(REQUESTS));
        });
        // The loop around the requests allocates once; the division takes that off.
        let allocations = counted.count_total / REQUESTS;
        let beyond = allocations.cast_signed() - bare.get_or_insert(allocations).cast_signed();
        println!("{:<56} {allocations:>12} {beyond:>8} {:>8}", scenario.name, counted.bytes_total / REQUESTS);
    }
}

const WARM_UP: u64 = 1_024;
const REQUESTS: u64 = 1_024;
