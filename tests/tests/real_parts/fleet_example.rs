//! The example `fleet`, as whoever clones the project runs it: shorter, and with fewer users.

use std::process::Command;

/// Runs the example, and returns what it printed at the end.
fn run(sessions: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "examples", "--bin", "fleet", "--"])
        .args(["--seconds", "12", "--users", "10", "--sessions", sessions])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .env_remove("FLEET_STORE")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// The value of a row of the table.
fn row<'a>(table: &'a str, name: &str) -> &'a str {
    let value = table.lines().find_map(|line| line.strip_prefix(name));
    value.unwrap_or_else(|| panic!("no row {name} in {table}")).trim()
}

#[test]
fn three_instances_refresh_each_expired_token_once_and_lose_no_session() {
    for sessions in ["store", "cookies"] {
        let table = run(sessions);
        assert_eq!(row(&table, "refresh calls per expiry"), "1.00", "{sessions}: {table}");
        assert_eq!(row(&table, "sessions lost"), "0", "{sessions}: {table}");
        assert_eq!(row(&table, "refresh tokens used twice"), "0", "{sessions}: {table}");
        // Twice for each of ten users, and on a slow machine once.
        let expiries: u64 = row(&table, "expiries of access tokens").parse().unwrap();
        assert!(expiries >= 10, "{sessions}: {table}");
        assert_eq!(table.matches("requests at instance").count(), 3, "{table}");
    }
}
