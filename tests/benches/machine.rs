//! What a machine token costs that is at hand: over reading an atomic pointer, in time and in allocations.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod median;

use std::hint::black_box;
use std::sync::Arc;

use allocation_counter::measure;
use arc_swap::ArcSwap;
use auth_layer::machine::{MachineTokenRequest, MachineTokens};
use auth_layer::{ClientCredentials, Clock, require_auth};
use criterion::Criterion;
use futures_util::FutureExt as _;
use median::Medians;
use tests::Machines;
use tokio::runtime::Builder;

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Catalogue = "https://catalogue.example" { ReadStock = "read:stock" }
    }
}

#[require_auth(scopes = ["read:stock"])]
struct ReadsStock;

/// What is measured, and the lines that tell.
struct Row {
    name: &'static str,
    run: Box<dyn Fn()>,
}

fn main() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let machines = runtime.block_on(Machines::start());
    // The clock that a service has, which reading costs something.
    let machine = runtime.block_on(machines.machine_with(|config| config.with_clock(Clock::system())));
    let _inside = runtime.enter();
    let rows = rows(&runtime.block_on(tokens(&machine)), &machine);
    let mut criterion = Criterion::default().configure_from_args();
    let medians = Medians::begin();
    for row in &rows {
        criterion.bench_function(row.name, |bencher| bencher.iter(|| (row.run)()));
    }
    criterion.final_summary();
    let floor = medians.of(rows[0].name, "");
    println!("\n{:<44} {:>10} {:>12} {:>12}", "a token at hand", "ns", "beyond", "allocations");
    for row in &rows {
        let allocations = measure(|| (row.run)()).count_total;
        let (Some(floor), Some(median)) = (floor, medians.of(row.name, "")) else { continue };
        println!("{:<44} {median:>10.1} {:>12.1} {allocations:>12}", row.name, median - floor);
    }
}

async fn tokens(machine: &ClientCredentials) -> MachineTokens<ReadsStock> {
    let tokens = machine.tokens::<ReadsStock>();
    tokens.token().await.unwrap();
    machine.token_with(request()).await.unwrap();
    tokens
}

fn request() -> MachineTokenRequest {
    MachineTokenRequest::new().with_scopes("read:stock")
}

fn rows(tokens: &MachineTokens<ReadsStock>, machine: &ClientCredentials) -> Vec<Row> {
    let pointer = ArcSwap::from(Arc::new(0_u64));
    let clock = Clock::system();
    let (kept, machine) = (tokens.clone(), machine.clone());
    let (typed, untyped) = (machine.clone(), machine.clone());
    let request = request();
    vec![
        Row {
            name: "an atomic pointer is read",
            run: Box::new(move || drop(black_box(pointer.load_full()))),
        },
        Row {
            name: "the time is read",
            run: Box::new(move || {
                let _ = black_box(clock.now());
            }),
        },
        Row {
            name: "MachineTokens::token",
            run: Box::new(move || drop(black_box(kept.token().now_or_never().unwrap().unwrap()))),
        },
        Row {
            name: "ClientCredentials::token::<R>",
            run: Box::new(move || {
                drop(black_box(typed.token::<ReadsStock>().now_or_never().unwrap().unwrap()))
            }),
        },
        Row {
            name: "ClientCredentials::token_with",
            run: Box::new(move || {
                drop(black_box(untyped.token_with(request.clone()).now_or_never().unwrap().unwrap()));
            }),
        },
    ]
}
