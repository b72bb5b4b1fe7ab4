//! Redirects: the token goes to the API that was named, and never along with one to another port.

use auth_layer::Session;
use auth_layer::outbound::authorize::OnBehalfOf as _;
use axum::Router;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use tests::{Listener, Site, Visitor};
use tower::{Layer as _, Service, ServiceExt as _};
use tower_http::follow_redirect::FollowRedirectLayer;

use super::api::{Api, ada_at, hyper, token_of};
use super::clients::reqwest_client;

/// An API that sends everybody who asks for `/thing` to another one.
async fn leading_away() -> (Api, Api) {
    let other = Api::start().await;
    let to = format!("{}/caught", other.url);
    let api = Api::answering(move |seen| match seen.path.as_str() {
        "/thing" => Redirect::temporary(&to).into_response(),
        "/near" => Redirect::temporary("/there").into_response(),
        _ => "yes".into_response(),
    });
    (api.await, other)
}

/// An application that asks with a client, and whoever is logged in there.
async fn asking<C, B, R>(site: &Site, client: C, body: fn() -> B) -> Visitor
where
    C: Service<Request<B>, Response = Response<R>, Error: std::fmt::Debug, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    B: Send + 'static,
{
    let ask = |path: &'static str| {
        let client = client.clone();
        get(async move |session: Session| {
            let request = Request::get(path).on_behalf_of(&session).body(body()).unwrap();
            client.oneshot(request).await.unwrap().status()
        })
    };
    let app = Router::new().route("/call", ask("/thing")).route("/near", ask("/near"));
    ada_at(site, app.layer(site.auth.layer())).await
}

/// What the API at the end of the redirect was told.
fn caught(other: &Api) -> String {
    let seen = other.last();
    assert_eq!((seen.path.as_str(), seen.header("cookie")), ("/caught", ""));
    seen.header("authorization").to_owned()
}

#[tokio::test]
async fn hyper_follows_no_redirect() {
    let (site, (api, other)) = (Site::open().await, leading_away().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let ada = asking(&site, client, Full::<Bytes>::default).await;
    assert_eq!(ada.get("/call").await.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!((api.last().token().is_empty(), other.seen().len()), (false, 0));
}

#[tokio::test]
async fn reqwest_follows_a_redirect_to_another_port_without_the_token() {
    let (site, (api, other)) = (Site::open().await, leading_away().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(reqwest_client());
    let ada = asking(&site, client, reqwest::Body::default).await;
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    assert_eq!((api.last().token().is_empty(), caught(&other).as_str()), (false, ""));
    // Within the API the token goes along.
    assert_eq!(ada.get("/near").await.status, StatusCode::OK);
    assert_eq!(
        (api.last().path.as_str(), api.last().token()),
        ("/there", token_of(&site, &ada).await.as_str())
    );
}

#[tokio::test]
async fn a_follower_around_the_layer_asks_another_port_without_the_token() {
    let (site, (api, other)) = (Site::open().await, leading_away().await);
    let authorize = site.auth.authorize(&api.url).unwrap();
    let client = FollowRedirectLayer::new().layer(authorize.layer(hyper()));
    // It resolves redirects by the address that it was given.
    let url = api.url.clone();
    let client = tower::ServiceBuilder::new().map_request(at(url)).service(client);
    let ada = asking(&site, client, Full::<Bytes>::default).await;
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    assert_eq!((api.last().token().is_empty(), caught(&other).as_str()), (false, ""));
    assert_eq!(ada.get("/near").await.status, StatusCode::OK);
    assert_eq!(
        (api.last().path.as_str(), api.last().token()),
        ("/there", token_of(&site, &ada).await.as_str())
    );
}

#[tokio::test]
async fn a_follower_within_the_layer_takes_the_token_off_by_its_own_policy() {
    let (site, (api, other)) = (Site::open().await, leading_away().await);
    let client = FollowRedirectLayer::new().layer(hyper());
    let client = site.auth.authorize(&api.url).unwrap().layer(client);
    let ada = asking(&site, client, Full::<Bytes>::default).await;
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    assert_eq!((api.last().token().is_empty(), caught(&other).as_str()), (false, ""));
}

#[tokio::test]
async fn a_request_to_another_origin_goes_without_a_token_and_is_warned_of_once() {
    let (site, api, other) = (Site::open().await, Api::start().await, Api::start().await);
    let authorize = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let client = tower::ServiceBuilder::new().map_request(at(other.url.clone())).service(authorize);
    let ada = asking(&site, client, Full::<Bytes>::default).await;
    Listener::start();
    for _ in 0..3 {
        assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    }
    let heard = Listener::stop();
    let seen = other.seen();
    assert!(seen.len() == 3 && seen.iter().all(|seen| seen.header("authorization").is_empty()));
    assert_eq!(heard.matches("is sent without a token").count(), 1, "{heard}");
    assert!(!heard.contains(&token_of(&site, &ada).await));
}

#[tokio::test]
async fn a_host_header_of_another_takes_the_token_away() {
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let client = tower::ServiceBuilder::new()
        .map_request(|mut request: Request<Full<Bytes>>| {
            request.headers_mut().insert("host", "evil.example".parse().unwrap());
            request
        })
        .map_request(at(api.url.clone()))
        .service(client);
    let ada = asking(&site, client, Full::<Bytes>::default).await;
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    assert_eq!((api.last().header("host"), api.last().header("authorization")), ("evil.example", ""));
}

/// Puts an origin before the path of a request.
fn at(url: String) -> impl Fn(Request<Full<Bytes>>) -> Request<Full<Bytes>> + Clone {
    move |mut request| {
        *request.uri_mut() = format!("{url}{}", request.uri()).parse().unwrap();
        request
    }
}
