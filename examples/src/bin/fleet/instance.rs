//! An instance: a process of its own, with its own `Auth` on its own port.
//!
//! It is this program again, with an argument. What it is set up with is in the environment, as it would
//! be in a container; it ends when whoever started it ends.

use std::process::Stdio;
use std::time::Duration;

use auth_layer::{AccessToken, AuthConfig};
use axum::routing::get;
use axum::{Json, Router};
use clap::ValueEnum as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::Failure;
use crate::settings::Sessions;
use crate::store;

/// An instance, as the program that started it sees it.
pub(crate) struct Instance {
    child: Child,
    pub(crate) address: String,
}

impl Instance {
    /// Starts an instance with these variables, and waits until it listens.
    pub(crate) async fn start(variables: &[(&str, String)]) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(ARGUMENT)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().ok_or("an instance without an output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address).await?;
        match address.trim() {
            "" => Err("an instance did not start: see what it said".into()),
            address => Ok(Self { address: address.to_owned(), child }),
        }
    }

    /// Lets it finish what it has begun.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        drop(self.child.stdin.take());
        let status = tokio::time::timeout(FAREWELL, self.child.wait()).await??;
        if status.success() { Ok(()) } else { Err(format!("an instance ended with {status}").into()) }
    }
}

/// What an instance does: it serves until its standard input ends.
pub(crate) async fn serve() -> Result<(), Failure> {
    let url = std::env::var(store::VARIABLE)?;
    let sessions = Sessions::from_str(&std::env::var(SESSIONS)?, false)?;
    let config = AuthConfig::builder_from_env()?
        // Refreshed when they have expired, and not a moment before, so that expiries can be counted.
        .with_refresh_buffer(Duration::ZERO)
        // What is left in a store of yours is gone within the hour.
        .with_session_inactivity(Duration::from_secs(1_800))
        .with_session_lifetime(Duration::from_secs(3_600))
        .build()?;
    let auth = store::discover(&url, sessions, config).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let app = Router::new().route("/", get(page)).layer(auth.layer());
    let farewell = async {
        let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
    };
    axum::serve(listener, app).with_graceful_shutdown(farewell).await?;
    // What a refresh brought is saved, also for a client that went away.
    auth.drain().await;
    Ok(())
}

/// When the access token ends, which is all that the load wants to know.
async fn page(token: AccessToken) -> Json<Value> {
    Json(json!({ "expires_at": token.expires_at().unix_millis() }))
}

/// What makes this program an instance.
pub(crate) const ARGUMENT: &str = "instance";
/// Where the sessions are, as on the command line.
pub(crate) const SESSIONS: &str = "FLEET_SESSIONS";
const FAREWELL: Duration = Duration::from_secs(15);
