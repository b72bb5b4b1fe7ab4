//! The shop's worker: it counts the stock as the shop itself, with nobody logged in.
//!
//! Its token is a machine's, got with the shop's own credentials, kept, and renewed before it ends: however often
//! it runs, one token a lifetime. Each of them counts against the M2M quota, and none of a user's does.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use auth_layer::machine::{MachineTokenError, MachineTokens};
use auth_layer::{ClientCredentials, require_auth};
use serde::Serialize;
use tokio::sync::watch;

use crate::backend::{Backend, BackendError};

/// What the worker may do at the products API.
#[require_auth(scopes = ["read:products"])]
pub(crate) struct CountsStock;

/// A worker; its copies share what it has done.
#[derive(Clone)]
pub(crate) struct Worker {
    tokens: MachineTokens<CountsStock>,
    backend: Backend,
    done: Arc<Mutex<Done>>,
}

/// What the worker has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Done {
    pub(crate) runs: u64,
    /// How many products it counted last.
    pub(crate) products: Option<usize>,
    /// When its token ends, in seconds since the epoch.
    pub(crate) expires_at: Option<u64>,
    pub(crate) scopes: Vec<String>,
    /// Why it could not, the last time.
    pub(crate) failure: Option<String>,
}

impl Worker {
    pub(crate) fn new(machine: &ClientCredentials, backend: Backend) -> Self {
        Self { tokens: machine.tokens(), backend, done: Arc::default() }
    }

    /// Counts the stock once.
    pub(crate) async fn run(&self) -> Done {
        let counted = self.count().await;
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.runs += 1;
        match counted {
            Ok(Counted { products, expires_at, scopes }) => {
                let (products, expires_at) = (Some(products), Some(expires_at));
                *done = Done { runs: done.runs, products, expires_at, scopes, failure: None };
            }
            Err(why) => done.failure = Some(why.to_string()),
        }
        done.clone()
    }

    async fn count(&self) -> Result<Counted, WorkerError> {
        let token = self.tokens.token().await.map_err(WorkerError::Token)?;
        let products = self.backend.list(&token).await.map_err(WorkerError::Backend)?.len();
        let scopes = token.scopes().iter().map(str::to_owned).collect();
        Ok(Counted { products, expires_at: token.expires_at().unix_seconds(), scopes })
    }

    /// Runs again and again until the shop stops.
    pub(crate) async fn run_every(
        self,
        pause: Duration,
        mut stopped: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        loop {
            self.run().await;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                // The sender is gone: stop as well.
                _ = stopped.wait_for(|stopped| *stopped) => return Ok(()),
            }
        }
    }

    pub(crate) fn done(&self) -> Done {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Counted {
    products: usize,
    expires_at: u64,
    scopes: Vec<String>,
}

/// Why the stock could not be counted.
enum WorkerError {
    Token(MachineTokenError),
    Backend(BackendError),
}

impl std::fmt::Display for WorkerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Token(error) => error.fmt(f),
            Self::Backend(error) => error.fmt(f),
        }
    }
}
