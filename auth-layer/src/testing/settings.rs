//! What a provider is told once, at its start.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::faults::Endpoint;
use super::keys::KeyPolicy;
use crate::clock::Timestamp;

/// What happens to a refresh token that is used (RFC 9700 §4.14.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// The token stays as it is, and the answer carries none.
    Never,
    /// A token is good once; a second use kills every token of the grant. The default.
    #[default]
    Strict,
    /// As [`Rotation::Strict`], but a token may be used again this long after its first use.
    Overlap(Duration),
}

/// Whether a proof needs a nonce of the provider (RFC 9449 §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ProofNonce {
    #[default]
    Unasked,
    Demanded,
}

/// How many client-credentials tokens a client or organization may get.
#[derive(Clone, Copy, Debug)]
pub(super) struct MachineQuota {
    pub(super) per_hour: u64,
    pub(super) per_day: u64,
}

/// The settings of a running provider.
pub(super) struct Settings {
    pub(super) issuer: String,
    pub(super) port: u16,
    pub(super) started: Timestamp,
    pub(super) access_token_lifetime: Duration,
    pub(super) id_token_lifetime: Duration,
    pub(super) refresh_token_lifetime: Duration,
    pub(super) rotation: Rotation,
    pub(super) keys: KeyPolicy,
    pub(super) proof_nonce: ProofNonce,
    pub(super) default_audience: Option<String>,
    pub(super) apis: BTreeMap<String, Vec<String>>,
    pub(super) machine_quota: Option<MachineQuota>,
    /// The token types of its clients' own that it exchanges.
    pub(super) exchange_profiles: BTreeSet<String>,
}

impl Settings {
    /// Returns the address of an endpoint.
    pub(super) fn url(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.issuer.trim_end_matches('/'), endpoint.path())
    }

    /// Returns the audience of the management API, whose tokens cost no quota.
    pub(super) fn management_audience(&self) -> String {
        format!("{}/api/v2/", self.issuer.trim_end_matches('/'))
    }

    /// Returns the name of the single sign-on cookie.
    pub(super) fn session_cookie(&self) -> String {
        // A cookie does not know its port: two providers on one loopback must not share a name.
        format!("op_session_{}", self.port)
    }
}

/// How long an authorization code lives (RFC 6749 §4.1.2 allows ten minutes at most).
pub(super) const CODE_LIFETIME: Duration = Duration::from_secs(60);

/// How long a login page may be looked at.
pub(super) const LOGIN_LIFETIME: Duration = Duration::from_secs(600);

/// How far the time of a proof may be from the provider's, before or after (RFC 9449 §11.1).
pub(super) const PROOF_WINDOW: Duration = Duration::from_secs(60);

/// How long a nonce for a proof is good (RFC 9449 §8).
pub(super) const PROOF_NONCE_LIFETIME: Duration = Duration::from_secs(300);
