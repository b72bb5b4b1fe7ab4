//! Sender-constrained tokens (RFC 9449): what a resource server asks of a proof.

use std::time::Duration;

use crate::secret::Secret;

/// What is asked of a client that proves possession of its key; see
/// [`ResourceServerConfigBuilder::with_dpop`](crate::config::ResourceServerConfigBuilder::with_dpop).
#[derive(Clone, Debug)]
#[must_use]
pub struct DpopPolicy {
    pub(crate) is_required: bool,
    pub(crate) max_age: Duration,
    pub(crate) nonce: Option<NonceKey>,
}

/// What nonces are made with.
#[derive(Clone, Debug)]
pub(crate) enum NonceKey {
    /// Chosen at the start: nonces are good at this process alone.
    OfThisProcess,
    /// Shared, so that a nonce is good at every instance.
    Shared(Secret<String>),
}

impl DpopPolicy {
    /// Takes proofs that are at most 60 seconds old, beside plain bearer tokens, and asks for no nonce.
    pub const fn new() -> Self {
        Self { is_required: false, max_age: Duration::from_secs(60), nonce: None }
    }

    /// Refuses every token that is not bound to a key (`dpop_bound_access_tokens_required`, RFC 9728 §2).
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// Takes proofs up to this age, and as far ahead of our clock; default 60 seconds, which is also the most.
    pub const fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// Demands a nonce of ours in each proof (RFC 9449 §9), so that none can be made ahead of time.
    ///
    /// A nonce is good for twice the age that a proof may have; a client without one gets 401
    /// `use_dpop_nonce` with the `DPoP-Nonce` to use. Nonces are made with a key that this process
    /// chooses: behind a load balancer use [`DpopPolicy::with_nonce_key`].
    pub fn with_nonce(mut self) -> Self {
        self.nonce = Some(NonceKey::OfThisProcess);
        self
    }

    /// As [`DpopPolicy::with_nonce`], with a key of 32 bytes or more that all instances share.
    pub fn with_nonce_key(mut self, key: impl Into<Secret<String>>) -> Self {
        self.nonce = Some(NonceKey::Shared(key.into()));
        self
    }
}

impl Default for DpopPolicy {
    fn default() -> Self {
        Self::new()
    }
}
