//! Attacks on the proxy byte by byte: what a client library would never send, and no honest API answer.

use std::time::Duration;

use auth_layer::testing::User;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body_util::{Full, Limited};
use tests::{Site, Visitor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tower::util::MapRequestLayer;
use tower::{Layer as _, ServiceExt as _};

use super::api::{Api, hyper, proxying, serve, token_of};

/// A site on a port, which passes what is below `/api` on.
struct Wire {
    site: Site,
    ada: Visitor,
    host: String,
    cookie: String,
}

impl Wire {
    async fn before(api: &str) -> Self {
        let site = Site::open().await;
        let app = proxying(&site, site.auth.proxy("/api", &format!("{api}/v1")).unwrap());
        Self::of(site, app).await
    }

    async fn of(site: Site, app: Router) -> Self {
        let ada = site.ada().await;
        let cookie = cookies(&ada);
        let host = serve(app).await.trim_start_matches("http://").to_owned();
        Self { site, ada, host, cookie }
    }

    /// What comes back for a head, to which Ada's cookies are added, and a body.
    async fn say(&self, head: &str, body: &str) -> String {
        let mut socket = TcpStream::connect(&self.host).await.unwrap();
        let lines = format!("cookie: {}\r\nsec-fetch-site: same-origin\r\n", self.cookie);
        let head = head.replace('\n', "\r\n");
        socket.write_all(format!("{head}\r\n{lines}\r\n{body}").as_bytes()).await.unwrap();
        heard(&mut socket).await
    }
}

fn cookies(visitor: &Visitor) -> String {
    let cookies = visitor.cookies();
    cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// All that comes until nothing more does.
async fn heard(socket: &mut TcpStream) -> String {
    let (mut all, mut part, mut patience) = (Vec::new(), [0; 4_096], Duration::from_secs(20));
    while let Ok(Ok(length @ 1..)) = timeout(patience, socket.read(&mut part)).await {
        all.extend_from_slice(&part[..length]);
        patience = Duration::from_millis(200);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// An API that says these bytes for each request, whatever it is asked, on connections that it keeps.
async fn saying(answers: &'static [&'static str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut head = [0; 8_192];
                for answer in answers.iter().cycle() {
                    if !matches!(socket.read(&mut head).await, Ok(1..)) {
                        return;
                    }
                    socket.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn request_within_a_request() {
    let api = Api::start().await;
    let wire = Wire::before(&api.url).await;
    let smuggled = "GET /admin HTTP/1.1\r\nhost: a\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    for (name, head, body) in [
        (
            "both lengths",
            "POST /api/a HTTP/1.1\nhost: a\ncontent-length: 5\ntransfer-encoding: chunked",
            &chunked,
        ),
        (
            "both, in turn",
            "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding: chunked\ncontent-length: 5",
            &chunked,
        ),
        (
            "two lengths",
            "POST /api/a HTTP/1.1\nhost: a\ncontent-length: 0\ncontent-length: 44",
            &smuggled.to_owned(),
        ),
        ("a list of lengths", "POST /api/a HTTP/1.1\nhost: a\ncontent-length: 0, 44", &smuggled.to_owned()),
        ("a sign", "POST /api/a HTTP/1.1\nhost: a\ncontent-length: +0", &smuggled.to_owned()),
        ("a folded header", "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding:\n chunked", &chunked),
        ("a blank before the colon", "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding : chunked", &chunked),
        ("a coding in disguise", "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding: xchunked", &chunked),
        (
            "chunked is not last",
            "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding: chunked, identity",
            &chunked,
        ),
        (
            "an underscore",
            "POST /api/a HTTP/1.1\nhost: a\ntransfer_encoding: chunked\ncontent-length: 0",
            &smuggled.to_owned(),
        ),
        (
            "by way of the trailers",
            "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding: chunked",
            &"1;a=b\r\nx\r\n0\r\ncontent-length: 9\r\nauthorization: Bearer forged\r\n\r\n".to_owned(),
        ),
        (
            "a chunk's extension",
            "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding: chunked",
            &format!("1;\"\nx\r\n0\r\n\r\n{smuggled}"),
        ),
        (
            "a length that wraps",
            "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding: chunked",
            &format!("10000000000000001\r\nx\r\n0\r\n\r\n{smuggled}"),
        ),
    ] {
        let reply = wire.say(head, body).await;
        let seen = api.seen();
        assert!(seen.iter().all(|seen| seen.path == "/v1/a"), "{name}: {reply}");
        for seen in seen {
            assert!(!seen.headers.contains_key("transfer_encoding"), "{name}");
            assert_eq!(seen.headers.get_all("authorization").iter().count(), 1, "{name}");
            assert!(!String::from_utf8_lossy(&seen.body).contains("GET /admin"), "{name}");
        }
    }
}

#[tokio::test]
async fn body_of_a_get_is_passed_on_in_every_framing() {
    let api = Api::start().await;
    let wire = Wire::before(&api.url).await;
    for (head, body) in [
        ("GET /api/search HTTP/1.1\nhost: a\ncontent-length: 5", "query"),
        ("GET /api/search HTTP/1.1\nhost: a\ntransfer-encoding: chunked", "5\r\nquery\r\n0\r\n\r\n"),
    ] {
        assert!(wire.say(head, body).await.starts_with("HTTP/1.1 200"), "{head}");
        assert_eq!(api.last().body, "query", "{head}");
    }
}

#[tokio::test]
async fn request_without_a_body_says_so_where_one_is_expected() {
    let api = Api::start().await;
    let wire = Wire::before(&api.url).await;
    assert!(
        wire.say("POST /api/a HTTP/1.1\nhost: a\ncontent-length: 0", "").await.starts_with("HTTP/1.1 200")
    );
    assert_eq!(api.last().header("content-length"), "0");
    assert!(wire.say("GET /api/a HTTP/1.1\nhost: a", "").await.starts_with("HTTP/1.1 200"));
    assert_eq!(api.last().header("content-length"), "");
}

/// CGI, WSGI, PHP and Rack read `X_Forwarded_For` as `X-Forwarded-For`.
#[tokio::test]
async fn forged_x_forwarded_with_underscores() {
    let api = Api::start().await;
    let wire = Wire::before(&api.url).await;
    let head = "GET /api/a HTTP/1.1\nhost: a\nX_Forwarded_For: forged\nx_forwarded-host: forged\n\
        X_Real_IP: forged\nx-original_url: forged\nTransfer_Encoding: forged\nx_own: kept";
    assert!(wire.say(head, "").await.starts_with("HTTP/1.1 200"));
    let seen = api.last();
    let told = format!("{:?}", seen.headers);
    assert!(!told.contains("forged"), "{told}");
    assert_eq!(seen.header("x_own"), "kept");
}

#[tokio::test]
async fn forged_word_of_a_proxy_in_front() {
    let api = Api::start().await;
    let wire = Wire::before(&api.url).await;
    for name in [
        "client-cert",
        "client-cert-chain",
        "cf-connecting-ipv6",
        "fly-client-ip",
        "x-azure-clientip",
        "x-azure-socketip",
        "x-appengine-user-ip",
        "x-envoy-external-address",
        "x-envoy-original-path",
        "x-original-forwarded-for",
        "x-original-method",
        "x-originating-ip",
        "x-remote-addr",
        "x-remote-ip",
        "wl-proxy-client-ip",
        "remote-user",
        "x-remote-user",
    ] {
        let head = format!("GET /api/a HTTP/1.1\nhost: a\n{name}: forged");
        assert!(wire.say(&head, "").await.starts_with("HTTP/1.1 200"));
        assert!(!api.last().headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn answer_with_two_lengths_is_framed_anew() {
    let url = saying(&["HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n"]).await;
    let wire = Wire::before(&url).await;
    let reply = wire.say("GET /api/a HTTP/1.1\nhost: a", "").await.to_lowercase();
    assert!(reply.starts_with("http/1.1 200") && reply.contains("hello world"), "{reply}");
    assert!(!reply.contains("content-length"), "{reply}");
}

/// What comes behind an answer is no answer to the next one who asks.
#[tokio::test]
async fn answer_behind_an_answer() {
    for (method, answer) in [
        (
            "HEAD",
            "HTTP/1.1 200 OK\r\ncontent-length: 57\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\nx-e: 1\r\n\r\npoison",
        ),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison"),
        ("GET", "HTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison"),
        (
            "GET",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison",
        ),
    ] {
        let answers: &'static [&'static str] = vec![answer].leak();
        let wire = Wire::before(&saying(answers).await).await;
        for _ in 0..10 {
            let reply = wire.say(&format!("{method} /api/a HTTP/1.1\nhost: a\nconnection: close"), "").await;
            assert!(!reply.contains("poison"), "{method} {answer}: {reply}");
        }
    }
}

#[tokio::test]
async fn answer_in_parts_that_come_before_it() {
    let url = saying(&["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nset-cookie: a=b\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"]).await;
    let wire = Wire::before(&url).await;
    let reply = wire.say("GET /api/a HTTP/1.1\nhost: a", "").await;
    assert!(reply.starts_with("HTTP/1.1 200") && reply.ends_with("hi") && !reply.contains("a=b"), "{reply}");
}

/// `GET http://internal.example/ HTTP/1.1`, or `:authority` of HTTP/2: a sender's word, as `Host` is.
#[tokio::test]
async fn absolute_form_address_of_a_request_that_is_passed_on() {
    let (site, api, inner) = (Site::open().await, Api::start().await, Api::start().await);
    let client = site.auth.authorize(&api.url).unwrap().layer(hyper());
    let forward = async move |request: Request| -> Response {
        let (parts, _) = request.into_parts();
        let answer = client.oneshot(http::Request::from_parts(parts, Full::<Bytes>::default())).await;
        answer
            .map_or_else(|error| error.to_string().into_response(), |answer| answer.status().into_response())
    };
    let app = Router::new().fallback(any(forward)).layer(site.auth.layer());
    let wire = Wire::of(site, app).await;
    wire.say(&format!("GET {}/latest/meta-data HTTP/1.1\nhost: a", inner.url), "").await;
    let authority = inner.url.trim_start_matches("http://");
    wire.say(&format!("CONNECT {authority} HTTP/1.1\nhost: {authority}"), "").await;
    assert_eq!(inner.seen().len(), 0);
    assert_eq!((api.seen()[0].path.as_str(), api.seen()[0].header("cookie")), ("/latest/meta-data", ""));
    assert_eq!(api.seen()[0].token(), token_of(&wire.site, &wire.ada).await);
}

/// Each round of decoding takes two characters of `%2525..` away.
#[tokio::test]
async fn path_that_is_encoded_thirty_thousand_times() {
    let api = Api::start().await;
    let wire = Wire::before(&api.url).await;
    let began = std::time::Instant::now();
    let reply = wire.say(&format!("GET /api/%{} HTTP/1.1\nhost: a", "25".repeat(30_000)), "").await;
    assert!(
        reply.starts_with("HTTP/1.1 400"),
        "{} after {:?}",
        &reply[..reply.len().min(200)],
        began.elapsed()
    );
    assert_eq!(api.seen().len(), 0);
}

#[tokio::test]
async fn targets_and_methods_in_disguise() {
    let api = Api::start().await;
    let wire = Wire::before(&api.url).await;
    for (line, status) in [
        ("OPTIONS * HTTP/1.1", "404"),
        ("CONNECT 127.0.0.1:1 HTTP/1.1", "404"),
        ("CONNECT /api/a HTTP/1.1", "501"),
        ("TRACE /api/a HTTP/1.1", "501"),
        ("GET /api/;/a HTTP/1.1", "400"),
        ("GET /api/a/;x=1/b HTTP/1.1", "400"),
    ] {
        let reply = wire.say(&format!("{line}\nhost: a"), "").await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{line}: {reply}");
    }
    assert_eq!(api.seen().len(), 0);
}

/// It is nobody's fault but the sender's, and the API's operators are not told of it.
#[tokio::test]
async fn body_that_breaks_off_or_is_too_large_is_not_blamed_on_the_api() {
    let api = Api::start().await;
    let site = Site::open().await;
    let limited = |request: Request| request.map(|body| Body::new(Limited::new(body, 10)));
    let app =
        proxying(&site, site.auth.proxy("/api", &api.url).unwrap()).layer(MapRequestLayer::new(limited));
    let wire = Wire::of(site, app).await;
    let head = "POST /api/a HTTP/1.1\nhost: a\ntransfer-encoding: chunked";
    let reply = wire.say(head, "14\r\ntwenty characters!!!\r\n0\r\n\r\n").await;
    assert!(reply.starts_with("HTTP/1.1 413"), "{reply}");
    let reply = wire.say(head, "4\r\nfour\r\nno chunk\r\n\r\n").await;
    assert!(reply.starts_with("HTTP/1.1 400"), "{reply}");
}

#[tokio::test]
async fn answers_of_two_users_on_the_same_connections() {
    let api = Api::answering(|seen| seen.token().to_owned().into_response()).await;
    let wire = Wire::before(&api.url).await;
    let bob = wire.site.visitor();
    bob.log_in(&User::bob()).await;
    let users = [
        (cookies(&wire.ada), token_of(&wire.site, &wire.ada).await),
        (cookies(&bob), token_of(&wire.site, &bob).await),
    ];
    assert_ne!(users[0].1, users[1].1);
    let client = reqwest::Client::new();
    let calls = (0..200).map(|number| {
        let (cookie, token) = &users[number % 2];
        let request = client.get(format!("http://{}/api/{number}", wire.host)).header("cookie", cookie);
        async move {
            // Every third one hangs up.
            if number % 3 == 0 {
                let _ = timeout(Duration::from_millis(1), request.send()).await;
                return;
            }
            assert_eq!(request.send().await.unwrap().text().await.unwrap(), *token, "{number}");
        }
    });
    futures_util::stream::iter(calls).buffer_unordered(8).collect::<()>().await;
}

/// Else the browser is told that the API is away, and tries again for nothing.
#[tokio::test]
async fn answer_before_the_body_was_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 1_024];
            let _ = socket.read(&mut head).await.unwrap();
            let answer =
                b"HTTP/1.1 422 Unprocessable Content\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno";
            socket.write_all(answer).await.unwrap();
            tokio::spawn(async move {
                // Longer than anyone waits.
                tokio::time::sleep(Duration::from_secs(60)).await;
                drop(socket);
            });
        }
    });
    let wire = Wire::before(&url).await;
    let body = "x".repeat(3_000_000);
    let head = format!("POST /api/a HTTP/1.1\nhost: a\ncontent-length: {}", body.len());
    let reply = wire.say(&head, &body).await;
    assert!(reply.starts_with("HTTP/1.1 422") && reply.ends_with("no"), "{reply}");
}
