//! An API on a loopback port that writes down what it is asked, and the programs that call it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use auth_layer::Session;
use auth_layer::outbound::authorize::{AuthorizeError, EmptyBodies, OnBehalfOf as _};
use auth_layer::outbound::{Authorize, Proxy};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tests::{Site, Visitor};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tower::{Layer as _, ServiceExt as _};

/// The client of most tests.
pub(crate) type Hyper = Client<HttpConnector, Full<Bytes>>;

/// A request as the API saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An API; its clones are the same.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) url: String,
    state: Arc<State>,
}

struct State {
    seen: Mutex<Vec<Seen>>,
    refused: Mutex<HashSet<String>>,
    challenge: Mutex<String>,
    crowd: Mutex<Option<Arc<Barrier>>>,
    answer: Box<dyn Fn(&Seen) -> Response + Send + Sync>,
}

impl Seen {
    /// A header as text; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The token that came with it; empty where there was none.
    pub(crate) fn token(&self) -> &str {
        self.header("authorization").strip_prefix("Bearer ").unwrap_or_default()
    }
}

impl Api {
    /// An API that answers 200 to whoever's token it does not refuse.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| "yes".into_response()).await
    }

    pub(crate) async fn answering(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> Self {
        let state = Arc::new(State {
            seen: Mutex::default(),
            refused: Mutex::default(),
            challenge: Mutex::new(r#"Bearer realm="api", error="invalid_token""#.into()),
            crowd: Mutex::default(),
            answer: Box::new(answer),
        });
        let serving = Arc::clone(&state);
        let app = Router::new().fallback(async move |request: Request| serving.answer(request).await);
        Self { url: serve(app).await, state }
    }

    /// What was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    /// What was asked last.
    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("the API was asked")
    }

    /// Refuses a token from now on.
    pub(crate) fn refuse(&self, token: &str) {
        self.state.refused.lock().unwrap().insert(token.to_owned());
    }

    /// Refuses every token.
    pub(crate) fn refuse_all(&self) {
        self.refuse("");
    }

    /// Refuses with another challenge.
    pub(crate) fn challenge(&self, challenge: &str) {
        challenge.clone_into(&mut self.state.challenge.lock().unwrap());
    }

    /// Answers nobody before so many have asked at once; once.
    pub(crate) fn wait_for_a_crowd(&self, of: usize) {
        *self.state.crowd.lock().unwrap() = Some(Arc::new(Barrier::new(of)));
    }
}

impl State {
    async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let path = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let seen = Seen { method: parts.method, path, headers: parts.headers, body };
        self.seen.lock().unwrap().push(seen.clone());
        let crowd = self.crowd.lock().unwrap().clone();
        if let Some(crowd) = crowd
            && crowd.wait().await.is_leader()
        {
            *self.crowd.lock().unwrap() = None;
        }
        let refused = {
            let refused = self.refused.lock().unwrap();
            refused.contains("") || refused.contains(seen.token())
        };
        if refused {
            let challenge = self.challenge.lock().unwrap().clone();
            return (StatusCode::UNAUTHORIZED, [("www-authenticate", challenge)], "who?").into_response();
        }
        (self.answer)(&seen)
    }
}

/// Serves an application on a loopback port for as long as the test runs.
pub(crate) async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

pub(crate) fn hyper() -> Hyper {
    Client::builder(TokioExecutor::new()).build_http()
}

pub(crate) fn text(body: &str) -> Full<Bytes> {
    Full::new(Bytes::copy_from_slice(body.as_bytes()))
}

/// An application whose `/call` asks an API for `/thing`, on behalf of its user, by hyper.
pub(crate) fn calling(site: &Site, authorize: Authorize<EmptyBodies>) -> Router {
    let client = authorize.layer(hyper());
    let call = async move |session: Session| {
        let request = http::Request::get("/thing").on_behalf_of(&session).body(Full::default()).unwrap();
        match client.oneshot(request).await {
            Ok(response) => (response.status(), Body::new(response.into_body())).into_response(),
            Err(AuthorizeError::Token(error)) => {
                (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response()
            }
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    };
    Router::new().route("/call", get(call)).layer(site.auth.layer())
}

/// An application that passes all below `/api` on.
pub(crate) fn proxying(site: &Site, proxy: Proxy) -> Router {
    Router::new().nest_service("/api", proxy).layer(site.auth.layer())
}

/// Ada, logged in, at another application of the site's.
pub(crate) async fn ada_at(site: &Site, app: Router) -> Visitor {
    site.ada().await.at(app)
}

/// The token that the site holds for this visitor now.
pub(crate) async fn token_of(site: &Site, visitor: &Visitor) -> String {
    visitor.at(site.app()).get("/token").await.token()
}
