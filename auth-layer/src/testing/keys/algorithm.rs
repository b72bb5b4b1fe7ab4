//! Signature algorithms (RFC 7518 §3.1, RFC 8037 §3.1).

/// How tokens and proofs are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 and a key of 2048 bits, the default.
    #[default]
    Rs256,
    /// RSASSA-PSS with SHA-256 and a key of 2048 bits.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// EdDSA on Ed25519.
    EdDsa,
}

impl SigningAlgorithm {
    /// Every algorithm that the provider signs with.
    pub const ALL: &'static [Self] = &[Self::Rs256, Self::Ps256, Self::Es256, Self::Es384, Self::EdDsa];

    /// Returns the name in the registry of RFC 7518 §7.1.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Returns the algorithm of this name, which is case-sensitive.
    pub(in crate::testing) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}
