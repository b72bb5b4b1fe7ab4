//! A `redis-server` in a folder of its own.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::monitor::Monitor;

/// A running Redis; it is killed when this is dropped.
///
/// What it was told survives [`Self::kill`] and [`Self::restart`]: it keeps an append-only file.
#[derive(Debug)]
pub struct RedisServer {
    folder: TempDir,
    port: u16,
    arguments: Vec<String>,
    child: Child,
}

impl RedisServer {
    /// Starts a server.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server with more arguments, such as `--requirepass`.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let persistence = ["--save", "", "--appendonly", "yes"];
        Self::run("", &[&persistence, arguments].concat()).await
    }

    /// Starts a sentinel that watches a master, under the name `main`, and decides alone.
    pub async fn start_sentinel(master: &Self) -> Self {
        let password = master.password().map(|password| format!("sentinel auth-pass main {password}\n"));
        let settings = format!(
            "sentinel monitor main 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds main 500\n\
             sentinel failover-timeout main 3000\n{}",
            master.port,
            password.unwrap_or_default(),
        );
        Self::run(&settings, &["--sentinel"]).await
    }

    fn password(&self) -> Option<&str> {
        let at = self.arguments.iter().position(|argument| argument == "--requirepass")?;
        self.arguments.get(at + 1).map(String::as_str)
    }

    /// Returns the port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the address as clients write it.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills the server as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the server again after [`Self::kill`], on its port and with its records.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.folder, self.port, &self.arguments);
        assert!(is_ready(&mut self.child, self.port).await, "redis-server did not start again");
    }

    /// Stops the process where it is: its connections stay and nothing is answered.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets a paused process go on.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "kill {signal}");
    }

    /// Runs a command by `redis-cli` and returns what it prints.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.envs(self.password().map(|password| ("REDISCLI_AUTH", password)));
        let output = command.args(["-p", &self.port.to_string()]).args(arguments).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).trim_end().to_owned();
        let is_answer =
            output.status.success() && !["ERR", "NOAUTH"].iter().any(|no| printed.starts_with(no));
        assert!(is_answer, "redis-cli {arguments:?}: {output:?}");
        printed
    }

    /// Listens to what clients send from now on.
    pub fn monitor(&self) -> Monitor {
        Monitor::start(self.port)
    }

    /// Forgets the commands that were processed.
    pub fn forget_commands(&self) {
        self.cli(&["CONFIG", "RESETSTAT"]);
    }

    /// Returns how often each command was processed, those within scripts included and ours not.
    pub fn commands_processed(&self) -> BTreeMap<String, u64> {
        let report = self.cli(&["INFO", "commandstats"]);
        let calls = report.lines().filter_map(|line| {
            let (name, figures) = line.trim().strip_prefix("cmdstat_")?.split_once(":calls=")?;
            Some((name.to_owned(), figures.split(',').next()?.parse().ok()?))
        });
        calls.filter(|(name, _)| !matches!(name.as_str(), "info" | "config|resetstat")).collect()
    }

    async fn run(settings: &str, arguments: &[&str]) -> Self {
        for _ in 0..STARTS {
            let (folder, port) = (TempDir::new().unwrap(), free_port());
            // Sentinels and clusters write down there what they learn.
            std::fs::write(folder.path().join("redis.conf"), settings).unwrap();
            let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
            let mut child = spawn(&folder, port, &arguments);
            if is_ready(&mut child, port).await {
                return Self { folder, port, arguments, child };
            }
            // Another process was faster to take the port.
        }
        panic!("redis-server did not start in {STARTS} attempts: install it, or run `cargo xtask test`")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a port of loopback that nobody listens at; that 10,000 above it exists too, for clusters.
pub fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < u16::MAX - 10_000 {
            return port;
        }
    }
}

fn spawn(folder: &TempDir, port: u16, arguments: &[String]) -> Child {
    let mut command = Command::new("redis-server");
    command.arg(folder.path().join("redis.conf"));
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    command.arg("--dir").arg(folder.path()).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("redis-server is not installed: run `cargo xtask test`, or `apt-get install redis-server`")
        }
        Err(error) => panic!("redis-server: {error}"),
    }
}

/// Waits until the server answers, with whatever, and returns whether it does.
async fn is_ready(child: &mut Child, port: u16) -> bool {
    for _ in 0..ATTEMPTS {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
            let mut answer = [0; 8];
            stream.write_all(b"PING\r\n").await.unwrap();
            let read = stream.read(&mut answer).await.unwrap_or(0);
            // While it loads its records it answers `-LOADING`.
            if read > 0 && !answer.starts_with(b"-LOAD") {
                return true;
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

const STARTS: usize = 5;
const ATTEMPTS: usize = 1_000;
