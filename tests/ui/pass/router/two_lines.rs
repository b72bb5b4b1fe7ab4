//! A program of axum's: its two lines `use axum::{Router, routing}` are changed, its handlers have attributes,
//! and all else is as it was.

use std::convert::Infallible;
use std::time::Duration;

use auth_layer::axum::Router;
use auth_layer::axum::routing::{MethodFilter, MethodRouter, any, any_service, delete, get, on, post, put};
use auth_layer::axum::{danger_guarded_elsewhere, public_service};
use auth_layer::{AccessToken, Session, User, public, require_auth};
use axum::error_handling::HandleErrorLayer;
use axum::extract::{FromRef, Path, Query, Request, State};
use axum::handler::Handler as _;
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use tower::{BoxError, Service, ServiceExt as _, service_fn};

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
        }
    }
}

trait Store: Clone + Send + Sync + 'static {
    fn name(&self) -> String;
}

#[derive(Clone)]
struct Memory;

impl Store for Memory {
    fn name(&self) -> String {
        "memory".into()
    }
}

#[derive(Clone)]
struct Shop<D> {
    store: D,
    pages: u64,
}

impl FromRef<Shop<Memory>> for u64 {
    fn from_ref(shop: &Shop<Memory>) -> Self {
        shop.pages
    }
}

#[public]
async fn home(user: Option<User>) -> impl IntoResponse {
    user.map_or("nobody".into(), |user| user.subject().to_string())
}

#[require_auth(scopes = ["read:products"])]
async fn list<D: Store>(State(shop): State<Shop<D>>, Path(_id): Path<u64>, token: AccessToken) -> Json<String> {
    Json(format!("{} {}", shop.store.name(), token.scopes()))
}

#[require_auth]
async fn add(
    _token: AccessToken,
    State(_pages): State<u64>,
    Path(_id): Path<u64>,
    Query(_query): Query<()>,
    Extension(_extension): Extension<u8>,
    Json(_new): Json<Vec<String>>,
) -> Result<impl IntoResponse, StatusCode> {
    Err::<(), _>(StatusCode::CONFLICT)
}

#[require_auth]
async fn whole(_token: AccessToken, request: Request) -> Response {
    request.uri().to_string().into_response()
}

async fn account(session: Session) -> String {
    session.user().subject().to_string()
}

async fn profile(user: User, _session: Option<Session>) -> String {
    user.subject().to_string()
}

#[public]
async fn missing() -> StatusCode {
    StatusCode::NOT_FOUND
}

async fn timed(request: Request, next: Next) -> Response {
    next.run(request).await
}

async fn fails(_: Request) -> Result<&'static str, BoxError> {
    Err("away".into())
}

async fn file(_: Request) -> Result<&'static str, Infallible> {
    Ok("file")
}

/// Routes of one module, generic over the state.
fn account_routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/", get(account)).route("/profile", on(MethodFilter::GET.or(MethodFilter::PUT), profile))
}

fn of_methods() -> MethodRouter<Shop<Memory>> {
    MethodRouter::new().get(home).patch(whole).trace(home).connect(home).options(home).head(home)
}

fn app() -> Router {
    let from_variable = account_routes();
    let mut app = Router::default()
        .route("/", get(home).layer(map_response(async |response: Response| response)))
        .route("/products/{id}", get(list::<Memory>).merge(delete(list::<Memory>)))
        .route("/products/{id}", post(add).put(add).route_layer(from_fn(timed)))
        .route("/layered", put(home.layer(from_fn(timed))))
        .route("/whole", any(whole).get(home))
        .route("/methods", of_methods())
        .nest("/account", from_variable)
        .nest("/again/{id}", account_routes().route_layer(from_fn(timed)))
        .merge(Router::new().route("/merged", get(home).fallback(missing)))
        .merge(public_service(axum::Router::new().route("/documentation", axum::routing::get(async || "text"))))
        .nest("/metrics", danger_guarded_elsewhere(axum::Router::new()))
        .nest_service("/assets", public_service(service_fn(file)))
        .route_service("/favicon.ico", public_service(service_fn(file)))
        .route(
            "/away",
            any_service(public_service(service_fn(fails)))
                .handle_error(async |_: BoxError| StatusCode::BAD_GATEWAY),
        )
        .method_not_allowed_fallback(missing)
        .fallback(missing)
        .layer(Extension(7_u8));
    if app.has_routes() {
        app = app.reset_fallback().fallback_service(public_service(service_fn(file)));
    }
    let errors = tower::ServiceBuilder::new()
        .layer(HandleErrorLayer::new(async |_: BoxError| StatusCode::REQUEST_TIMEOUT))
        .map_err(BoxError::from);
    app.layer(errors).with_state(Shop { store: Memory, pages: 7 })
}

/// What takes a service takes the router.
async fn called(mut app: Router) {
    let request = || http::Request::get("/").body(axum::body::Body::empty()).unwrap();
    let _: Response = app.clone().oneshot(request()).await.unwrap();
    let _: Response = app.as_service().ready().await.unwrap().call(request()).await.unwrap();
    let _: Response = app.into_service().oneshot(request()).await.unwrap();
}

async fn served() -> std::io::Result<()> {
    let listener = async || tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let until = tokio::time::sleep(Duration::from_millis(1));
    axum::serve(listener().await?, app()).with_graceful_shutdown(until).await?;
    drop(axum::serve(listener().await?, app().into_make_service()));
    let clients = app().into_make_service_with_connect_info::<std::net::SocketAddr>();
    drop(axum::serve(listener().await?, clients));
    drop(axum::serve(listener().await?, get(home)));
    let _: axum::Router = app().into();
    let _: axum::Router = axum::Router::new().merge(app()).nest("/below", app().into_axum());
    Ok(())
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(called(app()));
    runtime.block_on(served()).unwrap();
    assert!(app().access_table().rows().len() > 20);
}
