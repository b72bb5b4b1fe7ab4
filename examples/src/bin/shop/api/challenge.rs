//! What the API answers to a request that brings no token that will do (RFC 6750 §3).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// There is no token: nothing is said but how to bring one.
    NoToken,
    /// The token is unknown, ended, or of another API.
    InvalidToken,
    /// The token is good, but not for this.
    InsufficientScope(&'static str),
    /// The provider does not say whether the token is good.
    Undecided,
}

impl Challenge {
    fn status(self) -> StatusCode {
        match self {
            Self::NoToken | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::Undecided => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn challenge(self) -> Option<String> {
        match self {
            Self::NoToken => Some("Bearer".to_owned()),
            Self::InvalidToken => Some(r#"Bearer error="invalid_token""#.to_owned()),
            Self::InsufficientScope(scope) => {
                Some(format!(r#"Bearer error="insufficient_scope", scope="{scope}""#))
            }
            Self::Undecided => None,
        }
    }

    fn detail(self) -> String {
        match self {
            Self::NoToken => "bring an access token in the Authorization header".to_owned(),
            Self::InvalidToken => "the access token is unknown, ended, or of another API".to_owned(),
            Self::InsufficientScope(scope) => format!("the access token lacks the scope {scope}"),
            Self::Undecided => "the provider does not say whether the token is good: try again".to_owned(),
        }
    }
}

impl IntoResponse for Challenge {
    fn into_response(self) -> Response {
        let status = self.status();
        let problem =
            json!({ "status": status.as_u16(), "title": status.canonical_reason(), "detail": self.detail() });
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        // Scopes are ours, and hold nothing that a header could not.
        if let Some(challenge) = self.challenge().and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if self == Self::Undecided {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_status_and_its_challenge() {
        let cases = [
            (Challenge::NoToken, 401, Some("Bearer")),
            (Challenge::InvalidToken, 401, Some(r#"Bearer error="invalid_token""#)),
            (
                Challenge::InsufficientScope("write:products"),
                403,
                Some(r#"Bearer error="insufficient_scope", scope="write:products""#),
            ),
            (Challenge::Undecided, 503, None),
        ];
        for (refusal, status, challenge) in cases {
            let response = refusal.into_response();
            assert_eq!(response.status(), status, "{refusal:?}");
            let seen = response.headers().get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
            assert_eq!(seen, challenge, "{refusal:?}");
        }
    }
}
