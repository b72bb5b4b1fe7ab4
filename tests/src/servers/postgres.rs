//! A PostgreSQL in a folder of its own.

use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// A running PostgreSQL; it is stopped when this is dropped.
///
/// What was committed survives [`Self::kill`] and [`Self::restart`].
#[derive(Debug)]
pub struct PostgresServer {
    // Before the folder: the server ends before its files do.
    process: Process,
    port: u16,
    folder: TempDir,
}

#[derive(Debug)]
struct Process(Child);

impl PostgresServer {
    /// Starts a server with an empty database.
    pub async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        if let Some((user, group)) = someone_else() {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        initialise(folder.path());
        for _ in 0..STARTS {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut process = Process::spawn(folder.path(), port);
            if process.is_ready(port).await {
                return Self { process, port, folder };
            }
            // Another process was faster to take the port.
        }
        panic!("PostgreSQL did not start in {STARTS} attempts")
    }

    /// Returns the port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the address as clients write it.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Returns the address with another user and password.
    pub fn url_of(&self, user: &str, password: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills the server as a crash does; its connections end.
    pub fn kill(&mut self) {
        let children = self.process.children();
        self.process.0.kill().unwrap();
        self.process.0.wait().unwrap();
        // They would end by themselves, a little later.
        signal("-KILL", &children);
    }

    /// Starts the server again after [`Self::kill`], on its port and with its records.
    pub async fn restart(&mut self) {
        for _ in 0..STARTS {
            self.process = Process::spawn(self.folder.path(), self.port);
            if self.process.is_ready(self.port).await {
                return;
            }
        }
        panic!("PostgreSQL did not start again in {STARTS} attempts")
    }

    /// Stops the processes where they are: connections stay and nothing is answered.
    pub fn pause(&self) {
        // First the one that would start others.
        signal("-STOP", &[self.process.0.id()]);
        signal("-STOP", &self.process.children());
    }

    /// Lets paused processes go on.
    pub fn resume(&self) {
        self.process.resume();
    }

    /// Runs SQL as the superuser and returns the first value of the last row, or nothing.
    pub async fn sql(&self, statements: &str) -> String {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let answers = client.simple_query(statements).await.unwrap();
        connection.abort();
        let rows = answers.iter().filter_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        rows.last().unwrap_or_default()
    }
}

impl Process {
    fn spawn(folder: &Path, port: u16) -> Self {
        let mut command = program("postgres");
        command.arg("-D").arg(folder.join("data")).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
        for setting in [
            "unix_socket_directories=",
            "fsync=off",
            "max_connections=60",
            "shared_preload_libraries=pg_stat_statements",
        ] {
            command.args(["-c", setting]);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap_or_else(|error| missing(&error)))
    }

    /// Waits until the server answers, and returns whether it does.
    async fn is_ready(&mut self, port: u16) -> bool {
        for _ in 0..ATTEMPTS {
            if self.0.try_wait().unwrap().is_some() {
                return false;
            }
            if let Ok((_, connection)) = tokio_postgres::connect(&url(port), NoTls).await {
                drop(connection);
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    fn children(&self) -> Vec<u32> {
        let id = self.0.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        children.split_whitespace().map(|child| child.parse().unwrap()).collect()
    }

    fn resume(&self) {
        signal("-CONT", &self.children());
        signal("-CONT", &[self.0.id()]);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.resume();
            // At once, and its children with it.
            signal("-QUIT", &[self.0.id()]);
            let _ = self.0.wait();
        }
    }
}

fn initialise(folder: &Path) {
    let password = folder.join("password");
    std::fs::write(&password, PASSWORD).unwrap();
    let mut command = program("initdb");
    command.arg("--pgdata").arg(folder.join("data")).arg("--pwfile").arg(password);
    command.args([
        "--username=postgres",
        "--auth=scram-sha-256",
        "--no-sync",
        "--locale=C",
        "--encoding=UTF8",
    ]);
    let output = command.output().unwrap_or_else(|error| missing(&error));
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

/// A program of PostgreSQL's, run by somebody whom it accepts.
fn program(name: &str) -> Command {
    let mut command = Command::new(folder_of_programs().join(name));
    command.stdin(Stdio::null()).current_dir("/");
    if let Some((user, group)) = someone_else() {
        command.uid(user).gid(group);
    }
    command
}

/// The newest that Debian installed, which is in no PATH; elsewhere, what is in the PATH.
fn folder_of_programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders =
        versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("postgres").exists());
    folders.max().unwrap_or_default()
}

/// PostgreSQL refuses to be run by root: then it is run by its own user.
fn someone_else() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| -> u32 {
        let output = Command::new("id").args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().unwrap_or_else(|_| panic!("there is no user postgres: run `cargo xtask test`"))
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", "postgres"]), id(&["-g", "postgres"])))
}

fn missing(error: &std::io::Error) -> ! {
    panic!("PostgreSQL is not installed ({error}): run `cargo xtask test`, or `apt-get install postgresql`")
}

fn signal(signal: &str, processes: &[u32]) {
    if !processes.is_empty() {
        let processes = processes.iter().map(ToString::to_string);
        // One that has ended meanwhile needs no signal.
        let _ = Command::new("kill").arg(signal).args(processes).stderr(Stdio::null()).status();
    }
}

fn url(port: u16) -> String {
    format!("postgres://postgres:{PASSWORD}@127.0.0.1:{port}/postgres")
}

const PASSWORD: &str = "a-password-of-the-test";
const STARTS: usize = 10;
const ATTEMPTS: usize = 500;
