//! Bodies through the proxy, over sockets: as they come, as fast as they are read, and no longer than they are wanted.

use std::future::{Ready, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use tests::{Site, Visitor, eventually};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::api::{proxying, serve};

/// A site on a port, before an API on another one.
struct Served {
    url: String,
    cookie: String,
    client: reqwest::Client,
}

impl Served {
    async fn before(api: &str) -> Self {
        let site = Site::open().await;
        let proxy = site.auth.proxy("/api", api).unwrap().with_timeout(Duration::from_secs(20));
        let app = proxying(&site, proxy);
        let cookie = cookies(&site.ada().await);
        Self { url: serve(app).await, cookie, client: reqwest::Client::new() }
    }

    fn request(&self, method: http::Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}/api{path}", self.url))
            .header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.request(http::Method::GET, path)
    }
}

fn cookies(visitor: &Visitor) -> String {
    let cookies = visitor.cookies();
    cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// A body that a test writes.
type Part = Result<Bytes, std::io::Error>;

fn written() -> (mpsc::Sender<Part>, ReceiverStream<Part>) {
    let (sender, receiver) = mpsc::channel(1);
    (sender, ReceiverStream::new(receiver))
}

/// A handler that answers the first who asks with this stream of events.
fn once(stream: ReceiverStream<Part>) -> impl Fn() -> Ready<Response> + Clone + Send + Sync + 'static {
    let stream = Arc::new(Mutex::new(Some(stream)));
    move || {
        let stream = stream.lock().unwrap().take().unwrap();
        ready(([("content-type", "text/event-stream")], Body::from_stream(stream)).into_response())
    }
}

#[tokio::test]
async fn each_event_of_a_server_arrives_before_the_next_is_sent() {
    let (events, stream) = written();
    let api = serve(Router::new().route("/events", get(once(stream)))).await;
    let served = Served::before(&api).await;
    events.send(Ok("data: 0\n\n".into())).await.unwrap();
    let response = served.get("/events").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.bytes_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "data: 0\n\n");
    for number in 1..5 {
        events.send(Ok(format!("data: {number}\n\n").into())).await.unwrap();
        assert_eq!(body.next().await.unwrap().unwrap(), format!("data: {number}\n\n"));
    }
    drop(events);
    assert!(body.next().await.is_none());
}

#[tokio::test]
async fn a_body_is_sent_on_while_it_comes_and_answered_before_it_ends() {
    // An echo: what comes in goes out, part by part.
    let echo = async |request: Request| Body::new(request.into_body());
    let served = Served::before(&serve(Router::new().route("/echo", post(echo))).await).await;
    let (parts, stream) = written();
    parts.send(Ok("one".into())).await.unwrap();
    let request = served.request(http::Method::POST, "/echo").body(reqwest::Body::wrap_stream(stream));
    let mut body = request.send().await.unwrap().bytes_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "one");
    for part in ["two", "three"] {
        parts.send(Ok(part.into())).await.unwrap();
        assert_eq!(body.next().await.unwrap().unwrap(), part);
    }
    drop(parts);
    assert!(body.next().await.is_none());
}

/// 64 MiB on each way, of which little is held anywhere while nobody reads.
#[tokio::test]
async fn whoever_reads_slowly_slows_down_whoever_sends() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = |sent: Arc<AtomicUsize>| {
        futures_util::stream::iter(0..1_024).map(move |_| {
            sent.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(Bytes::from_static(&[0; 64 * 1_024]))
        })
    };
    let down = Arc::clone(&sent);
    let (reading, begin) = tokio::sync::watch::channel(false);
    let app = Router::new().route("/down", get(async move || Body::from_stream(counted(down)))).route(
        "/up",
        post(async move |request: Request| {
            let mut begin = begin.clone();
            begin.wait_for(|begun| *begun).await.unwrap();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            body.len().to_string()
        }),
    );
    let served = Served::before(&serve(app).await).await;

    let mut response = served.get("/down").send().await.unwrap();
    let held = settled(&sent).await;
    assert!(held < 512, "{held} of 1,024 parts were sent, and none was read");
    let mut read = 0;
    while let Some(part) = response.chunk().await.unwrap() {
        read += part.len();
    }
    assert_eq!((read, sent.swap(0, Ordering::Relaxed)), (64 * 1_024 * 1_024, 1_024));

    let body = reqwest::Body::wrap_stream(counted(Arc::clone(&sent)));
    let answer = tokio::spawn(served.request(http::Method::POST, "/up").body(body).send());
    let held = settled(&sent).await;
    assert!(held < 512, "{held} of 1,024 parts were sent, and none was read");
    reading.send(true).unwrap();
    assert_eq!(answer.await.unwrap().unwrap().text().await.unwrap(), (64 * 1_024 * 1_024).to_string());
}

