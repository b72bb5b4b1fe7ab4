//! What a Redis is sent, as it tells it itself (`MONITOR`).

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::RedisServer;

/// Hears each command that clients send; those within scripts are not among them.
#[derive(Debug)]
pub struct Monitor {
    child: Child,
    lines: BufReader<ChildStdout>,
    marks: usize,
}

impl Monitor {
    pub(super) fn start(port: u16) -> Self {
        let mut child = Command::new("redis-cli")
            .args(["-p", &port.to_string(), "MONITOR"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        assert_eq!(first.trim(), "OK", "redis-cli MONITOR");
        Self { child, lines, marks: 0 }
    }

    /// Returns the names of the commands that were sent since the last time.
    pub fn heard(&mut self, server: &RedisServer) -> Vec<String> {
        self.marks += 1;
        let mark = format!("mark-{}-end", self.marks);
        server.cli(&["ECHO", &mark]);
        let mut commands = Vec::new();
        loop {
            let mut line = Vec::new();
            assert!(self.lines.read_until(b'\n', &mut line).unwrap() > 0, "the monitor ended");
            let line = String::from_utf8_lossy(&line).into_owned();
            if line.contains(&mark) {
                return commands;
            }
            // `1796000000.1 [0 127.0.0.1:1234] "EVALSHA" ..`, and `[0 lua]` within a script.
            let Some((from, command)) = line.split_once("] \"") else { continue };
            if !from.ends_with("lua") {
                commands.push(command.split('"').next().unwrap_or_default().to_ascii_uppercase());
            }
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
