//! Servers for a load generator: the bare handler and each of its rivals on a port of its own.
//!
//! Its arguments are how many threads each server works with and how many tokens to sign.
//! It prints one line of JSON, the addresses and the tokens, and serves until its standard input
//! ends: it does not outlive who started it.
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
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<usize>().expect("a number"));
    let (workers, tokens) = (numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
    let provider = runtime(1);
    let issuer = provider.block_on(Issuer::start(SigningAlgorithm::Rs256, tokens));
    // The first is what the others are compared with.
    let mut routers = vec![("bare axum handler", table::bare())];
    routers.extend(provider.block_on(ours::router(&issuer)).map(|app| ("our layer", app)));
    routers.push(("jsonwebtoken extractor", json_web_token::router(&issuer)));
    let servers: Vec<_> = routers.into_iter().map(|(name, app)| Server::start(name, app, workers)).collect();
    let described = json!({
        "servers": servers.iter().map(|server| json!({ "name": server.name, "url": server.url })).collect::<Vec<_>>(),
        "authorizations": issuer.tokens.iter().map(|token| token.authorization.to_str().unwrap()).collect::<Vec<_>>(),
    });
    println!("{described}");
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

struct Server {
    name: &'static str,
    url: String,
    _runtime: Runtime,
}

impl Server {
    fn start(name: &'static str, app: Router, workers: usize) -> Self {
        let runtime = runtime(workers);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let url = format!("http://{}/open", listener.local_addr().unwrap());
        runtime.spawn(async { axum::serve(listener, app).await });
        Self { name, url, _runtime: runtime }
    }
}

fn runtime(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}