/// Waits until no more is sent: until a count stays the same for a while.
async fn settled(sent: &AtomicUsize) -> usize {
    let mut last = 0;
    let mut same = 0;
    while same < 20 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        let now = sent.load(Ordering::Relaxed);
        same = if now == last && now > 0 { same + 1 } else { 0 };
        last = now;
    }
    last
}

#[tokio::test]
async fn a_browser_that_hangs_up_ends_the_request_to_the_api() {
    let (events, stream) = written();
    let (begun, waiting) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, noticed) = (Arc::clone(&begun), Arc::clone(&waiting));
    let app = Router::new().route("/events", get(once(stream))).route(
        "/slow",
        get(move || {
            let (begun, dropped) = (Arc::clone(&counted), Dropped(Arc::clone(&noticed)));
            async move {
                begun.fetch_add(1, Ordering::Relaxed);
                let _dropped = dropped;
                std::future::pending::<()>().await;
            }
        }),
    );
    let served = Served::before(&serve(app).await).await;

    // In the middle of the answer.
    events.send(Ok("data: 0\n\n".into())).await.unwrap();
    let mut response = served.get("/events").send().await.unwrap();
    response.chunk().await.unwrap();
    drop(response);
    events.closed().await;

    // Before there is one.
    let request = tokio::spawn(served.get("/slow").send());
    eventually("the API is asked", async || begun.load(Ordering::Relaxed) == 1).await;
    request.abort();
    eventually("the API is left alone", async || waiting.load(Ordering::Relaxed) == 1).await;
}

/// Counts when it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// An API that answers each connection with these bytes, and closes it.
async fn saying(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 4_096];
            let _ = socket.read(&mut head).await.unwrap();
            socket.write_all(answer).await.unwrap();
            socket.shutdown().await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn an_api_that_goes_away_in_the_middle_is_an_error_and_never_an_end() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\nhalf of it\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nhalf of it",
    ] {
        let served = Served::before(&saying(answer).await).await;
        let response = served.get("/a").send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body = response.bytes().await;
        assert!(body.is_err(), "{body:?} for {}", String::from_utf8_lossy(answer));
    }
}

#[tokio::test]
async fn an_answer_that_is_none_is_a_bad_gateway() {
    let head =
        |bytes: usize| format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "a".repeat(bytes)).leak().as_bytes();
    for answer in [
        &b""[..],
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        head(70_000),
        head(1_000_000),
    ] {
        let served = Served::before(&saying(answer).await).await;
        let response = served.get("/a").send().await.unwrap();
        let start = String::from_utf8_lossy(&answer[..answer.len().min(60)]).into_owned();
        assert_eq!(response.status(), 502, "{start}");
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{start}");
    }
}

#[tokio::test]
async fn a_slow_upload_is_no_timeout_while_it_moves() {
    let site = Site::open().await;
    let app = Router::new().route(
        "/up",
        post(async |request: Request| {
            request.into_body().collect().await.unwrap().to_bytes().len().to_string().into_response()
        }),
    );
    let proxy = site.auth.proxy("/api", &serve(app).await).unwrap().with_timeout(Duration::from_millis(300));
    let url = serve(proxying(&site, proxy)).await;
    let (parts, stream) = written();
    let sending = tokio::spawn(async move {
        for _ in 0..12 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            parts.send(Ok("part".into())).await.unwrap();
        }
    });
    let request = reqwest::Client::new()
        .post(format!("{url}/api/up"))
        .header("cookie", cookies(&site.ada().await))
        .header("sec-fetch-site", "same-origin")
        .body(reqwest::Body::wrap_stream(stream));
    let response = request.send().await.unwrap();
    sending.await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (200, "48"));
}
