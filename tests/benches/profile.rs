//! x
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]
#[allow(dead_code)]
mod scenario;
use scenario::scenarios;
fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_site, scenarios) = runtime.block_on(scenarios());
    let which: usize = std::env::var("WHICH").unwrap().parse().unwrap();
    runtime.block_on(async {
        for _ in 0..1000000 {
            scenarios[which].run().await;
        }
    });
}
