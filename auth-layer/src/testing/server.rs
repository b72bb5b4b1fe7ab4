//! The listener and the front door: counts a call, meets its fault, routes it.
//!
//! # Rules
//! 1. A connection is a task of the server's own set: when the server stops, none survives.
//! 2. A service that fails has no answer, so a dropped connection is an error to hyper, which
//!    closes the socket.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{ALLOW, DATE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::faults::{Endpoint, Fault};
use super::outgoing::Outgoing;
use super::state::{Answer, Core, Request, State};
use super::tenant_log::{EventCode, LogEvent};
use super::{
    answer, authorize, back_channel, discovery, end_session, introspection, login, logs, revocation, token,
    userinfo,
};
use crate::clock::Timestamp;

/// A running server; it ends when this is dropped.
pub(super) struct Server {
    stop: oneshot::Sender<Infallible>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) fn start(core: Arc<Core>, listener: TcpListener) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(accept(core, listener, stopped));
        Self { stop, task }
    }

    /// Closes the listener and every connection, and returns once they are closed.
    pub(super) async fn stop(self) {
        drop(self.stop);
        // It ends by itself, or with its runtime: either way it has ended.
        let _ = self.task.await;
    }
}

/// Listens on a port of 127.0.0.1; 0 is any free one.
pub(super) async fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

async fn accept(core: Arc<Core>, listener: TcpListener, mut stopped: oneshot::Receiver<Infallible>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(Arc::clone(&core), stream));
                }
                // Out of sockets: some must close before another can open.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn converse(core: Arc<Core>, stream: TcpStream) {
    // Small answers must not wait for more; without it they only come later.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| enter(Arc::clone(&core), request));
    // The client that hangs up and the fault that drops it both end here.
    let _ =
        http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service).await;
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was dropped on purpose")]
struct Severed;

async fn enter(
    core: Arc<Core>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Outgoing>, Severed> {
    let mut answer = meet(&core, request).await?;
    let now = Duration::from_millis(core.clock.now().unix_millis());
    let date = UNIX_EPOCH.checked_add(now).map(httpdate::fmt_http_date);
    if let Some(date) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
        answer.headers_mut().insert(DATE, date);
    }
    Ok(answer)
}

async fn meet(core: &Core, request: http::Request<Incoming>) -> Result<http::Response<Outgoing>, Severed> {
    let (head, body) = request.into_parts();
    let Some(endpoint) = Endpoint::at(head.uri.path()) else {
        return Ok(answer::status(StatusCode::NOT_FOUND).map(Outgoing::whole));
    };
    let Ok(body) = Limited::new(body, MAX_BODY_BYTES).collect().await else {
        return Ok(answer::status(StatusCode::PAYLOAD_TOO_LARGE).map(Outgoing::whole));
    };
    let request = Request::from_parts(head, body.to_bytes());
    let fault = count_call(&mut core.state(), endpoint, &request);
    let Some(fault) = fault else {
        return Ok(respond(core, endpoint, &request).map(Outgoing::whole));
    };
    tracing::debug!(?endpoint, ?fault, "a request meets a fault");
    suffer(core, endpoint, &request, fault).await
}

/// Answers a request as its fault says.
async fn suffer(
    core: &Core,
    endpoint: Endpoint,
    request: &Request,
    fault: Fault,
) -> Result<http::Response<Outgoing>, Severed> {
    let answer = match fault {
        Fault::Status(status) => answer::status(status_of(status)),
        Fault::RetryAfter(status, after) => {
            let now = core.clock.now();
            retry_after(&mut core.state(), now, endpoint, status_of(status), after)
        }
        Fault::Error(status, code) => answer::json(status_of(status), &json!({ "error": code })),
        Fault::Delay(delay) => {
            tokio::time::sleep(delay).await;
            respond(core, endpoint, request)
        }
        Fault::DropConnection => return Err(Severed),
        Fault::DropResponse => {
            respond(core, endpoint, request);
            return Err(Severed);
        }
        Fault::Garbage(body, content_type) => answer::body(StatusCode::OK, &content_type, body),
        Fault::HoldUntilReleased => {
            hold(core).await;
            respond(core, endpoint, request)
        }
        Fault::HoldResponseUntilReleased => {
            let answer = respond(core, endpoint, request);
            hold(core).await;
            answer
        }
        Fault::Redirect(location) => {
            let mut answer = answer::status(StatusCode::FOUND);
            if let Ok(location) = HeaderValue::try_from(location) {
                answer.headers_mut().insert(LOCATION, location);
            }
            answer
        }
        Fault::Flood(bytes) => {
            return Ok(respond(core, endpoint, request).map(|body| Outgoing::flooded(body, bytes)));
        }
        Fault::Trickle(pace) => {
            return Ok(respond(core, endpoint, request).map(|body| Outgoing::trickling(body, pace)));
        }
        Fault::Rewrite(change) => {
            respond(core, endpoint, request).map(|body| match serde_json::from_slice::<Value>(&body) {
                Ok(mut value) => {
                    change(&mut value);
                    value.to_string().into()
                }
                Err(_) => body,
            })
        }
    };
    Ok(answer.map(Outgoing::whole))
}

