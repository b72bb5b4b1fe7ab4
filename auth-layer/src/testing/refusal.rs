//! Refusals: the error answer of RFC 6749 §5.2, and of RFC 6750 §3 for `/userinfo`.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::answer;
use super::state::Answer;
use super::tenant_log::EventCode;

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) description: String,
    /// The event which the log gets in place of the grant's usual one.
    pub(super) event: Option<EventCode>,
    /// The person whose grant it was.
    pub(super) subject: Option<String>,
    challenge: Option<&'static str>,
    /// The nonce that the next proof needs.
    nonce: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            code,
            description: description.into(),
            event: None,
            subject: None,
            challenge: None,
            nonce: None,
        }
    }

    pub(super) fn bad_request(code: &'static str, description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, description)
    }

    pub(super) fn invalid_request(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_request", description)
    }

    pub(super) fn invalid_grant(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_grant", description)
    }

    pub(super) fn invalid_scope(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_scope", description)
    }

    pub(super) fn invalid_target(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_target", description)
    }

    pub(super) fn invalid_client(description: impl Into<String>) -> Self {
        Self {
            challenge: Some("Basic realm=\"provider\", charset=\"UTF-8\""),
            ..Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
        }
    }

    /// RFC 9449 §5: the proof is malformed, or for another request.
    pub(super) fn invalid_dpop_proof(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_dpop_proof", description)
    }

    /// RFC 9449 §8: the proof needs this nonce.
    pub(super) fn use_dpop_nonce(nonce: String) -> Self {
        Self {
            nonce: Some(nonce),
            ..Self::bad_request("use_dpop_nonce", "the proof needs the nonce in DPoP-Nonce")
        }
    }

    pub(super) fn too_many_requests(description: impl Into<String>) -> Self {
        Self {
            event: Some(EventCode::Limit),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", description)
        }
    }

    /// A user has no account at a connection: 401, as Auth0 answers.
    pub(super) fn no_account(connection: &str) -> Self {
        let description = format!("the user has no such account at {connection:?}");
        Self::new(StatusCode::UNAUTHORIZED, "access_denied", description)
    }

    pub(super) fn logged_as(mut self, event: EventCode) -> Self {
        self.event = Some(event);
        self
    }

    pub(super) fn of_subject(mut self, subject: &str) -> Self {
        self.subject = Some(subject.to_owned());
        self
    }

    pub(super) fn into_answer(self) -> Answer {
        let mut answer =
            answer::json(self.status, &json!({ "error": self.code, "error_description": self.description }));
        if let Some(challenge) = self.challenge {
            answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        let nonce = self.nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok());
        if let Some(nonce) = nonce {
            answer.headers_mut().insert(DPOP_NONCE, nonce);
        }
        answer
    }
}

const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
