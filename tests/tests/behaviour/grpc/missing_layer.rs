//! A server whose layer was forgotten: INTERNAL, never open, and a line in the log that says which function.

use auth_layer::testing::bearer;
use tests::Listener;
use tokio::net::TcpListener;
use tonic::Code;
use tonic::transport::Server as TonicServer;
use tonic::transport::server::TcpIncoming;

use super::server::{channel, url_of, with_token};
use super::shop::{Product, Shop, ShopClient, ShopServer};

#[tokio::test]
async fn a_service_without_the_layer_is_internal_and_the_log_says_which_function() {
    Listener::start();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url_of(&listener);
    let shop = Shop::default();
    let server = TonicServer::builder().add_service(ShopServer::new(shop.clone()));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let call = with_token(Product::named("tea"), bearer("x.y.z").to_str().unwrap());
    let status = ShopClient::new(channel(&url)).list(call).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "this service is not set up: see its log")
    );
    assert_eq!(shop.ran(), 0);
    let heard = Listener::stop();
    let line = heard.lines().find(|line| line.contains("grpc::shop::list")).unwrap_or_default();
    assert!(line.contains("put `auth.layer()` around its server"), "{heard}");
}
