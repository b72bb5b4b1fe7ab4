//! A key pair of the test's own, published by the provider: it signs any text whatever.

use std::sync::OnceLock;

use auth_layer::testing::{Endpoint, Fault};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::app::App;
use super::forgery::encoded;

/// An ES256 key pair, the same in the whole run.
pub(crate) struct OwnKey(EcdsaKeyPair);

impl App {
    /// An application whose provider publishes the test's key beside its own.
    pub(crate) async fn with_own_key() -> (Self, &'static OwnKey) {
        let app = Self::start().await;
        let key = OwnKey::get();
        app.publish(move |keys| keys.push(key.jwk()));
        (app, key)
    }

    /// Bends the keys that the provider publishes.
    pub(crate) fn publish(&self, change: impl Fn(&mut Vec<Value>) + Send + Sync + 'static) {
        let change = Fault::rewrite(move |jwks| change(jwks["keys"].as_array_mut().unwrap()));
        self.op.fault(Endpoint::Jwks, change);
    }
}

impl OwnKey {
    pub(crate) fn get() -> &'static Self {
        static KEY: OnceLock<OwnKey> = OnceLock::new();
        KEY.get_or_init(|| Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()))
    }

    /// The public key, under the name `own`.
    pub(crate) fn jwk(&self) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        json!({ "kty": "EC", "crv": "P-256", "kid": "own", "alg": "ES256", "x": encoded(x), "y": encoded(y) })
    }

    /// Returns a JWT whose claims are this text.
    pub(crate) fn sign(&self, claims: &str) -> String {
        self.sign_raw(r#"{"alg":"ES256","kid":"own"}"#, claims)
    }

    /// Returns a JWS of any two texts.
    pub(crate) fn sign_raw(&self, header: &str, claims: &str) -> String {
        let input = format!("{}.{}", encoded(header), encoded(claims));
        let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", encoded(signature.as_ref()))
    }
}
