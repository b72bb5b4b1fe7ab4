//! The guarded router over a socket, in each way that axum's can be served.

use std::net::SocketAddr;

use auth_layer::axum::Router;
use auth_layer::axum::routing::get;
use auth_layer::{AccessToken, public, require_auth};
use axum::extract::ConnectInfo;
use tests::Api;
use tokio::net::TcpListener;

#[public]
async fn home() -> &'static str {
    "open"
}

#[require_auth]
async fn whoami(token: AccessToken) -> String {
    token.subject().map(ToString::to_string).unwrap_or_default()
}

#[public]
async fn caller(ConnectInfo(address): ConnectInfo<SocketAddr>) -> String {
    address.ip().to_string()
}

fn app(api: &Api) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/whoami", get(whoami))
        .route("/caller", get(caller))
        .layer(api.auth.layer())
}

async fn body(address: SocketAddr, path: &str, token: &str) -> (u16, String) {
    let request = reqwest::Client::new().get(format!("http://{address}{path}")).bearer_auth(token);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn each_way_of_serving_axums_router_serves_this_one() {
    let api = Api::quick().await;
    let token = api.fresh();
    for way in 0..3 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = app(&api);
        let server = match way {
            0 => tokio::spawn(axum::serve(listener, app).into_future()),
            1 => tokio::spawn(axum::serve(listener, app.into_make_service()).into_future()),
            _ => {
                let app = app.into_make_service_with_connect_info::<SocketAddr>();
                tokio::spawn(axum::serve(listener, app).into_future())
            }
        };
        assert_eq!(body(address, "/", &token).await, (200, "open".to_owned()));
        assert_eq!(body(address, "/whoami", &token).await, (200, "local|ada".to_owned()));
        assert_eq!(body(address, "/whoami", "unknown").await.0, 401);
        let (status, caller) = body(address, "/caller", &token).await;
        let knows = way == 2;
        assert_eq!(
            (status == 200 && caller == "127.0.0.1", status == 500),
            (knows, !knows),
            "{way}: {caller}"
        );
        server.abort();
    }
}
