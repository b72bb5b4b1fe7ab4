//! A provider that is away: UNAVAILABLE, and when to try again.

use auth_layer::Auth;
use auth_layer::testing::{Endpoint, Fault};
use tokio::net::TcpListener;
use tonic::Code;
use tonic::transport::Server as TonicServer;
use tonic::transport::server::TcpIncoming;

use super::server::{ada, channel, config, provider, said, url_of, with_token};
use super::shop::{Product, Shop, ShopClient, ShopServer};

#[tokio::test]
async fn a_provider_whose_keys_cannot_be_had_is_unavailable_with_a_pushback() {
    let op = provider().await;
    op.fault(Endpoint::Jwks, Fault::Status(503));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url_of(&listener);
    let auth = Auth::resource_server(config(&op, &url).build().unwrap()).await.unwrap();
    let shop = Shop::default();
    let server = TonicServer::builder().layer(auth.layer()).add_service(ShopServer::new(shop.clone()));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let token = op.issue_access_token(ada("read:products"));
    let call = with_token(Product::named("tea"), &token);
    let status = ShopClient::new(channel(&url)).list(call).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert_eq!(status.message(), "the OpenID provider gives no answer: try again later");
    let seconds: u32 = said(&status, "retry-after").parse().unwrap();
    let millis: i32 = said(&status, "grpc-retry-pushback-ms").parse().unwrap();
    assert!(millis > 0 && millis.unsigned_abs().div_ceil(1_000) == seconds, "{millis} ms, {seconds} s");
    assert_eq!(said(&status, "www-authenticate"), "");
    assert_eq!(shop.ran(), 0);
}
