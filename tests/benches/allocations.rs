//! What a session allocates in a request, counted in one run beside a bare axum handler.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

#[allow(dead_code)]
mod scenario;

use allocation_counter::measure;
use scenario::scenarios;
use tokio::runtime::Builder;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (_site, scenarios) = runtime.block_on(scenarios());
    println!("{:<52} {:>12} {:>8} {:>8}", "GET by oneshot", "allocations", "beyond", "bytes");
    let mut bare = 0;
    for (index, scenario) in scenarios.iter().enumerate() {
        // Whatever is set up at the first request is not the second one's.
        for _ in 0..3 {
            runtime.block_on(scenario.run());
        }
        let counted = measure(|| runtime.block_on(scenario.run()));
        if index == 0 {
            bare = counted.count_total;
        }
        let beyond = counted.count_total.saturating_sub(bare);
        println!("{:<52} {:>12} {beyond:>8} {:>8}", scenario.name, counted.count_total, counted.bytes_total);
    }
}
