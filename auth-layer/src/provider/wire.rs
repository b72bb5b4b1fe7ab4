//! The names on the wire, and nothing but.

use serde::Deserialize;

/// Provider metadata (OpenID Connect Discovery §3, RFC 8414 §2).
#[derive(Debug, Deserialize)]
pub(crate) struct MetadataDocument {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Option<String>,
    pub(crate) token_endpoint: Option<String>,
    pub(crate) jwks_uri: Option<String>,
    pub(crate) userinfo_endpoint: Option<String>,
    pub(crate) revocation_endpoint: Option<String>,
    pub(crate) end_session_endpoint: Option<String>,
    pub(crate) introspection_endpoint: Option<String>,
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

/// A token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3, RFC 8693 §2.2.1).
#[derive(Deserialize)]
pub(crate) struct TokenDocument {
    pub(crate) access_token: String,
    pub(crate) token_type: String,
    pub(crate) expires_in: Option<Seconds>,
    pub(crate) scope: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
    pub(crate) issued_token_type: Option<String>,
}

/// Some providers send seconds as a string.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub(crate) struct Seconds(pub(crate) u64);

impl TryFrom<serde_json::Value> for Seconds {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        let seconds = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        seconds.map(Self).ok_or("expires_in is no number of seconds")
    }
}

/// An error response (RFC 6749 §5.2).
#[derive(Debug, Deserialize)]
pub(crate) struct ErrorDocument {
    pub(crate) error: String,
}

/// The parameters of requests.
pub(crate) mod parameter {
    pub(crate) const AUDIENCE: &str = "audience";
    pub(crate) const RESOURCE: &str = "resource";
    pub(crate) const CLIENT_ID: &str = "client_id";
    pub(crate) const CLIENT_SECRET: &str = "client_secret";
    pub(crate) const GRANT_TYPE: &str = "grant_type";
    pub(crate) const CODE: &str = "code";
    pub(crate) const CODE_VERIFIER: &str = "code_verifier";
    pub(crate) const CODE_CHALLENGE: &str = "code_challenge";
    pub(crate) const CODE_CHALLENGE_METHOD: &str = "code_challenge_method";
    pub(crate) const REDIRECT_URI: &str = "redirect_uri";
    pub(crate) const RESPONSE_TYPE: &str = "response_type";
    pub(crate) const REFRESH_TOKEN: &str = "refresh_token";
    pub(crate) const SCOPE: &str = "scope";
    pub(crate) const STATE: &str = "state";
    pub(crate) const ORGANIZATION: &str = "organization";
    pub(crate) const NONCE: &str = "nonce";
    pub(crate) const MAX_AGE: &str = "max_age";
    pub(crate) const TOKEN: &str = "token";
    pub(crate) const TOKEN_TYPE_HINT: &str = "token_type_hint";
    pub(crate) const ID_TOKEN_HINT: &str = "id_token_hint";
    pub(crate) const POST_LOGOUT_REDIRECT_URI: &str = "post_logout_redirect_uri";
    pub(crate) const SUBJECT_TOKEN: &str = "subject_token";
    pub(crate) const SUBJECT_TOKEN_TYPE: &str = "subject_token_type";
    pub(crate) const ACTOR_TOKEN: &str = "actor_token";
    pub(crate) const ACTOR_TOKEN_TYPE: &str = "actor_token_type";
    pub(crate) const REQUESTED_TOKEN_TYPE: &str = "requested_token_type";
    pub(crate) const CONNECTION: &str = "connection";
    pub(crate) const LOGIN_HINT: &str = "login_hint";
}

/// What some parameters may be.
pub(crate) mod value {
    pub(crate) const CODE: &str = "code";
    pub(crate) const AUTHORIZATION_CODE: &str = "authorization_code";
    pub(crate) const CLIENT_CREDENTIALS: &str = "client_credentials";
    pub(crate) const REFRESH_TOKEN: &str = "refresh_token";
    pub(crate) const ACCESS_TOKEN: &str = "access_token";
    /// RFC 8693 §2.1.
    pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
    /// Auth0's Token Vault.
    pub(crate) const FEDERATED_CONNECTION: &str =
        "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";
}

/// The types of tokens (RFC 8693 §3).
pub(crate) mod token_type {
    pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
    pub(crate) const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
    pub(crate) const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
    /// Auth0's, of what a connection's provider issued.
    pub(crate) const FEDERATED: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";
}
