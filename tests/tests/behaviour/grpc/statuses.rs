//! Who passes, and the status that the others get.

use std::time::Duration;

use auth_layer::gate::{Rejection, RejectionKind};
use auth_layer::testing::TestAccessToken;
use axum::body::HttpBody;
use futures_util::future::join_all;
use http::{HeaderMap, Request as HttpRequest};
use tests::SHOP;
use tonic::service::Routes;
use tonic::{Code, Request};
use tower::{Layer as _, ServiceExt as _};

use super::server::{Server, ada, config, provider, said, with_token};
use super::shop::{Product, Shop, ShopServer};

#[tokio::test]
async fn a_good_token_passes_and_its_user_is_among_the_extensions() {
    let server = Server::start().await;
    let token = server.token("read:products write:products");
    let reply = server.client().list(with_token(Product::named("tea"), &token)).await.unwrap();
    assert_eq!(reply.get_ref().name, "tea for local|ada");
    let robot = TestAccessToken::for_client("robot").with_audience(SHOP).with_scopes("read:products");
    let token = server.op.issue_access_token(robot);
    let reply = server.client().list(with_token(Product::named("tea"), &token)).await.unwrap();
    assert_eq!(reply.get_ref().name, "tea for a client");
}

#[tokio::test]
async fn each_refusal_is_a_status_with_its_challenge_in_the_metadata() {
    let server = Server::start().await;
    let expired =
        ada("read:products").with_expires_at(server.op.clock().now().minus(Duration::from_secs(3_600)));
    let expired = server.op.issue_access_token(expired);
    let elsewhere = TestAccessToken::new("local|ada").with_audience("https://other.example");
    let elsewhere = server.op.issue_access_token(elsewhere.with_scopes("read:products"));
    let narrow = server.token("write:products");
    let bearer = |token: &str| format!("Bearer {token}");
    let invalid = r#", error="invalid_token""#;
    let insufficient = r#", error="insufficient_scope", scope="read:products""#;
    let cases = [
        ("no token", None, Code::Unauthenticated, ""),
        ("another scheme", Some("Basic YTpi".to_owned()), Code::Unauthenticated, ""),
        ("no token at all", Some(bearer("a.b.c")), Code::Unauthenticated, invalid),
        ("an expired token", Some(bearer(&expired)), Code::Unauthenticated, invalid),
        ("a token of another API", Some(bearer(&elsewhere)), Code::Unauthenticated, invalid),
        (
            "a malformed header",
            Some("Bearer a b".to_owned()),
            Code::Unauthenticated,
            r#", error="invalid_request""#,
        ),
        ("a scope is missing", Some(bearer(&narrow)), Code::PermissionDenied, insufficient),
    ];
    let mut client = server.client();
    for (name, authorization, code, error) in cases {
        let mut request = Request::new(Product::named("tea"));
        if let Some(value) = authorization {
            request.metadata_mut().insert("authorization", value.parse().unwrap());
        }
        let status = client.list(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{name}: {status:?}");
        let challenge = said(&status, "www-authenticate");
        assert!(challenge.starts_with("Bearer realm=") && challenge.ends_with(error), "{name}: {challenge}");
        assert_eq!(challenge.contains("error="), !error.is_empty(), "{name}: {challenge}");
        assert!(challenge.contains("resource_metadata="), "{name}: {challenge}");
        assert!(
            !status.message().is_empty() && !status.message().contains('%'),
            "{name}: {}",
            status.message()
        );
        for absent in ["retry-after", "grpc-retry-pushback-ms", "dpop-nonce", "set-cookie"] {
            assert_eq!(said(&status, absent), "", "{name}: {absent}");
        }
    }
    assert_eq!(server.shop.ran(), 0);
}

#[tokio::test]
async fn each_of_many_calls_at_once_on_one_connection_is_judged_by_its_own_token() {
    let server = Server::start().await;
    let client = server.client();
    let calls = (0..60).map(|number| {
        let token = match number % 3 {
            0 => {
                let user = TestAccessToken::new(format!("user|{number}")).with_audience(SHOP);
                Some(server.op.issue_access_token(user.with_scopes("read:products")))
            }
            1 => Some(server.token("write:products")),
            _ => None,
        };
        let mut client = client.clone();
        async move {
            let message = Product::named(number.to_string());
            let request = match &token {
                Some(token) => with_token(message, token),
                None => Request::new(message),
            };
            (number, client.list(request).await)
        }
    });
    for (number, reply) in join_all(calls).await {
        match number % 3 {
            0 => assert_eq!(reply.unwrap().get_ref().name, format!("{number} for user|{number}")),
            1 => assert_eq!(reply.unwrap_err().code(), Code::PermissionDenied),
            _ => assert_eq!(reply.unwrap_err().code(), Code::Unauthenticated),
        }
    }
    assert_eq!(server.shop.ran(), 20);
}

#[tokio::test]
async fn the_rejection_is_among_the_extensions_of_the_response_and_the_answer_is_trailers_only() {
    let op = provider().await;
    let auth = auth_layer::Auth::resource_server(config(&op, "http://127.0.0.1:3000").build().unwrap()).await;
    let service = auth.unwrap().layer().layer(Routes::new(ShopServer::new(Shop::default())).prepare());
    let call = HttpRequest::post("/shop.v1.Shop/List").header("content-type", "application/grpc");
    let response = service.oneshot(call.body(tonic::body::Body::new(no_message())).unwrap()).await.unwrap();
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.kind(), RejectionKind::Unauthenticated);
    assert_eq!(response.status(), 200);
    let headers: &HeaderMap = response.headers();
    assert_eq!(
        (&headers["grpc-status"], &headers["content-type"]),
        (&"16".parse().unwrap(), &"application/grpc".parse().unwrap())
    );
    assert!(HttpBody::is_end_stream(response.body()));
}

/// A message of nothing: not compressed, no bytes long.
fn no_message() -> http_body_util::Full<bytes::Bytes> {
    http_body_util::Full::new(bytes::Bytes::from_static(&[0; 5]))
}
