//! The round-robin in front of the instances: each request goes to the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use reqwest::Client;

use crate::Failure;

/// Where requests go, and how many went there.
#[derive(Clone)]
pub(crate) struct Forwarder {
    client: Client,
    places: Arc<[Place]>,
    next: Arc<AtomicUsize>,
}

struct Place {
    address: String,
    requests: AtomicU64,
}

impl Forwarder {
    pub(crate) fn new(addresses: impl IntoIterator<Item = String>) -> Result<Self, Failure> {
        let place = |address| Place { address, requests: AtomicU64::new(0) };
        Ok(Self {
            client: Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?,
            places: addresses.into_iter().map(place).collect(),
            next: Arc::default(),
        })
    }

    /// The service that listens in front.
    pub(crate) fn router(&self) -> Router {
        Router::new().fallback(forward).with_state(self.clone())
    }

    /// How many requests went to each instance.
    pub(crate) fn requests(&self) -> Vec<u64> {
        self.places.iter().map(|place| place.requests.load(Ordering::Relaxed)).collect()
    }

    fn next(&self) -> &Place {
        &self.places[self.next.fetch_add(1, Ordering::Relaxed) % self.places.len()]
    }

    async fn pass(&self, request: Request) -> Result<Response, Failure> {
        let place = self.next();
        place.requests.fetch_add(1, Ordering::Relaxed);
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = parts.headers;
        for of_this_hop in [HOST, CONNECTION] {
            headers.remove(of_this_hop);
        }
        let onward = self.client.request(parts.method, format!("http://{}{path}", place.address));
        let answer = onward.headers(headers).body(to_bytes(body, LARGEST).await?).send().await?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        for of_this_hop in [CONNECTION, TRANSFER_ENCODING] {
            response.headers_mut().remove(of_this_hop);
        }
        *response.body_mut() = Body::from(answer.bytes().await?);
        Ok(response)
    }
}

async fn forward(State(forwarder): State<Forwarder>, request: Request) -> Response {
    match forwarder.pass(request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}

const LARGEST: usize = 64 * 1024;
