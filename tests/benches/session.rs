//! What a session costs a request: ratios against a bare axum handler, measured in one run.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod median;
mod scenario;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use futures_util::future::join_all;
use median::Medians;
use scenario::{SealFloor, scenarios};
use tokio::runtime::{Builder, Runtime};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3_600);
const HOUR: Duration = Duration::from_secs(3_600);

fn main() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut criterion = Criterion::default().configure_from_args();
    let medians = Medians::begin();
    let names = one_request(&runtime, &mut criterion);
    many_requests(&runtime, &mut criterion);
    criterion.final_summary();
    report(&names, &medians);
}

fn one_request(runtime: &Runtime, criterion: &mut Criterion) -> Vec<&'static str> {
    let (site, scenarios) = runtime.block_on(scenarios());
    let mut group = criterion.benchmark_group("request");
    for scenario in &scenarios {
        group.bench_function(BenchmarkId::from_parameter(scenario.name), |bencher| {
            bencher.to_async(runtime).iter(|| scenario.run());
        });
    }
    let ada = runtime.block_on(site.ada());
    let mut floor = SealFloor::new(&ada);
    println!("the session's seal: {} bytes", floor.len());
    group.bench_function(BenchmarkId::from_parameter(FLOOR), |bencher| bencher.iter(|| floor.open()));
    group.finish();
    scenarios.iter().map(|scenario| scenario.name).collect()
}

/// 200 requests at once: with a living token, and with an expired one that is refreshed on the way.
fn many_requests(runtime: &Runtime, criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parallel");
    group.sample_size(20);
    for (name, step) in [(LIVING, Duration::ZERO), (EXPIRED, HOUR)] {
        // An hour a round: no session and no grant may end before the bench does.
        let site = tests::Site::builder()
            .provider(|op| op.refresh_token_lifetime(YEAR))
            .config(|config| config.with_session_lifetime(YEAR));
        let site = runtime.block_on(site.open());
        let ada = runtime.block_on(site.ada());
        let mut rounds = 0;
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| {
                rounds += usize::from(!step.is_zero());
                site.clock.advance(step);
                let both = runtime.block_on(join_all((0..200).map(|_| {
                    let ada = ada.copied();
                    async move { (ada.get("/token").await, ada) }
                })));
                // The browser goes on with the cookies of any one of the responses.
                for (name, value) in both[0].1.cookies() {
                    ada.set_cookie(&name, &value);
                }
                assert!(both.iter().all(|(reply, _)| reply.status == 200));
                assert_eq!(site.refreshes(), rounds, "one refresh for 200 requests");
            });
        });
        println!("{name}: {rounds} rounds, {} refreshes", site.refreshes());
    }
    group.finish();
}

/// Ratios of medians; absolute times are this machine's and say nothing about another.
fn report(names: &[&str], medians: &Medians) {
    let median = |group, name| medians.of(group, name);
    let Some(bare) = median("request", names[0]) else { return };
    println!("\n{:<52} {:>10} {:>8}", "GET by oneshot", "median", "x bare");
    for name in names.iter().copied().chain([FLOOR]) {
        if let Some(median) = median("request", name) {
            println!("{name:<52} {:>7.2} us {:>8.2}", median / 1e3, median / bare);
        }
    }
    // What the session costs beyond opening its seal, in seals: over the same request to a public
    // route behind the layer, and over one to a bare handler.
    let (session, floor) = (median("request", names[6]), median("request", FLOOR));
    for base in [names[4], names[1]] {
        if let (Some(session), Some(base_median), Some(floor)) = (session, median("request", base), floor) {
            let beyond = (session - base_median - floor) / floor;
            println!("AccessToken, over `{base}`, beyond the seal: {beyond:.2} seals");
        }
    }
    if let (Some(expired), Some(living)) = (median("parallel", EXPIRED), median("parallel", LIVING)) {
        println!("{EXPIRED}: {:.2} x those with a living token", expired / living);
    }
}

const FLOOR: &str = "opening the seal alone (AES-256-GCM-SIV)";
const LIVING: &str = "200 requests with a living token";
const EXPIRED: &str = "200 requests with one expired token";
