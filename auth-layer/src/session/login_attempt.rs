//! A login under way: what the browser keeps for us, sealed, until the provider sends it back.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::identifier::Issuer;
use crate::one_time::CodeVerifier;

/// One login under way.
#[derive(Clone, Debug)]
pub(crate) struct LoginAttempt {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_verifier: CodeVerifier,
    pub(crate) return_to: String,
    pub(crate) redirect_uri: String,
    pub(crate) issuer: Issuer,
    pub(crate) max_age: Option<std::time::Duration>,
    /// The classes of authentication of which one was demanded; empty for any.
    pub(crate) acr_values: Vec<String>,
    pub(crate) started_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    state: &'a str,
    nonce: &'a str,
    code_verifier: &'a str,
    return_to: &'a str,
    redirect_uri: &'a str,
    issuer: &'a str,
    max_age: Option<u64>,
    acr_values: Vec<&'a str>,
    started_at: Timestamp,
}

impl LoginAttempt {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let wire = Wire {
            state: &self.state,
            nonce: &self.nonce,
            code_verifier: self.code_verifier.expose(),
            return_to: &self.return_to,
            redirect_uri: &self.redirect_uri,
            issuer: self.issuer.as_str(),
            max_age: self.max_age.map(|age| age.as_secs()),
            acr_values: self.acr_values.iter().map(String::as_str).collect(),
            started_at: self.started_at,
        };
        postcard::to_extend(&wire, vec![VERSION]).expect("strings and numbers always have a compact form")
    }

    pub(crate) fn decode(plaintext: &[u8]) -> Option<Self> {
        let [VERSION, body @ ..] = plaintext else { return None };
        let (wire, rest) = postcard::take_from_bytes::<Wire<'_>>(body).ok()?;
        rest.is_empty().then(|| Self {
            state: wire.state.to_owned(),
            nonce: wire.nonce.to_owned(),
            code_verifier: CodeVerifier::from_sealed(wire.code_verifier),
            return_to: wire.return_to.to_owned(),
            redirect_uri: wire.redirect_uri.to_owned(),
            issuer: Issuer::from(wire.issuer),
            max_age: wire.max_age.map(std::time::Duration::from_secs),
            acr_values: wire.acr_values.into_iter().map(str::to_owned).collect(),
            started_at: wire.started_at,
        })
    }
}

const VERSION: u8 = 2;
