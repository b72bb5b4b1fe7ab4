//! `wrk`, a load generator: started, and its report read.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How much load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
}

/// What it saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
}

/// A load generator with its tokens.
pub(crate) struct Wrk {
    script: PathBuf,
}

impl Wrk {
    /// Looks for the program, and writes down the requests that it will send in turn.
    ///
    /// # Errors
    /// Where there is no `wrk`: it is not installed from here.
    pub(crate) fn with(authorizations: &[String]) -> Result<Self, String> {
        let script = std::env::temp_dir().join(format!("auth-layer-bench-{}.lua", std::process::id()));
        std::fs::write(&script, script_of(authorizations))
            .map_err(|error| format!("{}: {error}", script.display()))?;
        Ok(Self { script })
    }

    /// Loads a server for some seconds.
    ///
    /// # Errors
    /// Where any request failed, or was answered with anything but success.
    pub(crate) fn load(&self, url: &str, load: Load) -> Result<Seen, String> {
        let output = command(&self.script, url, load)
            .output()
            .map_err(|error| format!("wrk did not start: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        seen(&text)
            .map_err(|why| format!("wrk {url}: {why}\n{text}{}", String::from_utf8_lossy(&output.stderr)))
    }
}

impl Drop for Wrk {
    fn drop(&mut self) {
        // A file that stays in the folder for temporary files is no one's loss.
        let _ = std::fs::remove_file(&self.script);
    }
}

/// Says what to install where `wrk` is missing.
///
/// # Errors
/// Where it is.
pub(crate) fn is_there() -> Result<(), String> {
    let asked = Command::new("wrk").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.map(|_| ()).map_err(|error| {
        format!("wrk did not start ({error}): apt-get install -y --no-install-recommends wrk")
    })
}

fn command(script: &Path, url: &str, load: Load) -> Command {
    let mut command = Command::new("wrk");
    command.args(["--threads", "1", "--connections", &load.connections.to_string()]);
    command.args(["--duration", &format!("{}s", load.seconds)]);
    command.arg("--script").arg(script).arg(url).stdin(Stdio::null());
    command
}

/// The requests are written once: a server shall not wait for its load generator.
fn script_of(authorizations: &[String]) -> String {
    let listed: Vec<String> = authorizations.iter().map(|value| format!("  \"{value}\",\n")).collect();
    format!(
        "local authorizations = {{\n{}}}\n\
         local requests, turn = {{}}, 0\n\
         function init()\n\
         \x20 for at, value in ipairs(authorizations) do\n\
         \x20   requests[at] = wrk.format(\"GET\", nil, {{ [\"Authorization\"] = value }})\n\
         \x20 end\n\
         end\n\
         function request()\n\
         \x20 turn = turn % #requests + 1\n\
         \x20 return requests[turn]\n\
         end\n",
        listed.concat()
    )
}

fn seen(report: &str) -> Result<Seen, String> {
    let line = |begin: &str| report.lines().find_map(|line| line.trim().strip_prefix(begin));
    for failure in ["Non-2xx or 3xx responses:", "Socket errors:"] {
        if let Some(rest) = line(failure) {
            return Err(format!("{failure}{rest}"));
        }
    }
    let requests = report.lines().find_map(|line| line.trim().split_once(" requests in "));
    let requests = requests.and_then(|(count, _)| count.parse().ok());
    let per_second = line("Requests/sec:").and_then(|rate| rate.trim().parse().ok());
    match (requests, per_second) {
        (Some(requests), Some(per_second)) if requests > 0.0 => Ok(Seen { requests, per_second }),
        _ => Err("no report".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
Running 3s test @ http://127.0.0.1:35155/open
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   267.39us   53.15us   1.58ms   81.27%
    Req/Sec   120.63k     4.61k  131.46k    70.00%
  360051 requests in 3.00s, 40.86MB read
Requests/sec: 120013.30
Transfer/sec:     13.62MB
";

    #[test]
    fn a_report_tells_how_many_requests_were_answered() {
        assert_eq!(seen(REPORT), Ok(Seen { requests: 360_051.0, per_second: 120_013.30 }));
    }

    #[test]
    fn a_run_in_which_a_request_failed_measures_nothing() {
        for failure in
            ["  Non-2xx or 3xx responses: 7\n", "  Socket errors: connect 0, read 3, write 0, timeout 0\n"]
        {
            let error = seen(&format!("{REPORT}{failure}")).expect_err("it failed");
            assert_eq!(error, failure.trim());
        }
        for report in ["", "unable to connect to 127.0.0.1:1 Connection refused\n"] {
            assert_eq!(seen(report), Err("no report".into()));
        }
        assert!(seen(&REPORT.replace("360051", "0")).is_err());
    }

    #[test]
    fn every_token_is_in_the_script_once() {
        let script = script_of(&["Bearer one".into(), "Bearer two".into()]);
        for value in ["\"Bearer one\",", "\"Bearer two\","] {
            assert_eq!(script.matches(value).count(), 1, "{script}");
        }
    }
}
