//! The servers that are loaded: an example of the package `tests`, in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::process;

/// A process with several servers, each on a port of its own; it ends with this value.
pub(crate) struct Served {
    child: Child,
    pub(crate) servers: Vec<Server>,
    pub(crate) authorizations: Vec<String>,
}

/// One server.
#[derive(Debug, PartialEq)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) url: String,
}

impl Served {
    /// Builds and starts the servers, with so many threads each.
    ///
    /// # Errors
    /// Where it does not build, or does not say where it serves.
    pub(crate) fn start(workers: u32, tokens: u32) -> Result<Self, String> {
        let mut command = process::cargo(&["run", "--release", "--package", "tests", "--example", "served"]);
        command.args(["--".to_owned(), workers.to_string(), tokens.to_string()]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the servers did not start: {error}"))?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line).map_err(|error| format!("the servers: {error}"))?;
        }
        let (servers, authorizations) =
            described(&line).ok_or("the servers did not say where they are".to_owned())?;
        Ok(Self { child, servers, authorizations })
    }

    /// Returns how many seconds of processor time were spent until now, where the system tells.
    pub(crate) fn processor_seconds(&self) -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        processor_seconds(&stat)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Its standard input ends, and it with that.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn described(line: &str) -> Option<(Vec<Server>, Vec<String>)> {
    let described: Value = serde_json::from_str(line).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let servers = described["servers"].as_array()?.iter();
    let servers =
        servers.map(|server| Some(Server { name: text(&server["name"])?, url: text(&server["url"])? }));
    let authorizations = described["authorizations"].as_array()?.iter().map(text);
    Some((servers.collect::<Option<_>>()?, authorizations.collect::<Option<_>>()?))
}

/// The fields after the name, which may contain anything (proc_pid_stat(5)): 14 and 15 are ticks,
/// of which Linux shows a hundred a second.
fn processor_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks: Option<Vec<f64>> =
        fields.split(' ').skip(11).take(2).map(|field| field.parse().ok()).collect();
    ticks.filter(|ticks| ticks.len() == 2).map(|ticks| ticks.iter().sum::<f64>() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_where_they_are_and_what_to_send() {
        let line = r#"{"servers":[{"name":"bare","url":"http://a"}],"authorizations":["Bearer x"]}"#;
        let (servers, authorizations) = described(line).unwrap();
        assert_eq!(servers, [Server { name: "bare".into(), url: "http://a".into() }]);
        assert_eq!(authorizations, ["Bearer x"]);
        for other in ["", "{}", r#"{"servers":[{"name":"bare"}],"authorizations":[]}"#] {
            assert!(described(other).is_none(), "{other}");
        }
    }

    #[test]
    fn processor_time_is_read_after_a_name_with_a_parenthesis() {
        let stat = "7 (a) (b) S 1 7 7 0 -1 4194304 1 0 0 0 250 50 3 4 20 0 1 0 9 9";
        assert_eq!(processor_seconds(stat), Some(3.0));
        assert_eq!(processor_seconds("7 (a) S 1"), None);
    }
}
