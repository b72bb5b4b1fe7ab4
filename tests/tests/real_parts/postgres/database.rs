//! A database with our tables, and a store in it.

use auth_layer::session::PostgresStore;
use tests::servers::PostgresServer;

/// A server with our tables.
pub(super) async fn server() -> PostgresServer {
    let server = PostgresServer::start().await;
    PostgresStore::builder(&server.url()).unwrap().migrate().await.unwrap();
    server
}

/// A store with connections of its own.
pub(super) async fn store(server: &PostgresServer) -> PostgresStore {
    PostgresStore::builder(&server.url()).unwrap().connect().await.unwrap()
}
