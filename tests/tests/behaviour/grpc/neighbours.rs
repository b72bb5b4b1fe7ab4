//! What stands beside the service: pages of axum's in the same server, and services that stay public.

use auth_layer::{AccessToken, Auth};
use axum::routing::get;
use tokio::net::TcpListener;
use tonic::service::{LayerExt as _, Routes};
use tonic::transport::Server as TonicServer;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::server::{ada, channel, config, provider, url_of, with_token};
use super::shop::{Product, Shop, ShopClient, ShopServer};

#[tokio::test]
async fn one_server_serves_grpc_and_pages_behind_one_layer() {
    let op = provider().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url_of(&listener);
    let auth = Auth::resource_server(config(&op, &url).build().unwrap()).await.unwrap();
    let app = Routes::new(ShopServer::new(Shop::default()))
        .into_axum_router()
        .route("/open", get(async || "open"))
        .route("/token", get(async |token: AccessToken| token.scopes().to_string()))
        .layer(auth.layer());
    tokio::spawn(std::future::IntoFuture::into_future(axum::serve(listener, app)));

    let token = op.issue_access_token(ada("read:products"));
    let mut client = ShopClient::new(channel(&url));
    let reply = client.list(with_token(Product::named("tea"), &token)).await.unwrap();
    assert_eq!(reply.get_ref().name, "tea for local|ada");
    let refused = client.list(Request::new(Product::named("tea"))).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);

    let http = reqwest::Client::new();
    let get = async |path: &str, token: &str| {
        let request = http.get(format!("{url}{path}"));
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(get("/open", "").await, (200, "open".to_owned()));
    assert_eq!(get("/token", &token).await, (200, "read:products".to_owned()));
    let (status, problem) = get("/token", "").await;
    assert!(status == 401 && problem.contains("\"status\":401"), "{status} {problem}");
}

#[tokio::test]
async fn health_stays_public_beside_a_guarded_service() {
    let op = provider().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url_of(&listener);
    let auth = Auth::resource_server(config(&op, &url).build().unwrap()).await.unwrap();
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<ShopServer<Shop>>().await;
    let server = TonicServer::builder()
        .layer(auth.layer())
        .add_service(health)
        .add_service(ShopServer::new(Shop::default()));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let shop = HealthCheckRequest { service: "shop.v1.Shop".to_owned() };
    let health = HealthClient::new(channel(&url)).check(shop).await.unwrap();
    assert_eq!(health.get_ref().status, 1, "serving");
    let refused = ShopClient::new(channel(&url)).list(Product::named("tea")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn the_layer_may_stand_around_one_service_of_many() {
    let op = provider().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url_of(&listener);
    let auth = Auth::resource_server(config(&op, &url).build().unwrap()).await.unwrap();
    let shop = auth.layer().named_layer(ShopServer::new(Shop::default()));
    tokio::spawn(TonicServer::builder().add_service(shop).serve_with_incoming(TcpIncoming::from(listener)));
    let mut client = ShopClient::new(channel(&url));
    let token = op.issue_access_token(ada("read:products"));
    client.list(with_token(Product::named("tea"), &token)).await.unwrap();
    let refused = client.list(Product::named("tea")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}
