//! Scripts of `tests/real_parts`, run by Node.js as children that end with their test.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// Returns a command that runs a script, once it is known that its packages are installed.
pub(crate) fn script(name: &str) -> Command {
    let folder = folder();
    for package in ["oidc-provider", "playwright-core"] {
        assert!(
            folder.join("node_modules").join(package).is_dir(),
            "npm's {package} is not installed: run `cargo xtask test`, or `npm ci` in {}",
            folder.display(),
        );
    }
    let mut command = Command::new("node");
    command.arg(folder.join(name)).kill_on_drop(true);
    command
}

/// How a client of the provider proves who it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) method: &'static str,
    /// What its id tokens are signed with.
    pub(crate) algorithm: &'static str,
}

/// A certified OpenID provider: npm `oidc-provider` on a loopback port.
#[derive(Debug)]
pub(crate) struct CertifiedProvider {
    pub(crate) issuer: String,
    child: Child,
    /// The provider ends when this is closed, also where the test process was killed.
    _stdin: ChildStdin,
    http: reqwest::Client,
}

impl CertifiedProvider {
    /// Starts a provider that knows [`CLIENTS`], signs id tokens with `algorithm`, and sends users back
    /// to an application at `base_url`.
    pub(crate) async fn start(base_url: &str, algorithm: &str) -> Self {
        let settings = json!({
            "base_urls": [base_url],
            "clients": CLIENTS.map(|Client { id, secret, method, .. }| {
                json!({ "id": id, "secret": secret, "method": method })
            }),
            "id_token_algorithm": algorithm,
            "access_token_seconds": ACCESS_TOKEN_LIFETIME.as_secs(),
        });
        for _ in 0..STARTS {
            if let Some(started) = Self::once(&settings.to_string()).await {
                return started;
            }
        }
        panic!("the provider did not start within {START_LIMIT:?}, {STARTS} times in a row");
    }

    /// Starts a provider; `None` where it does not come up. About one in 180 starts of the script does
    /// not on Node.js 20, also by hand and without any test: its main thread waits on a futex for ever.
    async fn once(settings: &str) -> Option<Self> {
        let log = log_file();
        let mut child = script("provider.mjs")
            .arg(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .expect("Node.js runs: install Debian's nodejs, 20 or later");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = match tokio::time::timeout(START_LIMIT, lines.next_line()).await {
            Ok(line) => line.unwrap().unwrap_or_else(|| {
                panic!("the provider ended: {}", std::fs::read_to_string(&log).unwrap_or_default())
            }),
            Err(_) => return None,
        };
        let ready: Value = serde_json::from_str(&line).unwrap();
        Some(Self {
            issuer: ready["issuer"].as_str().unwrap().to_owned(),
            _stdin: child.stdin.take().unwrap(),
            child,
            http: reqwest::Client::new(),
        })
    }

    /// What the provider did so far.
    pub(crate) async fn count(&self, what: &str) -> u64 {
        let counts = self.test_endpoint("counts").await;
        counts[what].as_u64().unwrap_or_else(|| panic!("the provider counts {counts}, not {what}"))
    }

    /// All refresh tokens that were issued, the newest last.
    pub(crate) async fn issued_refresh_tokens(&self) -> Vec<String> {
        serde_json::from_value(self.test_endpoint("refresh_tokens").await).unwrap()
    }

    /// Replaces the signing key; the old one is gone from the JWKS at once.
    pub(crate) async fn rotate_keys(&self) {
        self.test_endpoint("rotate_keys").await;
    }

    /// Spends a refresh token as [`POST`] and returns the provider's error, if it is one.
    pub(crate) async fn spend(&self, refresh_token: &str) -> Option<String> {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", POST.id),
            ("client_secret", POST.secret),
        ];
        let answer = self.http.post(format!("{}/token", self.issuer)).form(&form).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        answer["error"].as_str().map(str::to_owned)
    }

    /// Kills the provider (SIGKILL): its port refuses connections from here on.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    async fn test_endpoint(&self, name: &str) -> Value {
        self.http.get(format!("{}/test/{name}", self.issuer)).send().await.unwrap().json().await.unwrap()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("real_parts")
}

fn log_file() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("provider-{}-{number}.log", std::process::id()))
}

pub(crate) const CLIENTS: [Client; 3] = [BASIC, POST, PUBLIC];
/// Every character of the secret that the header would carry wrongly, were it not encoded first.
pub(crate) const BASIC: Client =
    Client { id: "shop", secret: "p:1%2B+/=&?%", method: "client_secret_basic", algorithm: "RS256" };
pub(crate) const POST: Client =
    Client { id: "shop-post", secret: "post:secret%25+&=", method: "client_secret_post", algorithm: "RS256" };
pub(crate) const PUBLIC: Client =
    Client { id: "shop-public", secret: "", method: "none", algorithm: "RS256" };
pub(crate) const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(300);
const START_LIMIT: Duration = Duration::from_secs(15);
const STARTS: usize = 4;
