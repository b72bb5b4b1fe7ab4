//! The shop as processes, which are killed, stopped, and asked to end.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tests::servers::free_port;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

/// Several shops with one environment; they are killed when this is dropped, and none may have panicked.
#[derive(Debug)]
pub(super) struct Instances {
    instances: Vec<Instance>,
    environment: Vec<(&'static str, String)>,
    folder: TempDir,
}

#[derive(Debug)]
struct Instance {
    port: u16,
    child: Child,
    /// Where its products API is, which has a port of its own at each start.
    api_url: String,
}

impl Instances {
    /// Builds the shop if need be, and starts so many on free ports.
    ///
    /// The address of the first is the one that users know.
    pub(super) async fn start(count: usize, environment: Vec<(&'static str, String)>) -> Self {
        let folder = TempDir::new().unwrap();
        let mut instances = Self { instances: Vec::new(), environment, folder };
        let ports: Vec<u16> = (0..count).map(|_| free_port()).collect();
        let base_url = format!("http://127.0.0.1:{}", ports[0]);
        instances.environment.push(("AUTH_BASE_URL", base_url));
        for port in ports {
            let instance = instances.spawn(port).await;
            instances.instances.push(instance);
        }
        instances
    }

    /// Returns the address that users know.
    pub(super) fn base_url(&self) -> String {
        self.url(0)
    }

    pub(super) fn count(&self) -> usize {
        self.instances.len()
    }

    pub(super) fn url(&self, number: usize) -> String {
        format!("http://127.0.0.1:{}", self.instances[number].port)
    }

    pub(super) fn api_url(&self, number: usize) -> &str {
        &self.instances[number].api_url
    }

    /// Kills a shop as a crash does.
    pub(super) async fn kill(&mut self, number: usize) {
        self.instances[number].child.kill().await.unwrap();
    }

    /// Stops a shop where it is, and waits until each of its threads has stopped.
    pub(super) async fn stop(&self, number: usize) {
        self.signal(number, "-STOP");
        let threads = format!("/proc/{}/task", self.instances[number].child.id().expect("it runs"));
        let is_stopped = |thread: std::fs::DirEntry| {
            let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
            status.contains("State:\tT")
        };
        tests::eventually("the shop is stopped", async || {
            std::fs::read_dir(&threads).unwrap().flatten().all(is_stopped)
        })
        .await;
    }

    /// Lets a stopped shop go on.
    pub(super) fn resume(&self, number: usize) {
        self.signal(number, "-CONT");
    }

    /// Asks a shop to end, waits until it has, and returns its exit code.
    pub(super) async fn terminate(&mut self, number: usize) -> Option<i32> {
        self.signal(number, "-TERM");
        let waiting = tokio::time::timeout(FAREWELL, self.instances[number].child.wait());
        waiting.await.expect("the shop ends when it is asked to").unwrap().code()
    }

    /// Starts a shop again, on its port.
    pub(super) async fn restart(&mut self, number: usize) {
        self.instances[number] = self.spawn(self.instances[number].port).await;
    }

    fn signal(&self, number: usize, signal: &str) {
        let id = self.instances[number].child.id().expect("it runs").to_string();
        let sent = std::process::Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success(), "kill {signal}");
    }

    async fn spawn(&self, port: u16) -> Instance {
        let program = program().await;
        for _ in 0..STARTS {
            let mut command = Command::new(&program);
            command
                .env_clear()
                .envs(self.environment.iter().cloned())
                .env("APP_LISTEN", format!("127.0.0.1:{port}"))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(File::options().create(true).append(true).open(self.log()).unwrap())
                .kill_on_drop(true);
            let mut child = command.spawn().unwrap();
            let ready = tokio::time::timeout(START_LIMIT, ready(&mut child)).await;
            if let Some(api_url) = ready.expect("the shop starts in time") {
                return Instance { port, child, api_url };
            }
            // A connection of another program had taken the port.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the shop did not start: {}", self.errors())
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("stderr")
    }

    fn errors(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }
}

impl Drop for Instances {
    fn drop(&mut self) {
        let errors = self.errors();
        if !std::thread::panicking() {
            assert!(!errors.contains("panicked at"), "a shop panicked: {errors}");
        }
    }
}

/// Waits until the shop answers, and returns where its products API is, or nothing if it ended.
async fn ready(child: &mut Child) -> Option<String> {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut api_url = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(url) = line.strip_prefix(API) {
            api_url = url.trim().to_owned();
        }
        if line.starts_with(LISTENING) {
            // Read to the end, so that it never waits for a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some(api_url);
        }
    }
    None
}

/// The shop's program, built once a run: `cargo xtask test` has built it before.
async fn program() -> PathBuf {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    BUILT
        .get_or_init(async || {
            let mut command = Command::new(env!("CARGO"));
            command.args(["build", "--quiet", "--package", "examples", "--bin", "shop", "--target-dir"]);
            command.arg(target);
            let status = command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).status().await;
            assert!(status.unwrap().success(), "the shop is not built");
        })
        .await;
    target.join("debug").join("shop")
}

const API: &str = "products API at ";
const LISTENING: &str = "shop listening on ";
const STARTS: usize = 20;
const START_LIMIT: Duration = Duration::from_secs(30);
const FAREWELL: Duration = Duration::from_secs(30);
