//! Processes that end when this program lets go of them.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::Failure;

/// A `redis-server` in a folder of its own, which is killed at the end.
pub(crate) struct Redis {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Redis {
    pub(crate) async fn start() -> Result<Self, Failure> {
        for _ in 0..STARTS {
            let folder = TempDir::new()?;
            let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            let child = Command::new("redis-server")
                .args([
                    "--port",
                    &port.to_string(),
                    "--bind",
                    "127.0.0.1",
                    "--save",
                    "",
                    "--appendonly",
                    "yes",
                ])
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .spawn()
                .map_err(|error| {
                    format!("redis-server does not start ({error}): install it, or set FLEET_STORE")
                })?;
            let mut redis = Self { child, port, _folder: folder };
            if redis.is_ready().await? {
                return Ok(redis);
            }
            // Another process was faster to take the port.
        }
        Err(format!("redis-server did not start in {STARTS} attempts: set FLEET_STORE to one that runs")
            .into())
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn is_ready(&mut self) -> Result<bool, Failure> {
        while self.child.try_wait()?.is_none() {
            if TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {
                return Ok(true);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(false)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const STARTS: usize = 10;
