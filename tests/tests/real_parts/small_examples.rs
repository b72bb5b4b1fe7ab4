//! The small examples that end by themselves, as whoever clones the project runs them.

use std::process::Command;

/// Runs an example, and returns what it printed.
fn run(example: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "examples", "--example", example])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    printed
}

#[test]
fn a_thousand_calls_of_the_worker_cost_two_tokens_and_its_budget_says_stop() {
    let printed = run("worker");
    assert!(printed.starts_with("1,000 calls cost 2 tokens\n"), "{printed}");
    assert!(printed.contains("budget of machine tokens for this day is used up"), "{printed}");
}

#[test]
fn a_refused_token_is_replaced_once_and_another_origin_gets_none() {
    assert_eq!(
        run("authorize"),
        "the API: three products\n\
         the API, after a refusal: three products\n\
         elsewhere: a token came along: false\n\
         all that cost 2 tokens\n"
    );
}
