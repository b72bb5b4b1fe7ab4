//! What a bearer token costs a request: ratios against a bare axum handler, measured in one run.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod in_turn;
#[path = "../median.rs"]
mod median;
#[allow(dead_code)]
mod rows;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use in_turn::InTurn;
use median::Medians;
use rows::floor;
use rows::issuer::Issuer;
use rows::scenario::{Scenario, Traffic};
use rows::table::{BARE, BARE_AGAIN, BARE_ANONYMOUS, scenarios};
use tokio::runtime::{Builder, Runtime};

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
    report(&issuers, &scenarios, &medians, &runtime);
}

/// Ratios; absolute times are this machine's and say nothing about another.
fn report(issuers: &[Issuer], scenarios: &[Scenario], medians: &Medians, runtime: &Runtime) {
    let median = |name: &str| medians.of(GROUP, name);
    let measured: Vec<(&Scenario, f64)> =
        scenarios.iter().filter_map(|scenario| Some((scenario, median(&scenario.name)?))).collect();
    let in_turn = runtime.block_on(InTurn::measure(measured.iter().map(|(scenario, _)| *scenario)));
    println!();
    for issuer in issuers {
        let (tokens, bytes) = (issuer.tokens.len(), issuer.tokens[0].jwt().len());
        println!("{}: {tokens} tokens of {bytes} bytes", issuer.algorithm.name());
    }
    println!("\n{:<56} {:>10} {:^17} {:^17}", "", "", "medians", "rows in turn");
    println!(
        "{:<56} {:>10} {:>8} {:>8} {:>8} {:>8}",
        "GET by oneshot", "median", "x bare", "x floor", "x bare", "x floor"
    );
    for (scenario, took) in measured {
        let name = scenario.name.as_str();
        let of_medians = |other: &str| Some(took / median(other)?);
        let of_rounds = |other: &str| in_turn.ratio(name, other);
        let bare = if scenario.traffic == Traffic::Anonymous { BARE_ANONYMOUS } else { BARE };
        let floor = scenario.algorithm.filter(|_| scenario.traffic == Traffic::New).map(floor::name);
        let floor = floor.as_deref();
        let ratios =
            [of_medians(bare), floor.and_then(of_medians), of_rounds(bare), floor.and_then(of_rounds)];
        let [medians, rounds] = [&ratios[..2], &ratios[2..]].map(columns);
        println!("{name:<56} {:>7.2} us {medians} {rounds}", took / 1e3);
    }
    if let Some((again, first)) = median(BARE_AGAIN).zip(median(BARE)) {
        println!("the bare handler at the end: {:.2} x that at the beginning", again / first);
    }
}

fn columns(ratios: &[Option<f64>]) -> String {
    let shown = ratios.iter().map(|ratio| ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")));
    shown.map(|ratio| format!("{ratio:>8}")).collect::<Vec<_>>().join(" ")
}

const GROUP: &str = "bearer";
