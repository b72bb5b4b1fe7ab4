//! What the process really takes, beside what is counted.

use std::process::Command;
use std::{env, fs};

use super::{MIB, cache, requests};

const INSERTS: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
const BOUND: usize = if cfg!(debug_assertions) { 16 * MIB } else { 64 * MIB };

/// The memory of this process that is resident and of no file, in bytes.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
}

/// Guards the sizes in `size.rs`, in a process of its own: other tests would be counted as well.
#[test]
fn the_process_takes_no_more_than_the_bound_and_a_tenth() {
    const ALONE: &str = "AUTH_LAYER_TEST_ALONE";
    if env::var_os(ALONE).is_none() {
        let (_, here) = module_path!().split_once("::").unwrap();
        let name = format!("{here}::the_process_takes_no_more_than_the_bound_and_a_tenth");
        let child = Command::new(env::current_exe().unwrap())
            .args(["--exact", &name, "--nocapture", "--test-threads=1"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&child.stdout);
        let why = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success() && said.contains("1 passed"), "{said}{why}");
        return;
    }
    let before = resident();
    let cache = cache(BOUND);
    requests(&cache, 0..INSERTS);
    let grown = resident().saturating_sub(before);
    let counted = cache.bytes();
    assert!(grown <= BOUND / 10 * 11, "{grown} bytes are taken, {counted} are counted");
    assert!(grown >= BOUND / 10 * 8, "{grown} bytes are taken: {counted} are counted, and not there");
}
