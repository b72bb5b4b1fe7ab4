//! Calls of browsers: gRPC-Web with a session's cookie, which has to come from a page of this origin.

use auth_layer::testing::{IdentityProvider, TestSession, session_cookie};
use auth_layer::{Auth, AuthConfig};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;
use tests::{SESSION_KEY, SHOP};
use tokio::net::TcpListener;
use tonic::transport::Server as TonicServer;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request};
use tonic_web::GrpcWebLayer;

use super::server::{ada, channel, config, provider, said, url_of};
use super::shop::{Product, Shop, ShopClient, ShopServer};

/// A web application with a gRPC-Web service, and the cookie of somebody who is logged in.
struct Application {
    op: IdentityProvider,
    url: String,
    cookie: String,
}

/// Which layer stands before the other.
#[derive(Clone, Copy, Debug)]
enum First {
    Auth,
    GrpcWeb,
}

impl Application {
    async fn start(first: First) -> Self {
        let op = provider().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url_of(&listener);
        let resource_server = config(&op, &url).build().unwrap();
        let config = AuthConfig::builder(&op.issuer(), &op.client_id(), &url)
            .with_client_secret(op.client_secret())
            .with_audience(SHOP)
            .add_session_key(SESSION_KEY)
            .with_clock(op.clock())
            .with_resource_server(resource_server);
        let auth = Auth::discover(config.build().unwrap()).await.unwrap();
        let session = TestSession::new("local|ada").with_scopes("openid read:products");
        let cookie = session_cookie(&auth, session).await.unwrap().to_str().unwrap().to_owned();
        let (server, incoming) = (TonicServer::builder().accept_http1(true), TcpIncoming::from(listener));
        let shop = ShopServer::new(Shop::default());
        match first {
            First::Auth => {
                let server = server.layer(auth.layer()).layer(GrpcWebLayer::new()).add_service(shop);
                tokio::spawn(server.serve_with_incoming(incoming));
            }
            First::GrpcWeb => {
                let server = server.layer(GrpcWebLayer::new()).layer(auth.layer()).add_service(shop);
                tokio::spawn(server.serve_with_incoming(incoming));
            }
        }
        Self { op, url, cookie }
    }

    /// Calls as a browser does, over HTTP/1.1.
    async fn call(&self, kind: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let message = Product::named("tea").encode_to_vec();
        let mut body = vec![0, 0, 0, 0, u8::try_from(message.len()).unwrap()];
        body.extend(message);
        let body = if kind.contains("-text") { STANDARD.encode(body).into_bytes() } else { body };
        let mut request = reqwest::Client::new()
            .post(format!("{}/shop.v1.Shop/List", self.url))
            .header("content-type", kind)
            .header("accept", kind)
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

fn header<'a>(response: &'a reqwest::Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_call_with_a_session_cookie_passes_from_this_origin_and_is_denied_from_another_site() {
    for first in [First::Auth, First::GrpcWeb] {
        let application = Application::start(first).await;
        let (cookie, origin) = (application.cookie.as_str(), application.url.as_str());
        let authorization = format!("Bearer {}", application.op.issue_access_token(ada("read:products")));
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let cases: [Case<'_>; 6] = [
            ("of a stranger", &[("sec-fetch-site", "same-origin")], "16"),
            ("from a page of ours", &[("cookie", cookie), ("sec-fetch-site", "same-origin")], ""),
            ("from another site", &[("cookie", cookie), ("sec-fetch-site", "cross-site")], "7"),
            ("of an old browser, from a page of ours", &[("cookie", cookie), ("origin", origin)], ""),
            ("of an old browser", &[("cookie", cookie), ("origin", "https://evil.example")], "7"),
            (
                "from another site, with a token",
                &[("cookie", cookie), ("sec-fetch-site", "cross-site"), ("authorization", &authorization)],
                "",
            ),
        ];
        for kind in ["application/grpc-web+proto", "application/grpc-web-text+proto"] {
            for (name, headers, refused) in cases {
                let response = application.call(kind, headers).await;
                assert_eq!(response.status(), 200, "{first:?}, {name}");
                assert_eq!(header(&response, "content-type"), kind, "{first:?}, {name}");
                // A refusal is in the headers; the status of what was served is in the body.
                assert_eq!(header(&response, "grpc-status"), refused, "{first:?}, {name}");
                let body = response.bytes().await.unwrap();
                assert_eq!(body.is_empty(), !refused.is_empty(), "{first:?}, {name}: {body:?}");
                if refused.is_empty() && !kind.contains("-text") {
                    let text = String::from_utf8_lossy(&body).into_owned();
                    assert!(text.contains("tea for local|ada") && text.contains("grpc-status:0"), "{text}");
                }
            }
        }
    }
}

/// Over HTTP/2 the authority is no header, and tonic's requests have none.
#[tokio::test]
async fn the_origin_of_a_call_over_http_2_is_compared_with_its_authority() {
    let application = Application::start(First::Auth).await;
    let mut client = ShopClient::new(channel(&application.url));
    for (origin, refused) in
        [(application.url.as_str(), None), ("https://evil.example", Some(Code::PermissionDenied))]
    {
        let mut request = Request::new(Product::named("tea"));
        request.metadata_mut().insert("cookie", application.cookie.parse().unwrap());
        request.metadata_mut().insert("origin", origin.parse().unwrap());
        let answer = client.list(request).await;
        assert_eq!(answer.as_ref().err().map(tonic::Status::code), refused, "{origin}: {answer:?}");
        if let Err(status) = answer {
            assert_eq!(
                status.message(),
                "the request comes from another site: send it from a page of this one"
            );
            assert_eq!(said(&status, "www-authenticate"), "");
        }
    }
}
