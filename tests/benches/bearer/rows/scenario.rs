//! One row: a service, and the tokens that its requests bring.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use futures_util::future::LocalBoxFuture;
use http::header::AUTHORIZATION;
use http::{Request, Response};
use tower::{Service, ServiceExt as _};

use super::issuer::{Issuer, Token};

/// A row of the table.
pub(crate) struct Scenario {
    pub(crate) name: String,
    /// What signed its tokens, where that makes a difference.
    pub(crate) algorithm: Option<&'static str>,
    pub(crate) traffic: Traffic,
    tokens: Arc<[Token]>,
    next: Cell<usize>,
    subject: Box<dyn Subject>,
}

/// Which tokens come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Traffic {
    /// None.
    Anonymous,
    /// One again and again.
    Same,
    /// 512 in turn.
    InTurn,
    /// Each only once, at a service that has seen none of them.
    New,
}

impl Traffic {
    /// Every way in which tokens come.
    pub(crate) const WITH_TOKENS: [Self; 3] = [Self::Same, Self::InTurn, Self::New];

    fn words(self) -> &'static str {
        match self {
            Self::Anonymous => "no token",
            Self::Same => "one token",
            Self::InTurn => "512 in turn",
            Self::New => "first seen",
        }
    }
}

impl Scenario {
    /// A service that `fresh` makes, anew whenever every token of [`Traffic::New`] has been there.
    pub(crate) fn new<S, R>(
        what: &str,
        issuer: &Issuer,
        traffic: Traffic,
        fresh: impl AsyncFn() -> S + 'static,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<R>, Error = Infallible> + Clone + 'static,
    {
        let algorithm = issuer.algorithm.name();
        let name = format!("{algorithm} {what}, {}", traffic.words());
        Self::of(name, Some(algorithm), issuer, traffic, fresh, |_| ())
    }

    /// The bare service, and `before` each request something else.
    pub(crate) fn after<S, R>(
        what: &str,
        issuer: &Issuer,
        service: S,
        before: impl Fn(&Token) + 'static,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<R>, Error = Infallible> + Clone + 'static,
    {
        let algorithm = issuer.algorithm.name();
        let name = format!("{algorithm} {what}");
        Self::of(name, Some(algorithm), issuer, Traffic::New, always(service), before)
    }

    /// A service that does not look at tokens.
    pub(crate) fn blind<S, R>(name: &str, issuer: &Issuer, traffic: Traffic, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<R>, Error = Infallible> + Clone + 'static,
    {
        Self::of(name.to_owned(), None, issuer, traffic, always(service), |_| ())
    }

    fn of<S, R>(
        name: String,
        algorithm: Option<&'static str>,
        issuer: &Issuer,
        traffic: Traffic,
        fresh: impl AsyncFn() -> S + 'static,
        before: impl Fn(&Token) + 'static,
    ) -> Self
    where
        S: Service<Request<Body>, Response = Response<R>, Error = Infallible> + Clone + 'static,
    {
        let subject = Served { name: name.clone(), service: RefCell::default(), fresh, before };
        let (tokens, next) = (Arc::clone(&issuer.tokens), Cell::new(usize::MAX));
        Self { name, algorithm, traffic, tokens, next, subject: Box::new(subject) }
    }

    /// Sends so many requests, one after another; returns the time they took.
    pub(crate) async fn run(&self, requests: u64) -> Duration {
        let tokens = match self.traffic {
            Traffic::Anonymous => &[],
            Traffic::Same => &self.tokens[..1],
            Traffic::InTurn => &self.tokens[..512],
            Traffic::New => return self.run_new(requests).await,
        };
        if self.next.get() == usize::MAX {
            self.subject.renew().await;
            self.next.set(0);
        }
        let from = self.next.get();
        self.next.set((from + usize_of(requests)) % tokens.len().max(1));
        self.subject.send(tokens, from, requests).await
    }

    async fn run_new(&self, requests: u64) -> Duration {
        let (mut left, mut took) = (requests, Duration::ZERO);
        while left > 0 {
            if self.next.get() >= self.tokens.len() {
                self.subject.renew().await;
                self.next.set(0);
            }
            let from = self.next.get();
            let now = left.min((self.tokens.len() - from) as u64);
            took += self.subject.send(&self.tokens, from, now).await;
            self.next.set(from + usize_of(now));
            left -= now;
        }
        took
    }
}

/// The service of a row whose kind does not matter: the same at each renewal.
pub(crate) fn always<S: Clone>(service: S) -> impl AsyncFn() -> S {
    async move || service.clone()
}

/// A box around many requests, so that each of them goes to a service of a known type.
trait Subject {
    fn send<'a>(&'a self, tokens: &'a [Token], from: usize, requests: u64) -> LocalBoxFuture<'a, Duration>;

    fn renew(&self) -> LocalBoxFuture<'_, ()>;
}

struct Served<S, F, B> {
    name: String,
    service: RefCell<Option<S>>,
    fresh: F,
    before: B,
}

impl<S, R, F, B> Subject for Served<S, F, B>
where
    S: Service<Request<Body>, Response = Response<R>, Error = Infallible> + Clone,
    F: AsyncFn() -> S,
    B: Fn(&Token),
{
    fn send<'a>(&'a self, tokens: &'a [Token], from: usize, requests: u64) -> LocalBoxFuture<'a, Duration> {
        Box::pin(async move {
            let service = self.service.borrow().clone().expect("renewed before the first request");
            let mut at = from;
            let began = Instant::now();
            for _ in 0..requests {
                let mut request = Request::get("/open");
                if let Some(token) = tokens.get(at) {
                    (self.before)(token);
                    request = request.header(AUTHORIZATION, token.authorization.clone());
                }
                let request = request.body(Body::empty()).expect("a sound request");
                let answer = service.clone().oneshot(request).await;
                let Ok(response) = answer;
                assert_eq!(response.status(), 200, "{}", self.name);
                at = if at + 1 < tokens.len() { at + 1 } else { 0 };
            }
            began.elapsed()
        })
    }

    fn renew(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async {
            let fresh = (self.fresh)().await;
            self.service.replace(Some(fresh));
        })
    }
}

fn usize_of(requests: u64) -> usize {
    usize::try_from(requests).expect("a count of requests")
}
