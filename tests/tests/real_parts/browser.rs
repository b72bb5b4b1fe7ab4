//! The shop of the demo in a real browser: what a person sees, and what no script may see.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::node::script;

#[tokio::test]
async fn a_person_sees_one_refresh_for_twenty_requests_and_no_script_sees_a_token() {
    let shop = Shop::start().await;
    let seen = visit(&shop.address).await;

    let login = &seen["after_login"];
    assert!(login["user"].as_str().unwrap().to_lowercase().contains("ada"), "{login}");
    assert!(login["products"].as_u64().unwrap() > 0, "{login}");
    assert!(login["scopes"].as_str().unwrap().contains("read:products"), "{login}");
    assert_eq!(login["codes"], 1, "one code was exchanged: {login}");

    let count = |moment: &str| seen[moment]["refreshes"].as_u64().unwrap();
    assert_eq!(count("after_burst"), count("after_login") + 1, "20 requests, one refresh: {seen:#}");
    assert_eq!(count("after_reload"), count("after_burst"), "{seen:#}");
    assert_eq!(count("after_refresh"), count("after_reload") + 1, "one press, one refresh: {seen:#}");
    assert!(seen["burst_result"].as_str().unwrap().contains("20 of 20"), "{}", seen["burst_result"]);
    // What users did costs nothing; each token of the worker's does, and one is enough for two runs.
    for moment in ["after_login", "after_burst", "after_work", "after_refresh"] {
        let machine = seen[moment]["machine"].to_string();
        assert_eq!(last_word(&seen[moment]["quota"]), machine, "M2M quota {moment}: {seen:#}");
    }
    let worked = &seen["after_work"];
    assert!(worked["runs"].as_u64().unwrap() > seen["after_burst"]["runs"].as_u64().unwrap(), "{seen:#}");
    let machine = |moment: &str| seen[moment]["machine"].as_u64().unwrap();
    assert!(
        (1..=2).contains(&machine("after_work")),
        "one token, and one after the clock was moved: {seen:#}"
    );
    assert!(machine("after_work") <= machine("after_burst") + 1, "{seen:#}");

    assert_eq!(seen["after_logout"]["products"], 0);
    assert!(seen["after_logout"]["url"].as_str().unwrap().starts_with(&shop.address), "{seen:#}");
    assert!(sessions(&seen["cookies_after_logout"]).is_empty(), "{}", seen["cookies_after_logout"]);

    // The page, its script and style, the login page, and at least 30 calls.
    assert!(seen["bodies_read"].as_u64().unwrap() > 30, "{}", seen["bodies_read"]);
    assert_eq!(seen["script_sees_cookies"], "");
    let cookies = sessions(&seen["cookies"]);
    assert!(!cookies.is_empty(), "there is a session cookie: {}", seen["cookies"]);
    for cookie in cookies {
        assert_eq!((&cookie["httpOnly"], &cookie["sameSite"]), (&true.into(), &"Lax".into()), "{cookie}");
    }
    for nothing in ["bodies_with_tokens", "console_errors", "dialogs"] {
        assert_eq!(seen[nothing], Value::Array(Vec::new()), "{nothing}");
    }
    assert!(screenshot().is_file());
}

/// Runs the script of the visit; returns what was seen.
async fn visit(address: &str) -> Value {
    assert!(
        Path::new(CHROMIUM).exists(),
        "{CHROMIUM} is missing: run `cargo xtask test`, or \
         `apt-get update && apt-get install -y --no-install-recommends chromium`",
    );
    std::fs::create_dir_all(screenshot().parent().unwrap()).unwrap();
    let visit = script("browser.mjs").arg(address).arg(CHROMIUM).arg(screenshot()).output();
    let output = tokio::time::timeout(VISIT_LIMIT, visit).await.expect("the visit ends in time").unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the visit failed: {words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn sessions(cookies: &Value) -> Vec<&Value> {
    let is_session =
        |cookie: &&Value| cookie["name"].as_str().is_some_and(|name| name.starts_with("shop_session"));
    cookies.as_array().unwrap().iter().filter(is_session).collect()
}

fn last_word(words: &Value) -> &str {
    words.as_str().unwrap().split_whitespace().last().unwrap_or_default()
}

/// The shop, with the embedded provider.
#[derive(Debug)]
struct Shop {
    address: String,
    _child: Child,
}

impl Shop {
    /// Builds and starts the shop on a free port.
    async fn start() -> Self {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(["run", "--quiet", "--package", "examples", "--bin", "shop"])
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .env("APP_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // A developer's own provider is not what is tested here.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AUTH")) {
            command.env_remove(name);
        }
        let mut child = command.spawn().unwrap();
        let log = tokio::spawn(read_all(child.stderr.take().unwrap()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, address)) = line.split_once(LISTENING) {
                    return Some(address.trim().trim_end_matches('/').to_owned());
                }
            }
            None
        };
        let address = tokio::time::timeout(BUILD_LIMIT, listening).await.expect("the shop starts in time");
        let Some(address) = address else { panic!("the shop did not start: {}", log.await.unwrap()) };
        // Its later lines are read to the end, so that it never waits for a reader.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { address, _child: child }
    }
}

async fn read_all(mut stream: impl AsyncRead + Unpin) -> String {
    let mut text = Vec::new();
    stream.read_to_end(&mut text).await.unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

/// In the target folder, as an artefact of the run; the README shows a copy of it.
fn screenshot() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots").join("shop.png")
}

const CHROMIUM: &str = "/usr/bin/chromium";
const LISTENING: &str = "shop listening on ";
const VISIT_LIMIT: Duration = Duration::from_secs(120);
/// It may have to be built first.
const BUILD_LIMIT: Duration = Duration::from_secs(900);
