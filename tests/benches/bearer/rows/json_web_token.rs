//! A peer: `jsonwebtoken` in an extractor, written by hand as its documents have it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::get;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use super::issuer::{AUDIENCE, Issuer};
use super::scenario::{Scenario, Traffic, always};

/// The rows of this peer, which has no memory: a token is verified again each time.
pub(crate) fn scenarios(issuer: &Issuer) -> Vec<Scenario> {
    let app = router(issuer);
    Traffic::WITH_TOKENS
        .map(|traffic| Scenario::new("jsonwebtoken extractor", issuer, traffic, always(app.clone())))
        .into()
}

/// A router whose only handler takes the verified claims.
pub(crate) fn router(issuer: &Issuer) -> Router {
    let keys = Keys(Arc::new(HashMap::from([(issuer.kid().to_owned(), verifier(issuer))])));
    Router::new().route("/open", get(async |_: Bearer| "open")).with_state(keys)
}

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Clone, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) client_id: String,
    pub(crate) exp: u64,
    pub(crate) iat: u64,
    pub(crate) jti: String,
    pub(crate) scope: String,
}

/// The keys by their names, each with the rules for what it signed.
#[derive(Clone)]
struct Keys(Arc<HashMap<String, (DecodingKey, Validation)>>);

/// A verified token.
struct Bearer(Claims);

impl FromRequestParts<Keys> for Bearer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, keys: &Keys) -> Result<Self, StatusCode> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer "));
        let verified = token.and_then(|token| {
            let kid = decode_header(token).ok()?.kid?;
            let (key, validation) = keys.0.get(&kid)?;
            decode(token, key, validation).ok()
        });
        verified.map(|data| Self(data.claims)).ok_or(StatusCode::UNAUTHORIZED)
    }
}

fn verifier(issuer: &Issuer) -> (DecodingKey, Validation) {
    let jwk = serde_json::from_value(issuer.jwk.clone()).expect("a JWK");
    let algorithm = match issuer.algorithm.name() {
        "RS256" => Algorithm::RS256,
        _ => Algorithm::ES256,
    };
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[issuer.op.issuer()]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "exp"]);
    (DecodingKey::from_jwk(&jwk).expect("a public key"), validation)
}
