//! A wire to a server that a test can cut and slow down.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Hands bytes on between its own port and a server's, until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    faults: Arc<watch::Sender<Fault>>,
    task: AbortHandle,
}

/// What becomes of the server's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// The next one is swallowed, and its connection with it.
    Cut,
    /// Each comes later by so much.
    Slow(Duration),
}

impl Proxy {
    /// Starts a proxy of a port of loopback.
    pub async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let faults = Arc::new(watch::Sender::new(Fault::None));
        let task = tokio::spawn(accept(listener, server, Arc::clone(&faults))).abort_handle();
        Self { port, faults, task }
    }

    /// Returns its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Swallows the next answer: the server has done what it was asked, and nobody is told.
    pub fn cut_next_answer(&self) {
        self.faults.send_replace(Fault::Cut);
    }

    /// Returns whether an answer was swallowed since [`Self::cut_next_answer`].
    pub fn has_cut(&self) -> bool {
        *self.faults.borrow() != Fault::Cut
    }

    /// Makes each answer late by so much.
    pub fn slow_down(&self, by: Duration) {
        self.faults.send_replace(Fault::Slow(by));
    }

    /// Hands everything on at once, from now on.
    pub fn mend(&self) {
        self.faults.send_replace(Fault::None);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, server: u16, faults: Arc<watch::Sender<Fault>>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { continue };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let none = Arc::new(watch::Sender::new(Fault::None));
        tokio::spawn(pass(from_client, to_server, none));
        tokio::spawn(pass(from_server, to_client, Arc::clone(&faults)));
    }
}

/// Ends with either side, and ends the other then.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, faults: Arc<watch::Sender<Fault>>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        let fault = *faults.borrow();
        match fault {
            Fault::None => {}
            Fault::Cut => {
                faults.send_replace(Fault::None);
                return;
            }
            Fault::Slow(by) => tokio::time::sleep(by).await,
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
