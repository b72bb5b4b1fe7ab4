//! The configuration of a resource server, once it is known to be sound.

use std::sync::Arc;
use std::time::Duration;

use crate::algorithm::Algorithm;
use crate::claim_path::{ClaimPath, ClaimTerms};
use crate::clock::Clock;
use crate::config::base_url::BaseUrl;
use crate::config::model::ClientAuthentication;
use crate::config::resource_server::dpop::DpopPolicy;
use crate::identifier::{Audience, ClientId, Issuer};

/// How much an access token that is a JWT has to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenProfile {
    /// RFC 9068: `typ` is `at+jwt`, and `exp`, `iat`, `sub`, `client_id` and `jti` are there.
    #[default]
    Rfc9068,
    /// For providers that came before RFC 9068: `typ` may be `JWT` or absent, and of the claims only
    /// `iss`, `aud` and `exp` must be there. What tells an id token from an access token (`nonce`,
    /// `at_hash`, another `typ`) is still refused.
    ///
    /// [`manual::how_to`](crate::manual::how_to) lists what Auth0, Keycloak, Okta and Entra ID send.
    Lenient,
}

/// The configuration of a resource server: whose tokens it takes, and how it checks them.
///
/// `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct ResourceServerConfig {
    pub(crate) issuers: Vec<IssuerSettings>,
    pub(crate) realm: Audience,
    pub(crate) published: Option<PublishedResource>,
    pub(crate) dpop: Option<DpopPolicy>,
    pub(crate) token_cache_bytes: usize,
    pub(crate) introspection_cache: Duration,
    pub(crate) stale_keys: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) skew: Duration,
    pub(crate) clock: Clock,
}

/// One issuer, judged.
#[derive(Clone, Debug)]
pub(crate) struct IssuerSettings {
    pub(crate) issuer: Issuer,
    /// A token must be of one of these; never empty.
    pub(crate) audiences: Vec<Audience>,
    pub(crate) profile: TokenProfile,
    /// `None` is whatever the key allows.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// `None` is `scope`, or `scp` where there is no `scope`.
    pub(crate) scope_claims: Option<Vec<ClaimPath>>,
    pub(crate) terms: Arc<ClaimTerms>,
    /// `None` is the one of the issuer's metadata.
    pub(crate) jwks_uri: Option<String>,
    pub(crate) introspection: Option<Introspection>,
}

/// How an issuer is asked about tokens (RFC 7662 §2.1).
#[derive(Clone, Debug)]
pub(crate) struct Introspection {
    pub(crate) client_id: ClientId,
    pub(crate) authentication: ClientAuthentication,
    /// `None` is the one of the issuer's metadata.
    pub(crate) endpoint: Option<String>,
}

/// What the metadata of the protected resource says (RFC 9728 §2).
#[derive(Clone, Debug)]
pub(crate) struct PublishedResource {
    pub(crate) base_url: BaseUrl,
    pub(crate) name: Option<String>,
    pub(crate) documentation: Option<String>,
    pub(crate) scopes: Vec<String>,
}
