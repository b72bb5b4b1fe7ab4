//! Servers for a load generator: the bare handler and each of its rivals on a port of its own.
//!
//! Prints one line of JSON, the token to send and the addresses, and serves until its standard
//! input ends, so that it never outlives who started it. Its argument is how many threads each
//! server works with.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

#[allow(dead_code)]
mod rows;

use std::io::Read as _;

use auth_layer::testing::SigningAlgorithm;
use axum::Router;
use rows::issuer::Issuer;
use rows::{json_web_token, ours, table};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

fn main() {
    let workers = std::env::args().nth(1).map_or(1, |workers| workers.parse().expect("a number of threads"));
    let mut servers = vec![Server::start("bare axum handler", workers, |_| async { Some(table::bare()) })];
    let provider = runtime(1);
    let issuer = provider.block_on(Issuer::start(SigningAlgorithm::Rs256, 1));
}
