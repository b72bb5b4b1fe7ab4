//! A server on loopback that answers every request alike, with whatever a test wants.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response};
use tokio::net::TcpListener;

/// The server; it ends with the test's runtime.
pub(crate) struct StrangeServer {
    pub(crate) url: String,
    calls: Arc<AtomicUsize>,
    sent: Arc<AtomicUsize>,
}

impl StrangeServer {
    /// Answers with what `answer` makes.
    pub(crate) async fn start(answer: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static) -> Self {
        let (calls, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&calls);
        let router = Router::new().fallback(move |_: Request<Body>| {
            counted.fetch_add(1, Ordering::Relaxed);
            let answer = answer.clone();
            async move { answer() }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, calls, sent }
    }

    /// Answers 200 with so many mebibytes of spaces, and counts those that were taken off its hands.
    pub(crate) async fn flood(mebibytes: usize) -> Self {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let server = Self::start(move || {
            let counted = Arc::clone(&counted);
            let chunks = futures_util::stream::iter((0..mebibytes).map(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
                Ok::<_, std::convert::Infallible>(Bytes::from(vec![b' '; 1024 * 1024]))
            }));
            Response::new(Body::from_stream(chunks))
        })
        .await;
        Self { sent, ..server }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// How many mebibytes of a flood left the server.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}
