//! The keys of one provider: those that sign, those still published, and those dropped.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value, json};

use super::algorithm::SigningAlgorithm;
use super::pair::KeyPair;
use crate::testing::encoding::base64url_bytes;

/// What the keys of a provider are like; set once, at its start.
#[derive(Clone, Debug, Default)]
pub(in crate::testing) struct KeyPolicy {
    /// The algorithm of what the endpoints issue.
    pub(in crate::testing) algorithm: SigningAlgorithm,
    /// The algorithms of the keys that are published beside that one.
    pub(in crate::testing) further: Vec<SigningAlgorithm>,
    pub(in crate::testing) source: KeySource,
    pub(in crate::testing) naming: Naming,
}

/// Whether a provider signs with the keys of its process or with its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::testing) enum KeySource {
    #[default]
    Shared,
    Own,
}

/// What keys are called in the set and in the headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::testing) enum Naming {
    #[default]
    Thumbprint,
    Nameless,
}

/// The keys of one provider.
pub(in crate::testing) struct KeyRing {
    policy: KeyPolicy,
    /// The first signs what the endpoints issue.
    current: Vec<Arc<KeyPair>>,
    published: Vec<Arc<KeyPair>>,
    dropped: Vec<Arc<KeyPair>>,
    raw: Vec<Value>,
}

impl KeyRing {
    pub(in crate::testing) fn new(policy: KeyPolicy) -> Self {
        let mut ring =
            Self { policy, current: Vec::new(), published: Vec::new(), dropped: Vec::new(), raw: Vec::new() };
        ring.renew();
        ring
    }

    /// Returns the key that signs what the endpoints issue.
    pub(in crate::testing) fn current(&self) -> &KeyPair {
        &self.current[0]
    }

    /// Returns the key that signs with `algorithm`, the current one where none is named.
    pub(in crate::testing) fn of(&self, algorithm: Option<SigningAlgorithm>) -> Option<&KeyPair> {
        let wanted = |key: &&Arc<KeyPair>| algorithm.is_none_or(|algorithm| key.algorithm() == algorithm);
        self.current.iter().find(wanted).map(|key| &**key)
    }

    /// Returns the header of what `key` signs.
    pub(in crate::testing) fn header(&self, key: &KeyPair, typ: Option<&str>) -> Map<String, Value> {
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!(key.algorithm().name()));
        if let Some(typ) = typ {
            header.insert("typ".to_owned(), json!(typ));
        }
        if self.policy.naming == Naming::Thumbprint {
            header.insert("kid".to_owned(), json!(key.thumbprint()));
        }
        header
    }

    /// Returns `claims` as a JWT with header `typ`, signed by the current key.
    pub(in crate::testing) fn sign(&self, typ: &str, claims: &Value) -> String {
        let key = self.current();
        key.sign(&Value::Object(self.header(key, Some(typ))), claims)
    }

    /// Signs with new keys from now on; the old ones stay published, or are dropped.
    pub(in crate::testing) fn rotate(&mut self, keep_old: bool) {
        // The latest first, as they were while they signed.
        self.published.splice(0..0, std::mem::take(&mut self.current));
        self.renew();
        if !keep_old {
            self.dropped.append(&mut self.published);
        }
    }

    /// Publishes a JWK, whatever it is, before the others.
    pub(in crate::testing) fn publish(&mut self, jwk: Value) {
        self.raw.push(jwk);
    }

    /// Returns the JWK set (RFC 7517 §5): what was published raw, the signing keys, the old ones.
    pub(in crate::testing) fn jwks(&self) -> Value {
        let ours = self.current.iter().chain(&self.published).map(|key| self.jwk(key));
        json!({ "keys": self.raw.iter().cloned().chain(ours).collect::<Vec<Value>>() })
    }

    /// Returns the claims of a JWT which any key of this ring signed, dropped ones included.
    pub(in crate::testing) fn claims_signed_here(&self, token: &str) -> Option<Value> {
        let (input, signature) = token.rsplit_once('.')?;
        let (_, claims) = input.split_once('.')?;
        let signature = base64url_bytes(signature)?;
        self.all()
            .any(|key| key.verifies(input.as_bytes(), &signature))
            .then(|| serde_json::from_slice(&base64url_bytes(claims)?).ok())?
    }

    fn jwk(&self, key: &KeyPair) -> Value {
        let mut jwk = key.public_jwk();
        if self.policy.naming == Naming::Thumbprint {
            jwk["kid"] = json!(key.thumbprint());
        }
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(key.algorithm().name());
        jwk
    }

    fn all(&self) -> impl Iterator<Item = &Arc<KeyPair>> {
        self.current.iter().chain(&self.published).chain(&self.dropped)
    }

    /// Takes a key of each algorithm that this ring has not had.
    fn renew(&mut self) {
        let algorithms = std::iter::once(self.policy.algorithm).chain(self.policy.further.clone());
        for algorithm in algorithms {
            let had = self.all().filter(|key| key.algorithm() == algorithm).count();
            self.current.push(key(algorithm, self.policy.source, had));
        }
    }
}

/// Returns the key of a generation; equal for every sharing provider of this process.
fn key(algorithm: SigningAlgorithm, source: KeySource, generation: usize) -> Arc<KeyPair> {
    static SHARED: OnceLock<Mutex<BTreeMap<SigningAlgorithm, Vec<Arc<KeyPair>>>>> = OnceLock::new();
    if source == KeySource::Own {
        return Arc::new(KeyPair::generate(algorithm));
    }
    let mut shared = SHARED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    let keys = shared.entry(algorithm).or_default();
    while keys.len() <= generation {
        keys.push(Arc::new(KeyPair::generate(algorithm)));
    }
    Arc::clone(&keys[generation])
}
