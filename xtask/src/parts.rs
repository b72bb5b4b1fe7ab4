//! The real parts that the tests need: Chromium, Redis, PostgreSQL, and the certified provider from npm.
//!
//! # Rules
//! 1. What is there is used, and said.
//! 2. What is missing is installed by name, from Debian and from npm.
//! 3. What cannot be installed is an error that says what to type. Nothing is skipped.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::{process, workspace};

const PACKAGES: &str = "tests/real_parts";

/// Sees to every part.
pub(crate) fn provide() -> Result<(), String> {
    for part in &DEBIAN {
        part.provide()?;
    }
    provide_npm_packages()
}

/// A program that Debian packages.
struct Part {
    /// The package, and how it is called.
    package: &'static str,
    /// Where its program is: one `*` stands for any folder.
    program: &'static str,
}

const DEBIAN: [Part; 3] = [
    Part { package: "chromium", program: "/usr/bin/chromium" },
    Part { package: "redis-server", program: "/usr/bin/redis-server" },
    Part { package: "postgresql", program: "/usr/lib/postgresql/*/bin/postgres" },
];

#[derive(Debug, Eq, PartialEq)]
enum Plan {
    Use,
    Install,
    Refuse(String),
}

impl Part {
    fn plan(&self, is_there: bool, is_root: bool, has_apt: bool) -> Plan {
        let Self { package, program } = self;
        match (is_there, is_root, has_apt) {
            (true, _, _) => Plan::Use,
            (false, true, true) => Plan::Install,
            (false, false, true) => Plan::Refuse(format!(
                "{program} is missing and this is not root: \
                 sudo apt-get update && sudo apt-get install -y --no-install-recommends {package}"
            )),
            (false, _, false) => Plan::Refuse(format!(
                "{program} is missing and there is no apt-get here: install {package} so that {program} starts it"
            )),
        }
    }

    fn provide(&self) -> Result<(), String> {
        let package = self.package;
        match self.plan(is_there(self.program), is_root(), answers("apt-get")) {
            Plan::Use => println!("{package}: {} is there", self.program),
            Plan::Refuse(why) => return Err(why),
            Plan::Install => {
                process::run(apt_get(&["update", "-qq"])).map_err(|error| self.by_hand(&error))?;
                process::run(apt_get(&["install", "-y", "-qq", "--no-install-recommends", package]))
                    .map_err(|error| self.by_hand(&error))?;
                if !is_there(self.program) {
                    return Err(self.by_hand("apt-get succeeded"));
                }
            }
        }
        Ok(())
    }

    fn by_hand(&self, error: &str) -> String {
        let Self { package, program } = self;
        format!(
            "{error}; {program} is missing: apt-get update && apt-get install -y --no-install-recommends {package}"
        )
    }
}

/// Whether a program is there; its version may be a folder on the way.
fn is_there(program: &str) -> bool {
    let Some((folder, rest)) = program.split_once('*') else { return Path::new(program).exists() };
    let Ok(found) = std::fs::read_dir(folder) else { return false };
    found.flatten().any(|version| version.path().join(rest.trim_start_matches('/')).exists())
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
    fn a_missing_program_is_installed_by_root_and_never_passed_over() {
        for part in &DEBIAN {
            assert_eq!(part.plan(true, false, false), Plan::Use);
            assert_eq!(part.plan(false, true, true), Plan::Install);
            for (is_root, has_apt, says) in
                [(false, true, "sudo apt-get install"), (true, false, "no apt-get here: install")]
            {
                let Plan::Refuse(why) = part.plan(false, is_root, has_apt) else {
                    panic!("{}: root {is_root}, apt {has_apt}: not refused", part.package)
                };
                assert!(why.contains(says) && why.contains(part.package), "{why}");
            }
        }
    }

    #[test]
    fn a_program_is_found_also_where_a_folder_on_the_way_is_its_version() {
        let root = workspace::root();
        let root = root.display();
        assert!(is_there(&format!("{root}/Cargo.toml")) && !is_there(&format!("{root}/no such file")));
        assert!(is_there(&format!("{root}/*/src/parts.rs")) && !is_there(&format!("{root}/*/no such file")));
        assert!(!is_there(&format!("{root}/no such folder/*/Cargo.toml")));
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
