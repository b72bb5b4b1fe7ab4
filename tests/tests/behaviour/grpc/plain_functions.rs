//! Calls to plain functions over `http::Request`: their refusal in HTTP's words is put into gRPC's.

use std::convert::Infallible;

use auth_layer::gate::{Rejection, RejectionKind};
use auth_layer::{Auth, AuthConfig, require_auth};
use axum::body::HttpBody;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tests::{BASE_URL, SESSION_KEY};
use tower::{Layer as _, Service, ServiceExt as _, service_fn};

#[require_auth]
async fn raw(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"it ran"))))
}

/// A web application whose provider is nowhere.
async fn auth() -> Auth {
    let config = AuthConfig::builder("http://127.0.0.1:1", "client", BASE_URL).add_session_key(SESSION_KEY);
    Auth::discover(config.build().unwrap()).await.unwrap()
}

async fn call<S, B>(service: S, kind: &str, cookie: &str) -> (http::response::Parts, Bytes)
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: HttpBody<Data = Bytes, Error = Infallible>,
{
    let request = Request::post("/shop.v1.Raw/List").header("content-type", kind).header("cookie", cookie);
    let response = service.oneshot(request.body(Full::default()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn a_refused_call_gets_a_status_in_its_own_protocol_and_another_request_a_problem() {
    let service = auth().await.layer().layer(service_fn(raw));
    let cases = [
        ("application/grpc", Some("application/grpc")),
        ("application/grpc+proto", Some("application/grpc")),
        ("application/grpc-web+proto", Some("application/grpc-web+proto")),
        ("application/grpc-web-text", Some("application/grpc-web-text+proto")),
        ("application/json", None),
    ];
    for (kind, answered) in cases {
        let (parts, body) = call(service.clone(), kind, "theme=dark").await;
        let kind_of_answer = parts.headers["content-type"].to_str().unwrap();
        match answered {
            Some(expected) => {
                assert_eq!((parts.status, kind_of_answer), (StatusCode::OK, expected), "{kind}");
                assert_eq!(parts.headers["grpc-status"], "16", "{kind}");
                assert_eq!(parts.headers["grpc-message"], "no user is logged in: log in first", "{kind}");
                assert!(body.is_empty(), "{kind}");
            }
            None => {
                assert_eq!(parts.status, StatusCode::UNAUTHORIZED);
                assert_eq!(kind_of_answer, "application/problem+json");
                assert!(!body.is_empty() && !parts.headers.contains_key("grpc-status"));
            }
        }
        assert_eq!(parts.headers["www-authenticate"], "Bearer", "{kind}");
        assert_eq!(parts.extensions.get::<Rejection>().unwrap().kind(), RejectionKind::Unauthenticated);
    }
}

/// What changed in the session leaves with a refusal too: here, that a broken cookie is deleted.
#[tokio::test]
async fn a_refused_call_takes_the_cookies_of_its_session_along() {
    let service = auth().await.layer().layer(service_fn(raw));
    let (parts, _) = call(service, "application/grpc-web", "auth_session=broken").await;
    assert_eq!(parts.headers["grpc-status"], "16");
    let cookie = parts.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("auth_session=;") && cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(parts.headers["cache-control"], "no-store, private");
}
