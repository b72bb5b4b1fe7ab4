//! A client's key for proofs of possession, good and bad ones.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::testing::SigningAlgorithm;
use crate::testing::encoding::{base64url, random, sha256};
use crate::testing::keys::KeyPair;

/// A client's key, which signs DPoP proofs (RFC 9449 §4); its clones are the same key.
///
/// ```
/// use auth_layer::testing::{DpopKey, IdentityProvider, TestAccessToken};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let op = IdentityProvider::start().await;
/// let key = DpopKey::generate();
/// let token = op.issue_access_token(TestAccessToken::new("ada").bound_to(key.thumbprint()));
///
/// // Good: for this request and this token.
/// let url = "http://127.0.0.1:3000/products";
/// let good = key.proof("GET", url, Some(&token), None);
/// // Bad: for another method, and with a type that it should not have.
/// let bad = key.proof_with("POST", url, Some(&token), None, |header, claims| {
///     header["typ"] = "JWT".into();
///     claims["jti"] = 1.into();
/// });
/// assert_ne!(good, bad);
/// # }
/// ```
#[derive(Clone)]
#[must_use]
pub struct DpopKey {
    pair: Arc<KeyPair>,
    clock: Clock,
}

impl DpopKey {
    /// Generates a key that signs with ES256 and tells its time by the system's clock.
    pub fn generate() -> Self {
        Self::generate_for(SigningAlgorithm::Es256)
    }

    /// Generates a key that signs with `algorithm`.
    pub fn generate_for(algorithm: SigningAlgorithm) -> Self {
        Self { pair: Arc::new(KeyPair::generate(algorithm)), clock: Clock::system() }
    }

    /// Takes the time of proofs from `clock`.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Returns the thumbprint of the public key (RFC 7638), the `jkt` of a token that is bound to it.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.pair.thumbprint().to_owned()
    }

    /// Returns the public key as a JWK.
    #[must_use]
    pub fn jwk(&self) -> Value {
        self.pair.public_jwk()
    }

    /// Returns a proof for a request, the value of its `DPoP` header; every proof is a new one.
    ///
    /// `url` loses its query and fragment (RFC 9449 §4.2). `access_token` is the token that the
    /// request carries, none at a token endpoint; `nonce` is what the server asked for.
    #[must_use]
    pub fn proof(&self, method: &str, url: &str, access_token: Option<&str>, nonce: Option<&str>) -> String {
        self.proof_with(method, url, access_token, nonce, |_, _| {})
    }

    /// Returns a proof whose header and claims `change` has bent before this key signed them.
    #[must_use]
    pub fn proof_with(
        &self,
        method: &str,
        url: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
        change: impl FnOnce(&mut Value, &mut Value),
    ) -> String {
        let mut header = json!({ "typ": "dpop+jwt", "alg": self.pair.algorithm().name(), "jwk": self.jwk() });
        let target = url.split(['?', '#']).next().unwrap_or_default();
        let now = self.clock.now().unix_seconds();
        let mut claims = json!({ "jti": random(), "htm": method, "htu": target, "iat": now });
        if let Some(access_token) = access_token {
            claims["ath"] = json!(base64url(sha256(access_token.as_bytes())));
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        change(&mut header, &mut claims);
        self.pair.sign(&header, &claims)
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey")
            .field("algorithm", &self.pair.algorithm())
            .field("thumbprint", &self.pair.thumbprint())
            .finish_non_exhaustive()
    }
}
