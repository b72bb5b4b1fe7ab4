//! The configuration, once it is known to be sound.

use std::sync::Arc;
use std::time::Duration;

use crate::claim_path::ClaimTerms;
use crate::clock::Clock;
use crate::config::audience_scopes::AudienceScopes;
use crate::config::base_url::BaseUrl;
use crate::config::client_credentials::MachinePolicy;
use crate::config::policies::{LoginPolicy, Paths, RefreshPolicy, SessionPolicy};
use crate::config::resource_server::ResourceServerConfig;
use crate::config::session_key::SessionKey;
use crate::identifier::{Audience, ClientId, Issuer};
use crate::scope::ScopeSet;
use crate::secret::Secret;

/// How the client proves who it is at the token endpoint (RFC 6749 §2.3).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_basic`: in the `Authorization` header, each part form-urlencoded first.
    Basic(Secret<String>),
    /// `client_secret_post`: in the form.
    Post(Secret<String>),
    /// A public client; PKCE protects its code.
    None,
}

impl ClientAuthentication {
    /// What the client proves itself with; of a public one nothing.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::Basic(secret) | Self::Post(secret) => secret.expose(),
            Self::None => "",
        }
    }
}

/// How the provider is told which API a token is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AudienceParameter {
    /// `audience` and, for an absolute URI, `resource`: a provider ignores what it does not know.
    #[default]
    Both,
    /// `audience` (Auth0).
    Audience,
    /// `resource` (RFC 8707).
    Resource,
    /// Nothing: the provider derives it from scopes (Entra ID refuses `resource`).
    Neither,
}

/// When the session of a request is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionLoading {
    /// When a handler asks for it; a public route costs nothing.
    #[default]
    OnDemand,
    /// Before the inner service runs, so that `Session`, `User` and `AccessToken` are among the
    /// request's extensions; for services without extractors. The token is refreshed if need be,
    /// whatever the request is for. Where they could not be had, a
    /// [`Rejection`](crate::gate::Rejection) is there instead and says why.
    EachRequest,
}

/// Whether claims are also fetched from the userinfo endpoint at login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserInfo {
    /// The id token's claims are enough.
    #[default]
    Skip,
    /// Fetched once, at login (OpenID Connect Core §5.3).
    ///
    /// A provider that binds access tokens to one API refuses them at its userinfo endpoint; the id
    /// token's claims are all there is then, and a warning is logged.
    Fetch,
}

/// The configuration of [`Auth`](crate::Auth): one client at one OpenID provider.
///
/// `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    pub(crate) issuer: Issuer,
    pub(crate) client_id: ClientId,
    pub(crate) client_authentication: ClientAuthentication,
    pub(crate) audience: Option<Audience>,
    pub(crate) further_audiences: Vec<Audience>,
    pub(crate) audience_scopes: AudienceScopes,
    pub(crate) audience_parameter: AudienceParameter,
    pub(crate) scopes: ScopeSet,
    pub(crate) base_url: BaseUrl,
    pub(crate) session_keys: Vec<SessionKey>,
    pub(crate) paths: Paths,
    pub(crate) session: SessionPolicy,
    pub(crate) session_loading: SessionLoading,
    pub(crate) refresh: RefreshPolicy,
    pub(crate) login: LoginPolicy,
    pub(crate) max_age: Option<Duration>,
    pub(crate) terms: Arc<ClaimTerms>,
    pub(crate) user_info: UserInfo,
    pub(crate) authorization_parameters: Vec<(String, String)>,
    pub(crate) login_parameters: Vec<String>,
    pub(crate) allowed_return_origins: Vec<String>,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) skew: Duration,
    pub(crate) clock: Clock,
    pub(crate) resource_server: Option<ResourceServerConfig>,
    pub(crate) machine: MachinePolicy,
}
