//! One connection that is kept: replaced where it is lost or in doubt.
//!
//! # Rules
//! 1. All commands share the connection; whoever drops its command takes nothing from the others.
//! 2. A connection that breaks is replaced at once, without waiting for a command to fail on it.
//! 3. A connection on which an answer did not come in time is in doubt: another is made beside it.
//! 4. While a connection is made commands wait for it: a short restart costs no request. Once that has
//!    lasted for [`PATIENCE`], or a server took the call and said nothing, they fail at once.
//! 5. A command whose connection broke is sent once more. Our writes know when they were sent twice.

use std::sync::{Arc, Weak};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, PushInfo, PushKind, RedisError, RedisResult, ServerErrorKind,
    Value,
};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::session::redis_store::dial::{Dialer, LONGEST_HANDSHAKE};

/// Keeps a connection until it is dropped.
pub(super) struct Keeper {
    slot: Arc<watch::Sender<Slot>>,
    task: AbortHandle,
}

/// The connection in use.
struct Slot {
    generation: u64,
    connection: Option<MultiplexedConnection>,
    state: State,
}

impl Slot {
    fn held(&self) -> Option<(u64, MultiplexedConnection)> {
        self.connection.clone().map(|connection| (self.generation, connection))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is used, or made.
    Hoped,
    /// It did not answer in time, or is no longer a master's.
    Doubted,
    /// It is lost, and there is no hope of another soon.
    Away,
}

impl Keeper {
    /// Connects, and keeps the connection from then on.
    pub(super) async fn start(mut dialer: Dialer) -> RedisResult<Self> {
        let slot =
            Arc::new(watch::Sender::new(Slot { generation: 0, connection: None, state: State::Hoped }));
        let connection = dialer.dial(&config(&slot, 0)).await?;
        slot.send_modify(|slot| slot.connection = Some(connection));
        let task = tokio::spawn(keep(Arc::clone(&slot), dialer)).abort_handle();
        Ok(Self { slot, task })
    }

    /// Sends a command and returns its answer.
    pub(super) async fn ask(&self, command: &Cmd) -> RedisResult<Value> {
        let mut is_second = false;
        loop {
            let (generation, mut connection) = self.connection().await?;
            match connection.send_packed_command(command).await.and_then(Value::extract_error) {
                Err(error) if is_lost(&error) => {
                    lose(&self.slot, generation);
                    if is_second {
                        return Err(error);
                    }
                    is_second = true;
                }
                Err(error) => {
                    if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
                        self.doubt(generation);
                    }
                    return Err(error);
                }
                answer => return answer,
            }
        }
    }

    /// Says that an answer did not come in time.
    pub(super) fn doubt_current(&self) {
        let generation = self.slot.borrow().generation;
        self.doubt(generation);
    }

    fn doubt(&self, generation: u64) {
        self.slot.send_if_modified(|slot| {
            let is_news = slot.generation == generation && slot.state == State::Hoped;
            if is_news {
                slot.state = State::Doubted;
            }
            is_news
        });
    }

    async fn connection(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        // Almost always there is one, and nothing is waited for.
        if let Some(held) = self.slot.borrow().held() {
            return Ok(held);
        }
        let mut slots = self.slot.subscribe();
        let slot = slots.wait_for(|slot| slot.connection.is_some() || slot.state == State::Away).await;
        slot.map_err(|_| away())?.held().ok_or_else(away)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Makes another connection, each time that one is lost or in doubt.
async fn keep(slot: Arc<watch::Sender<Slot>>, mut dialer: Dialer) {
    loop {
        let mut slots = slot.subscribe();
        let wanted = slots.wait_for(|slot| slot.connection.is_none() || slot.state == State::Doubted).await;
        let Ok(generation) = wanted.map(|slot| slot.generation + 1) else { return };
        let (mut pause, mut paused) = (SHORTEST_PAUSE, Duration::ZERO);
        loop {
            match dialer.dial(&config(&slot, generation)).await {
                Ok(connection) => {
                    tracing::info!("connected to Redis again");
                    slot.send_modify(|slot| {
                        *slot = Slot { generation, connection: Some(connection), state: State::Hoped };
                    });
                    break;
                }
                Err(error) => {
                    if error.is_timeout() || paused >= PATIENCE {
                        give_up(&slot, &error);
                    }
                    tokio::time::sleep(pause).await;
                    paused += pause;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        // A server that takes connections and breaks them is not asked more often than this.
        tokio::time::sleep(LONGEST_PAUSE).await;
    }
}

fn give_up(slot: &watch::Sender<Slot>, error: &RedisError) {
    slot.send_if_modified(|slot| {
        let is_news = slot.state != State::Away;
        if is_news {
            tracing::warn!(kind = ?error.kind(), "Redis is away");
        }
        slot.connection = None;
        slot.state = State::Away;
        is_news
    });
}

fn config(slot: &Arc<watch::Sender<Slot>>, generation: u64) -> AsyncConnectionConfig {
    // Deliberately weak: the slot holds the connection, which holds this.
    let slot: Weak<_> = Arc::downgrade(slot);
    AsyncConnectionConfig::new()
        .set_connection_timeout(Some(LONGEST_HANDSHAKE))
        // A store's whole answer has its time, not each command.
        .set_response_timeout(None)
        .set_pipeline_buffer_size(PIPELINE)
        .set_push_sender(move |push: PushInfo| -> Result<(), redis::aio::SendError> {
            if push.kind == PushKind::Disconnection
                && let Some(slot) = slot.upgrade()
            {
                lose(&slot, generation);
            }
            Ok(())
        })
}

fn lose(slot: &watch::Sender<Slot>, generation: u64) {
    slot.send_if_modified(|slot| slot.generation == generation && slot.connection.take().is_some());
}

fn is_lost(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.is_io_error()
}

fn away() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::NotConnected).into()
}

const SHORTEST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);
/// How long commands hope for a connection, each within its own time.
const PATIENCE: Duration = Duration::from_millis(500);
/// Commands that wait to be written: more than requests that one instance serves at once.
const PIPELINE: usize = 1_024;
