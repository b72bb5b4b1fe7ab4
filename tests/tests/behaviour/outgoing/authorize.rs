//! The authorize layer: whose token a request brings, and which requests bring none.

use auth_layer::gate::AccessTokenRequest;
use auth_layer::outbound::authorize::{AuthorizeErrorKind, OnBehalfOf as _};
use auth_layer::testing::bearer;
use auth_layer::{AccessToken, Session};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::{get, post};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;
use tests::{Api as BearerApi, BILLING, SHOP, Site, send};
use tower::{Layer as _, Service as _, ServiceExt as _};

use super::api::{Api, Hyper, ada_at, calling, hyper, serve, token_of};

type Client =
    auth_layer::outbound::authorize::AuthorizeService<Hyper, auth_layer::outbound::authorize::EmptyBodies>;

async fn sent(
    client: &Client,
    request: http::Request<Full<Bytes>>,
) -> Result<StatusCode, AuthorizeErrorKind> {
    let sent = client.clone().oneshot(request).await;
    sent.map(|response| response.status()).map_err(|error| error.kind())
}

fn to(uri: &str) -> http::Request<Full<Bytes>> {
    http::Request::get(uri).body(Full::default()).unwrap()
}

/// A token of Ada's session, taken out of its handler.
async fn token(site: &Site, audience: &'static str) -> AccessToken {
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let keep = async move |session: Session| {
        let request = AccessTokenRequest::new().with_audience(audience);
        sender.send(session.access_token_with(request).await.unwrap()).await.unwrap();
    };
    let app = Router::new().route("/keep", get(keep)).layer(site.auth.layer());
    assert_eq!(ada_at(site, app).await.get("/keep").await.status, StatusCode::OK);
    receiver.recv().await.unwrap()
}

#[tokio::test]
async fn a_request_brings_the_token_of_its_session() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    assert_eq!(ada.get("/call").await.body, "yes");
    let seen = api.last();
    assert_eq!((seen.path.as_str(), seen.token()), ("/thing", token_of(&site, &ada).await.as_str()));
    assert_eq!(site.refreshes(), 0);
}

#[tokio::test]
async fn a_token_that_expired_is_refreshed_on_the_way_and_the_response_saves_it() {
    let (site, api) = (Site::open().await, Api::start().await);
    let ada = ada_at(&site, calling(&site, site.auth.authorize(&api.url).unwrap())).await;
    let old = token_of(&site, &ada).await;
    site.clock.advance(std::time::Duration::from_secs(3_600));
    let reply = ada.get("/call").await;
    assert_eq!((reply.status, site.refreshes()), (StatusCode::OK, 1));
    assert!(!reply.set_cookies().is_empty());
    assert_ne!(api.last().token(), old);
    assert_eq!(api.last().token(), token_of(&site, &ada).await);
}

#[tokio::test]
async fn another_audience_is_asked_for_where_it_was_named() {
    let (site, api) = (Site::open().await, Api::start().await);
    let authorize = site.auth.authorize(&api.url).unwrap().with_audience(BILLING);
    let ada = ada_at(&site, calling(&site, authorize)).await;
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    let billing = ada.at(site.app()).get("/billing").await.token();
    assert_eq!((api.last().token(), site.refreshes()), (billing.as_str(), 1));
}

#[tokio::test]
async fn a_token_that_a_handler_has_is_sent_where_its_audience_is_wanted() {
    let (site, api) = (Site::open().await, Api::start().await);
    let (shop, billing) = (token(&site, SHOP).await, token(&site, BILLING).await);
    let plain = site.auth.authorize(&api.url).unwrap();
    let cases = [
        (plain.clone(), &shop, true),
        (plain.clone().with_audience(SHOP), &shop, true),
        (plain.clone().with_audience(BILLING), &billing, true),
        (plain.clone().with_audience(BILLING), &shop, false),
        (plain.clone().with_audience(SHOP), &billing, false),
        (plain, &billing, false),
    ];
    for (authorize, token, fits) in cases {
        let before = api.seen().len();
        let answer = sent(&authorize.layer(hyper()), to("/thing").on_behalf_of(token)).await;
        if fits {
            assert_eq!(answer, Ok(StatusCode::OK));
            assert_eq!(api.last().token(), token.expose());
        } else {
            assert_eq!((answer, api.seen().len()), (Err(AuthorizeErrorKind::OtherAudience), before));
        }
    }
}

#[tokio::test]
async fn a_request_of_nobodys_is_not_sent() {
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    assert_eq!(sent(&client, to("/thing")).await, Err(AuthorizeErrorKind::NoToken));
    assert_eq!(api.seen().len(), 0);
}

