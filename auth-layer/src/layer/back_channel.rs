//! The route of the back-channel logout (OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8).
//!
//! It is the provider that calls, and no browser: no cookie is read or set, and the token is the proof.
//! A logout that failed is a 400 as well, since §2.8 demands that; the error's code tells whether it may
//! be sent again.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{Buf, BufMut as _};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use http_body::{Body, Frame};
use serde_json::json;
use url::form_urlencoded;

use crate::config::AuthConfig;
use crate::flow::{BackChannelError, RelyingParty};

/// Whether a path is that of the route; compared whole.
pub(super) fn is_at(path: &str, config: &AuthConfig) -> bool {
    let own = config.paths.backchannel_logout.as_deref();
    own.is_some_and(|own| config.base_url.without_path(path) == own)
}

/// Answers a back-channel logout request.
pub(super) async fn answer<B: Body>(parts: Parts, body: B, party: Arc<RelyingParty>) -> Response<String> {
    if parts.method != Method::POST {
        let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    if !is_form(&parts.headers) {
        return refuse(StatusCode::BAD_REQUEST, "the content type is not application/x-www-form-urlencoded");
    }
    let form = match tokio::time::timeout(PATIENCE, read(body)).await {
        Ok(Ok(form)) => form,
        Ok(Err(Unread::TooLarge)) => {
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 64 KiB");
        }
        Ok(Err(Unread::Broken)) => return refuse(StatusCode::BAD_REQUEST, "the body broke off"),
        Err(_) => return refuse(StatusCode::REQUEST_TIMEOUT, "the body took longer than 5 seconds"),
    };
    let token = match token_of(&form) {
        Ok(token) => token,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, why),
    };
    match party.log_out_at_back_channel(token).await {
        Ok(()) => status(StatusCode::OK),
        Err(error @ BackChannelError::Unavailable) => {
            let mut response =
                error_answer(StatusCode::BAD_REQUEST, "temporarily_unavailable", &error.to_string());
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
        Err(error) => refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Why a body could not be had.
#[derive(Debug)]
enum Unread {
    TooLarge,
    Broken,
}

async fn read<B: Body>(body: B) -> Result<Vec<u8>, Unread> {
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(Unread::TooLarge);
    }
    let (mut body, mut form) = (pin!(body), Vec::new());
    // Polled by hand, so that neither the data nor the errors of a body need to be `Send`.
    while poll_fn(|context| match ready!(body.as_mut().poll_frame(context)) {
        Some(frame) => Poll::Ready(take(frame, &mut form).map(|()| true)),
        None => Poll::Ready(Ok(false)),
    })
    .await?
    {
        // Frames without an end and without a byte must not keep the deadline from being looked at.
        tokio::task::consume_budget().await;
    }
    Ok(form)
}

fn take<D: Buf, E>(frame: Result<Frame<D>, E>, form: &mut Vec<u8>) -> Result<(), Unread> {
    let frame = frame.map_err(|_| Unread::Broken)?;
    let Ok(data) = frame.into_data() else { return Ok(()) };
    if data.remaining() > MAX_BODY_BYTES - form.len() {
        return Err(Unread::TooLarge);
    }
    form.put(data);
    Ok(())
}

/// The one token; other parameters are ignored (§2.5).
fn token_of(form: &[u8]) -> Result<String, &'static str> {
    let mut tokens = form_urlencoded::parse(form).filter(|(name, _)| name == "logout_token");
    match (tokens.next(), tokens.next()) {
        (Some((_, token)), None) => Ok(token.into_owned()),
        (None, _) => Err("logout_token is missing"),
        (Some(_), Some(_)) => Err("logout_token comes more than once"),
    }
}

fn refuse(code: StatusCode, why: &str) -> Response<String> {
    error_answer(code, "invalid_request", why)
}

/// An error in the form of RFC 6749 §5.2, which §2.8 names.
fn error_answer(code: StatusCode, error: &str, why: &str) -> Response<String> {
    let mut response = status(code);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.body_mut() = json!({ "error": error, "error_description": why }).to_string();
    response
}

fn status(code: StatusCode) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = code;
    // A kept answer would stand in for the next logout (§2.8).
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

const MAX_BODY_BYTES: usize = 64 * 1_024;
const PATIENCE: Duration = Duration::from_secs(5);
