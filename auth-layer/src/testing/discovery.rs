//! Provider metadata (OpenID Connect Discovery 1.0 §3, RFC 8414).

use serde_json::{Value, json};

use super::faults::Endpoint;
use super::keys::SigningAlgorithm;
use super::settings::Settings;
use super::token::{FEDERATED_CONNECTION, TOKEN_EXCHANGE};

/// Returns the metadata document.
pub(super) fn metadata(settings: &Settings) -> Value {
    let mut scopes = vec!["openid", "profile", "email", "offline_access"];
    scopes.extend(settings.apis.values().flatten().map(String::as_str));
    scopes.sort_unstable();
    scopes.dedup();
    let algorithms: Vec<&str> = SigningAlgorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
    json!({
        "issuer": settings.issuer,
        "authorization_endpoint": settings.url(Endpoint::Authorize),
        "token_endpoint": settings.url(Endpoint::Token),
        "userinfo_endpoint": settings.url(Endpoint::UserInfo),
        "jwks_uri": settings.url(Endpoint::Jwks),
        "introspection_endpoint": settings.url(Endpoint::Introspection),
        "revocation_endpoint": settings.url(Endpoint::Revocation),
        "end_session_endpoint": settings.url(Endpoint::EndSession),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials", TOKEN_EXCHANGE, FEDERATED_CONNECTION,
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [settings.keys.algorithm.name()],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "dpop_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "at_hash", "sid",
            "name", "preferred_username", "email", "email_verified", "roles", "org_id",
        ],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    })
}
