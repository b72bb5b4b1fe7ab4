//! Sessions in a real PostgreSQL: who is first, what a start refuses, what an outage does, what it costs.

mod contract;
mod costs;
mod outages;
mod start;
mod sweep;

use auth_layer::session::PostgresStore;
use tests::servers::PostgresServer;

/// A server with our tables.
async fn server() -> PostgresServer {
    let server = PostgresServer::start().await;
    PostgresStore::builder(&server.url()).unwrap().migrate().await.unwrap();
    server
}

/// A store with connections of its own.
async fn store(server: &PostgresServer) -> PostgresStore {
    PostgresStore::builder(&server.url()).unwrap().connect().await.unwrap()
}
