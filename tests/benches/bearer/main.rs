//! What a bearer token costs a request: ratios against a bare axum handler, measured in one run.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

#[path = "../median.rs"]
mod median;
#[allow(dead_code)]
mod rows;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use median::Medians;
use rows::floor;
use rows::issuer::Issuer;
use rows::scenario::{Scenario, Traffic};
use rows::table::{BARE, BARE_AGAIN, BARE_ANONYMOUS, scenarios};
use tokio::runtime::Builder;

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let (issuers, scenarios) = runtime.block_on(scenarios());
    // Many rows: each is short, so that the machine changes little from the first to the last.
    let criterion =
        Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    let mut criterion = criterion.configure_from_args();
    let medians = Medians::begin();
    let mut group = criterion.benchmark_group(GROUP);
    for scenario in &scenarios {
        group.bench_function(BenchmarkId::from_parameter(&scenario.name), |bencher| {
            bencher.to_async(&runtime).iter_custom(|requests| scenario.run(requests));
        });
    }
    group.finish();
    criterion.final_summary();
    report(&issuers, &scenarios, &medians);
}

/// Ratios of medians; absolute times are this machine's and say nothing about another.
fn report(issuers: &[Issuer], scenarios: &[Scenario], medians: &Medians) {
    let median = |name: &str| medians.of(GROUP, name);
    let Some(bare) = median(BARE) else { return };
    println!();
    for issuer in issuers {
        let (tokens, bytes) = (issuer.tokens.len(), issuer.tokens[0].jwt().len());
        println!("{}: {tokens} tokens of {bytes} bytes", issuer.algorithm.name());
    }
    println!("\n{:<56} {:>10} {:>8} {:>8}", "GET by oneshot", "median", "x bare", "x floor");
    for scenario in scenarios {
        let Some(took) = median(&scenario.name) else { continue };
        let base = if scenario.traffic == Traffic::Anonymous { median(BARE_ANONYMOUS) } else { Some(bare) };
        let floor = scenario.algorithm.filter(|_| scenario.traffic == Traffic::New);
        let floor = floor.and_then(|algorithm| median(&floor::name(algorithm)));
        let [base, floor] =
            [base, floor].map(|other| other.map_or_else(String::new, |other| ratio(took, other)));
        println!("{:<56} {:>7.2} us {base:>8} {floor:>8}", scenario.name, took / 1e3);
    }
    if let Some(again) = median(BARE_AGAIN) {
        println!("the bare handler at the end: {} x that at the beginning", ratio(again, bare));
    }
}

fn ratio(took: f64, other: f64) -> String {
    format!("{:.2}", took / other)
}

const GROUP: &str = "bearer";
