//! The real parts that the tests need: Chromium, and the certified provider from npm.
//!
//! # Rules
//! 1. What is there is used, and said.
//! 2. What is missing is installed by name, from Debian and from npm.
//! 3. What cannot be installed is an error that says what to type. Nothing is skipped.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{process, workspace};

const CHROMIUM: &str = "/usr/bin/chromium";
const PACKAGES: &str = "tests/real_parts";

/// Sees to every part.
pub(crate) fn provide() -> Result<(), String> {
    provide_chromium()?;
    provide_npm_packages()
}

#[derive(Debug, Eq, PartialEq)]
enum Plan {
    Use,
    Install,
    Refuse(String),
}

fn plan_for_chromium(is_there: bool, is_root: bool, has_apt: bool) -> Plan {
    match (is_there, is_root, has_apt) {
        (true, _, _) => Plan::Use,
        (false, true, true) => Plan::Install,
        (false, false, true) => Plan::Refuse(format!(
            "{CHROMIUM} is missing and this is not root: \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium"
        )),
        (false, _, false) => Plan::Refuse(format!(
            "{CHROMIUM} is missing and there is no apt-get here: install Chromium so that {CHROMIUM} starts it"
        )),
    }
}

fn provide_chromium() -> Result<(), String> {
    match plan_for_chromium(Path::new(CHROMIUM).exists(), is_root(), answers("apt-get")) {
        Plan::Use => println!("chromium: {CHROMIUM} is there"),
        Plan::Refuse(why) => return Err(why),
        Plan::Install => {
            process::run(apt_get(&["update", "-qq"])).map_err(|error| by_hand(&error))?;
            process::run(apt_get(&["install", "-y", "-qq", "--no-install-recommends", "chromium"]))
                .map_err(|error| by_hand(&error))?;
            if !Path::new(CHROMIUM).exists() {
                return Err(by_hand("apt-get succeeded"));
            }
        }
    }
    Ok(())
}

fn by_hand(error: &str) -> String {
    format!(
        "{error}; {CHROMIUM} is missing: apt-get update && apt-get install -y --no-install-recommends chromium"
    )
}

fn apt_get(args: &[&str]) -> Command {
    let mut command = Command::new("apt-get");
    // Another installer may hold dpkg's lock for a while.
    command.args(["-o", "DPkg::Lock::Timeout=300"]).args(args);
    command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    command
}

fn provide_npm_packages() -> Result<(), String> {
    let folder = workspace::root().join(PACKAGES);
    if !folder.join("package-lock.json").exists() {
        return Err(format!(
            "{PACKAGES}/package-lock.json is missing: it pins oidc-provider and playwright-core"
        ));
    }
    for tool in ["node", "npm"] {
        if !answers(tool) {
            return Err(format!("{tool} is missing: apt-get install -y nodejs npm (Node.js 20 or newer)"));
        }
    }
    if is_newer(&folder.join("node_modules/.package-lock.json"), &folder.join("package-lock.json")) {
        println!("npm: {PACKAGES}/node_modules is up to date");
        return Ok(());
    }
    let mut install = Command::new("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).stdin(Stdio::null());
    process::run(install).map_err(|error| format!("{error}: cd {PACKAGES} && npm ci"))
}

fn is_newer(this: &Path, that: &Path) -> bool {
    let modified = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    matches!((modified(this), modified(that)), (Some(this), Some(that)) if this >= that)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn answers(tool: &str) -> bool {
    let asked = Command::new(tool).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_chromium_is_installed_by_root_and_never_passed_over() {
        assert_eq!(plan_for_chromium(true, false, false), Plan::Use);
        assert_eq!(plan_for_chromium(false, true, true), Plan::Install);
        for (is_root, has_apt, says) in
            [(false, true, "sudo apt-get install"), (true, false, "install Chromium")]
        {
            let Plan::Refuse(why) = plan_for_chromium(false, is_root, has_apt) else {
                panic!("root {is_root}, apt {has_apt}: not refused")
            };
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn packages_that_were_never_installed_are_older_than_their_list() {
        let list = workspace::root().join("Cargo.toml");
        assert!(!is_newer(&workspace::root().join("no such file"), &list));
        assert!(is_newer(&list, &list));
    }

    #[test]
    fn a_tool_that_is_not_there_does_not_answer() {
        assert!(!answers("no-such-tool-here"));
    }
}
