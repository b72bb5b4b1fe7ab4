//! The clients that the authorize layer goes around: reqwest and tonic, beside hyper in all other tests.

use std::sync::{Arc, Mutex};

use auth_layer::Session;
use auth_layer::outbound::HttpClient;
use auth_layer::outbound::authorize::{AuthorizeErrorKind, OnBehalfOf as _};
use axum::Router;
use axum::routing::get;
use http::{Request, Response, StatusCode};
use tests::Site;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::{Layer as _, ServiceExt as _};

use super::api::{Api, ada_at, token_of};

type Reqwest = HttpClient<reqwest::Client, reqwest::Request, reqwest::Body>;

pub(super) fn reqwest_client() -> Reqwest {
    HttpClient::new(reqwest::Client::new())
}

#[tokio::test]
async fn reqwest_is_a_client_too() {
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(reqwest_client());
    let call = async move |session: Session| {
        let request = Request::post("/thing?a=b").on_behalf_of(&session);
        let response: Response<reqwest::Body> =
            client.oneshot(request.body(reqwest::Body::default()).unwrap()).await.unwrap();
        response.status()
    };
    let app = Router::new().route("/call", get(call)).layer(site.auth.layer());
    let ada = ada_at(&site, app).await;
    api.refuse(&token_of(&site, &ada).await);
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    assert_eq!((api.seen().len(), site.refreshes(), api.last().path.as_str()), (2, 1, "/thing?a=b"));
    assert_eq!(api.last().token(), token_of(&site, &ada).await);
}

#[tokio::test]
async fn a_client_that_reaches_nobody_fails_with_its_own_error() {
    let site = Site::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = site.auth.authorize(&nobody).unwrap().layer(reqwest_client());
    let call = async move |session: Session| {
        let request = Request::get("/thing").on_behalf_of(&session).body(reqwest::Body::default()).unwrap();
        let error = client.oneshot(request).await.unwrap_err();
        assert_eq!(error.kind(), AuthorizeErrorKind::Service);
        match error {
            auth_layer::outbound::authorize::AuthorizeError::Service(error) => error.is_connect().to_string(),
            _ => String::new(),
        }
    };
    let app = Router::new().route("/call", get(call)).layer(site.auth.layer());
    assert_eq!(ada_at(&site, app).await.get("/call").await.body, "true");
}

/// Tonic's server, which notes the token of each call.
async fn health() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let noted = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&noted);
    let noting = tower::util::MapRequestLayer::new(move |request: Request<tonic::body::Body>| {
        let token = request.headers().get("authorization").map_or("", |value| value.to_str().unwrap());
        notes.lock().unwrap().push(token.to_owned());
        request
    });
    let (_, service) = tonic_health::server::health_reporter();
    let server = Server::builder().layer(noting).add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    (url, noted)
}

#[tokio::test]
async fn a_channel_of_tonics_is_a_client_too() {
    let site = Site::open().await;
    let (url, noted) = health().await;
    let channel: Channel = Endpoint::from_shared(url.clone()).unwrap().connect_lazy();
    let client = HealthClient::new(site.auth.authorize(&url).unwrap().layer(channel));
    let call = async move |session: Session| {
        let request = || tonic::Request::new(HealthCheckRequest::default());
        let unnamed = client.clone().check(request()).await.unwrap_err();
        assert!(unnamed.message().contains("there is no token for this request"), "{unnamed:?}");
        let answer = client.clone().check(request().on_behalf_of(&session)).await.unwrap();
        format!("{:?}", answer.into_inner().status())
    };
    let app = Router::new().route("/call", get(call)).layer(site.auth.layer());
    let ada = ada_at(&site, app).await;
    assert_eq!(ada.get("/call").await.body, "Serving");
    let token = token_of(&site, &ada).await;
    assert_eq!(*noted.lock().unwrap(), [format!("Bearer {token}")]);
}
