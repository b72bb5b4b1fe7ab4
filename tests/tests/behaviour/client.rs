//! `client!`: what a method of the trait sends to an API that judges it, and what never leaves.

use auth_layer::outbound::{Call, PathError};
use auth_layer::testing::bearer;
use auth_layer::{AccessToken, require_auth};
use axum::extract::{OriginalUri, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};
use tests::{Api, Reply, SHOP, send_with_body};
use tokio::net::TcpListener;

auth_layer::client! {
    trait Products from "ui/definitions/shop.yaml" { change_product = "PUT /products/{product-id}" }
}

/// What a program writes: where the API is, and how it is called.
#[derive(Clone)]
struct Http {
    client: reqwest::Client,
    base: String,
}

enum HttpError {
    Path(PathError),
    Away(reqwest::Error),
}

impl Products for Http {
    type Body = Value;
    type Reply = (StatusCode, Value);
    type Error = HttpError;

    async fn send(&self, call: Call<Value>) -> Result<(StatusCode, Value), HttpError> {
        let mut request = self.client.request(call.method().clone(), format!("{}{}", self.base, call.path()));
        if let Some(authorization) = call.authorization() {
            assert!(authorization.is_sensitive());
            request = request.header(AUTHORIZATION, authorization);
        }
        if let Some(body) = call.into_body() {
            request = request.json(&body);
        }
        let reply = request.send().await.map_err(HttpError::Away)?;
        Ok((reply.status(), reply.json().await.unwrap_or_default()))
    }
}

impl From<PathError> for HttpError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        match self {
            Self::Path(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
            Self::Away(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }
}

type Answer = Result<(StatusCode, Json<Value>), HttpError>;

#[require_auth(scopes = ["read:products"])]
async fn list(
    token: AccessToken,
    State(http): State<Http>,
    Query(query): Query<Vec<(String, String)>>,
) -> Answer {
    let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (&**name, &**value)).collect();
    let (status, reply) = http.list_products(&token, &query).await?;
    Ok((status, Json(reply)))
}

#[require_auth(scopes = ["read:products"])]
async fn product(token: AccessToken, State(http): State<Http>, id: String) -> Answer {
    let (status, reply) = http.get_product(&token, id).await?;
    Ok((status, Json(reply)))
}

#[require_auth(scopes = ["write:products"])]
async fn add(token: AccessToken, State(http): State<Http>, body: Json<Value>) -> Answer {
    let (status, reply) = http.add_product(&token, body.0).await?;
    Ok((status, Json(reply)))
}

#[require_auth(scopes = ["read:products", "write:products"])]
async fn change(token: AccessToken, State(http): State<Http>) -> Answer {
    let (status, reply) = http.change_product(&token, 17, None).await?;
    Ok((status, Json(reply)))
}

async fn health(State(http): State<Http>) -> Answer {
    let (status, reply) = http.r#type().await?;
    Ok((status, Json(reply)))
}

/// The API tells what it got.
async fn told(method: Method, uri: OriginalUri, headers: HeaderMap, body: String) -> Json<Value> {
    let token = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    Json(json!({ "request": format!("{method} {}", uri.0), "token": token, "body": body }))
}

#[require_auth(scopes = ["read:products"])]
async fn told_a_reader(method: Method, uri: OriginalUri, headers: HeaderMap, body: String) -> Json<Value> {
    told(method, uri, headers, body).await
}

/// A shop in front of an API, each with a layer of its own over one provider.
async fn shop() -> Api {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let http = Http { client: reqwest::Client::builder().no_proxy().build().unwrap(), base };
    let front = Router::new()
        .route("/front", get(list).post(add).put(change))
        .route("/front/product", post(product))
        .route("/front/health", get(health))
        .with_state(http);
    let shop = Api::builder().quick().routes(front).open().await;
    let api = Router::new()
        .route("/products", get(told_a_reader).post(told))
        .route("/products/{id}", get(told_a_reader).put(told))
        .route("/products/{id}/{more}", get(async || Json(json!("another operation"))))
        .route("/health", get(told))
        .fallback(async || (StatusCode::NOT_FOUND, Json(json!("nowhere"))))
        .layer(shop.auth.layer());
    tokio::spawn(async move { axum::serve(listener, api).await });
    shop
}

async fn call(shop: &Api, method: Method, path: &str, body: &str) -> (Reply, HeaderValue) {
    let token = Api::ada().with_audience(SHOP).with_scopes("read:products write:products");
    let authorization = bearer(&shop.token(token));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(AUTHORIZATION, &authorization)
        .header(CONTENT_TYPE, "application/json");
    (send_with_body(shop.app(), request, body.to_owned()).await, authorization)
}

#[tokio::test]
async fn the_api_gets_method_path_token_and_body() {
    let shop = shop().await;
    let cases = [
        (Method::GET, "/front?limit=3&q=a%26b", "", "GET /products?limit=3&q=a%26b", ""),
        (Method::POST, "/front", "{\"name\":\"tea\"}", "POST /products", "{\"name\":\"tea\"}"),
        (Method::PUT, "/front", "", "PUT /products/17", ""),
    ];
    for (method, path, body, request, sent) in cases {
        let (reply, token) = call(&shop, method, path, body).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
        assert_eq!(
            reply.json(),
            json!({ "request": request, "token": token.to_str().unwrap(), "body": sent }),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_open_operation_sends_no_token() {
    let (reply, _) = call(&shop().await, Method::GET, "/front/health", "").await;
    assert_eq!(reply.json(), json!({ "request": "GET /health", "token": null, "body": "" }));
}

#[tokio::test]
async fn a_value_never_chooses_another_operation() {
    let shop = shop().await;
    for (id, path) in [
        ("17", "/products/17"),
        ("a/b", "/products/a%2Fb"),
        ("17?admin=true#x", "/products/17%3Fadmin%3Dtrue%23x"),
        ("%2e%2e", "/products/%252e%252e"),
        ("a b", "/products/a%20b"),
    ] {
        let (reply, _) = call(&shop, Method::POST, "/front/product", id).await;
        assert_eq!(reply.json()["request"], format!("GET {path}"), "{id}");
    }
    for id in ["", ".", "..", "../health", "x/../../health", "..\\health"] {
        let (reply, _) = call(&shop, Method::POST, "/front/product", id).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{id}: {}", reply.body);
        assert!(reply.body.contains("/products/{product-id}"), "{}", reply.body);
    }
}