/// Counts a call, and returns the fault that it meets.
fn count_call(state: &mut State, endpoint: Endpoint, request: &Request) -> Option<Fault> {
    *state.calls.entry(endpoint).or_default() += 1;
    if endpoint == Endpoint::Token {
        let grant_type = url::form_urlencoded::parse(request.body())
            .find_map(|(name, value)| (name == "grant_type").then(|| value.into_owned()));
        *state.token_calls.entry(grant_type.unwrap_or_default()).or_default() += 1;
    }
    state.faults.next(endpoint)
}

/// Waits until the held requests are released.
async fn hold(core: &Core) {
    let mut releases = core.releases.subscribe();
    let _held = Held::new(core);
    // The sender lives in `core`, so the wait ends with a release or with the connection.
    let _ = releases.changed().await;
}

/// Counts one held request for as long as it is held.
struct Held<'a>(&'a Core);

impl<'a> Held<'a> {
    fn new(core: &'a Core) -> Self {
        core.held.send_modify(|held| *held += 1);
        Self(core)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.held.send_modify(|held| *held -= 1);
    }
}

fn retry_after(
    state: &mut State,
    now: Timestamp,
    endpoint: Endpoint,
    status: StatusCode,
    after: Duration,
) -> Answer {
    if status == StatusCode::TOO_MANY_REQUESTS {
        let description = format!("a limit was reached at {}", endpoint.path());
        state.log.record(LogEvent::new(EventCode::Limit, now, description));
    }
    let mut answer = answer::status(status);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after.as_secs()));
    answer
}

/// Processes a request, whole, under the lock.
fn respond(core: &Core, endpoint: Endpoint, request: &Request) -> Answer {
    let allowed: &[Method] = match endpoint {
        Endpoint::Discovery | Endpoint::Jwks | Endpoint::Logs => &[Method::GET],
        Endpoint::Authorize | Endpoint::UserInfo | Endpoint::EndSession => &[Method::GET, Method::POST],
        Endpoint::Login | Endpoint::Token | Endpoint::Introspection | Endpoint::Revocation => &[Method::POST],
    };
    if !allowed.contains(request.method()) {
        let mut answer = answer::status(StatusCode::METHOD_NOT_ALLOWED);
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
            answer.headers_mut().insert(ALLOW, names);
        }
        return answer;
    }
    let settings = &core.settings;
    let now = core.clock.now();
    let mut guard = core.state();
    let state = &mut *guard;
    let answer = match endpoint {
        Endpoint::Discovery => answer::document(&discovery::metadata(settings)),
        Endpoint::Jwks => answer::document(&state.keys.jwks()),
        Endpoint::Authorize => authorize::respond(settings, state, now, request),
        Endpoint::Login => login::respond(settings, state, now, request),
        Endpoint::Token => token::respond(settings, state, now, request),
        Endpoint::UserInfo => userinfo::respond(settings, state, now, request),
        Endpoint::Introspection => introspection::respond(settings, state, now, request),
        Endpoint::Revocation => revocation::respond(state, now, request),
        Endpoint::EndSession => end_session::respond(settings, state, now, request),
        Endpoint::Logs => logs::respond(settings, state, now, request),
    };
    let notices = std::mem::take(&mut state.notices);
    drop(guard);
    // Nobody waits here: who is told, and answers, is written down.
    drop(back_channel::tell(core, notices));
    answer
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

const MAX_BODY_BYTES: usize = 64 * 1024;