#[tokio::test]
async fn a_header_that_the_caller_wrote_is_left_alone() {
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let token = token(&site, SHOP).await;
    let mut request = to("/thing").on_behalf_of(&token);
    request.headers_mut().insert("authorization", "Basic b3duOm93bg==".parse().unwrap());
    assert_eq!(sent(&client, request).await, Ok(StatusCode::OK));
    assert_eq!(api.last().header("authorization"), "Basic b3duOm93bg==");
}

/// A request is passed on with its extensions: there is the session of whoever sent it.
#[tokio::test]
async fn a_request_that_is_passed_on_brings_its_senders_token_and_none_of_the_cookies() {
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let forward = async move |request: Request| {
        let (mut parts, _) = request.into_parts();
        parts.uri = "/passed-on".parse().unwrap();
        let request = http::Request::from_parts(parts, Full::default());
        match client.oneshot(request).await {
            Ok(response) => Ok(Body::new(response.into_body())),
            Err(error) => Err((StatusCode::FORBIDDEN, format!("{:?}", error.kind()))),
        }
    };
    let app = Router::new().route("/forward", post(forward.clone()).get(forward)).layer(site.auth.layer());
    let ada = ada_at(&site, app).await;
    let reply = ada.send(http::Request::get("/forward").header("host", "127.0.0.1:3000")).await;
    assert_eq!((reply.status, reply.body.as_str()), (StatusCode::OK, "yes"));
    let seen = api.last();
    assert_eq!((seen.path.as_str(), seen.header("cookie")), ("/passed-on", ""));
    assert_eq!(seen.token(), token_of(&site, &ada).await);
    assert!(api.url.ends_with(seen.header("host")));

    // As everywhere, another site's page changes nothing with a cookie, and a stranger has no token.
    let forged = http::Request::post("/forward").header("sec-fetch-site", "cross-site");
    assert_eq!(ada.send(forged).await.body, "Rejected");
    assert_eq!(site.visitor().at(ada_app(&site, &api)).get("/forward").await.body, "NoToken");
    assert_eq!(api.seen().len(), 1);
}

/// What its sender said to this application is not for the API, and not for whoever the program asks instead.
#[tokio::test]
async fn a_request_that_is_passed_on_brings_no_credentials_and_nothing_of_its_connection() {
    let (site, api, other) = (Site::open().await, Api::start().await, Api::start().await);
    for (to, seen) in [("/passed-on", &api), (other.url.as_str(), &other)] {
        let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
        let to: http::Uri = to.parse().unwrap();
        let forward = async move |request: Request| {
            let (mut parts, _) = request.into_parts();
            parts.uri = to;
            let request = http::Request::from_parts(parts, Full::<Bytes>::default());
            client.oneshot(request).await.unwrap().status()
        };
        let ada = ada_at(&site, Router::new().route("/forward", get(forward)).layer(site.auth.layer())).await;
        let request = http::Request::get("/forward")
            .header("authorization", "Bearer for-us-alone")
            .header("dpop", "proof-for-us")
            .header("proxy-authorization", "Basic Zm9yZ2Vk")
            .header("connection", "x-hop, upgrade")
            .header("upgrade", "websocket")
            .header("x-hop", "a")
            .header("x-own", "a");
        assert_eq!(ada.send(request).await.status, StatusCode::OK);
        let seen = seen.last();
        for name in ["cookie", "dpop", "proxy-authorization", "connection", "upgrade", "x-hop"] {
            assert!(!seen.headers.contains_key(name), "{name}");
        }
        assert_eq!(seen.header("x-own"), "a");
        let brought: Vec<_> = seen.headers.get_all("authorization").iter().collect();
        let token = format!("Bearer {}", token_of(&site, &ada).await);
        assert_eq!(brought, if seen.path == "/passed-on" { vec![token.as_str()] } else { vec![] });
    }
    assert_eq!((api.seen().len(), other.seen().len()), (1, 1));
}

