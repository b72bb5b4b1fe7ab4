//! Processor time of Redis for a command, as it accounts for it itself: one by one, and 64 at once.

use std::time::{Duration, Instant};

use auth_layer::session::{Groups, RedisStore, SessionStore as _, Swap, Version};
use futures_util::future::join_all;
use tests::servers::RedisServer;

pub(crate) async fn report() {
    let server = RedisServer::start().await;
    let store = RedisStore::builder(server.url()).connect().await.unwrap();
    let mut versions = Vec::with_capacity(AT_ONCE);
    for number in 0..AT_ONCE {
        let written = store.insert(&name(number), vec![7; BYTES], HOUR, Groups::none()).await.unwrap();
        let Swap::Done(version) = written else { panic!("{written:?}") };
        versions.push(version);
    }
    println!("\n{:<36} {:>14} {:>14}", "Redis, records of 3 KB", "processor", "commands /s");
    for at_once in [1, AT_ONCE] {
        for what in ["load", "compare and swap"] {
            let (begun, before) = (Instant::now(), processor_time(&server));
            for _ in 0..COMMANDS / at_once {
                match what {
                    "load" => join_all((0..at_once).map(|number| load(&store, number))).await,
                    _ => {
                        let swaps = versions.iter_mut().take(at_once).enumerate();
                        join_all(swaps.map(|(number, version)| swap(&store, number, version))).await
                    }
                };
            }
            let (took, used) = (begun.elapsed().as_secs_f64(), processor_time(&server) - before);
            let name =
                if at_once == 1 { format!("{what}, one by one") } else { format!("{what}, 64 at once") };
            let commands = COMMANDS as f64;
            println!("{name:<36} {:>11.1} us {:>14.0}", used * 1e6 / commands, commands / took);
        }
    }
}

async fn load(store: &RedisStore, number: usize) {
    assert!(store.load(&name(number)).await.unwrap().is_some());
}

async fn swap(store: &RedisStore, number: usize, version: &mut Version) {
    let swapped = store.compare_and_swap(&name(number), *version, vec![8; BYTES], HOUR).await.unwrap();
    let Swap::Done(done) = swapped else { panic!("{swapped:?}") };
    *version = done;
}

fn name(number: usize) -> String {
    format!("s:{number:043}")
}

/// Seconds of the main thread, which does all commands.
fn processor_time(server: &RedisServer) -> f64 {
    let report = server.cli(&["INFO", "cpu"]);
    let used = |name: &str| -> f64 {
        let line = report.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap();
        line.trim_start_matches(':').parse().unwrap()
    };
    used("used_cpu_sys_main_thread") + used("used_cpu_user_main_thread")
}

const AT_ONCE: usize = 64;
const COMMANDS: usize = 64_000;
const BYTES: usize = 3_000;
const HOUR: Duration = Duration::from_secs(3_600);