#[tokio::test]
async fn a_request_that_is_passed_on_keeps_the_credentials_that_the_program_gave_it() {
    let (site, api) = (Site::open().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let forward = async move |request: Request| {
        let (mut parts, _) = request.into_parts();
        parts.uri = "/passed-on".parse().unwrap();
        parts.headers.insert("authorization", "DPoP ours".parse().unwrap());
        parts.headers.insert("dpop", "our-proof".parse().unwrap());
        client.oneshot(http::Request::from_parts(parts, Full::<Bytes>::default())).await.unwrap().status()
    };
    let ada = ada_at(&site, Router::new().route("/forward", get(forward)).layer(site.auth.layer())).await;
    let request = http::Request::get("/forward").header("authorization", "Bearer theirs");
    assert_eq!(ada.send(request).await.status, StatusCode::OK);
    let seen = api.last();
    assert_eq!((seen.header("authorization"), seen.header("dpop")), ("DPoP ours", "our-proof"));
    assert!(!seen.headers.contains_key("cookie"));
}

/// It was issued for this application, and would be taken for ours by whoever gets it (a confused deputy).
#[tokio::test]
async fn a_bearer_token_is_not_passed_on_with_the_request_that_brought_it() {
    let (bearers, api) = (BearerApi::quick().await, Api::start().await);
    let client = bearers.auth.authorize(&api.url).unwrap().layer(hyper());
    let forward = async move |request: Request| {
        let (mut parts, _) = request.into_parts();
        parts.uri = "/passed-on".parse().unwrap();
        let answer = client.oneshot(http::Request::from_parts(parts, Full::<Bytes>::default())).await;
        answer.map_or_else(|error| format!("{:?}", error.kind()), |response| response.status().to_string())
    };
    let app = Router::new().route("/forward", get(forward)).layer(bearers.auth.layer());
    let request = http::Request::get("/forward").header("authorization", bearer(&bearers.fresh()));
    assert_eq!((send(app, request).await.body.as_str(), api.seen().len()), ("NoToken", 0));
}

fn ada_app(site: &Site, api: &Api) -> Router {
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let forward = async move |request: Request| {
        let (mut parts, _) = request.into_parts();
        parts.uri = "/passed-on".parse().unwrap();
        let answer = client.oneshot(http::Request::from_parts(parts, Full::<Bytes>::default())).await;
        answer.map_or_else(|error| format!("{:?}", error.kind()), |response| response.status().to_string())
    };
    Router::new().route("/forward", get(forward)).layer(site.auth.layer())
}

/// A service that may be called only after it was polled ready, and once for each time.
#[derive(Debug)]
struct Strict {
    inner: Hyper,
    is_ready: bool,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), is_ready: false }
    }
}

impl tower::Service<http::Request<Full<Bytes>>> for Strict {
    type Response = <Hyper as tower::Service<http::Request<Full<Bytes>>>>::Response;
    type Error = <Hyper as tower::Service<http::Request<Full<Bytes>>>>::Error;
    type Future = <Hyper as tower::Service<http::Request<Full<Bytes>>>>::Future;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        self.is_ready = true;
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Full<Bytes>>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called before it was ready");
        self.inner.call(request)
    }
}

#[tokio::test]
async fn the_service_that_was_polled_ready_is_the_one_that_is_called_each_time() {
    let (site, api) = (Site::open().await, Api::start().await);
    let other = serve(Router::new().route("/", get(async || "other"))).await;
    let client = site.auth.authorize(&api.url).unwrap().layer(Strict { inner: hyper(), is_ready: false });
    let call = async move |session: Session| {
        let mut client = client;
        for uri in ["/thing", other.as_str()] {
            let request = to(uri).on_behalf_of(&session);
            client.ready().await.unwrap().call(request).await.unwrap();
        }
    };
    let app = Router::new().route("/call", get(call)).layer(site.auth.layer());
    let ada = ada_at(&site, app).await;
    // At hand, refused and sent again, and waited for.
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    api.refuse(&token_of(&site, &ada).await);
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    site.clock.advance(std::time::Duration::from_secs(3_600));
    assert_eq!(ada.get("/call").await.status, StatusCode::OK);
    assert_eq!((api.seen().len(), site.refreshes()), (4, 2));
}

/// Guards what the module says of its costs: with the token at hand nothing is waited for, and no future is boxed.
#[tokio::test]
async fn a_token_at_hand_costs_its_header_and_what_a_second_try_may_need() {
    let (site, kept) = (Site::open().await, std::sync::Arc::new(std::sync::Mutex::new(None)));
    let keep = std::sync::Arc::clone(&kept);
    let keep = async move |session: Session| *keep.lock().unwrap() = Some(session);
    let ada = ada_at(&site, Router::new().route("/keep", get(keep)).layer(site.auth.layer())).await;
    assert_eq!(ada.get("/keep").await.status, StatusCode::OK);
    let session = kept.lock().unwrap().take().unwrap();

    let answer =
        |_: http::Request<Full<Bytes>>| std::future::ready(Ok::<_, std::io::Error>(http::Response::new(())));
    let mut bare = tower::service_fn(answer);
    let mut client = site.auth.authorize("https://api.shop.example").unwrap().layer(bare);
    let request = |body: &'static str| {
        let request = http::Request::get("https://api.shop.example/thing").header("accept", "a/b");
        request.on_behalf_of(&session).body(Full::from(body)).unwrap()
    };
    let mut counted = |body: &'static str| {
        let (one, other) = (request(body), request(body));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let plain = allocation_counter::measure(|| {
            assert!(std::pin::pin!(bare.call(one)).poll(&mut context).is_ready());
        });
        let authorized = allocation_counter::measure(|| {
            assert!(std::pin::pin!(client.call(other)).poll(&mut context).is_ready());
        });
        authorized.count_total - plain.count_total
    };
    let once = counted("a body that is sent once");
    let twice = counted("");
    assert!(once <= 2 && twice <= 8, "{once} and {twice} allocations");
}
