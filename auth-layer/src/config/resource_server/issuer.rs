//! An issuer whose access tokens are taken.

use crate::algorithm::Algorithm;
use crate::claim_path::{ClaimPath, ClaimPaths};
use crate::config::model::ClientAuthentication;
use crate::config::resource_server::model::{Introspection, TokenProfile};
use crate::identifier::{Audience, ClientId};
use crate::secret::Secret;

/// An issuer whose access tokens a resource server takes, chosen by the exact `iss` of a token.
#[derive(Clone, Debug)]
#[must_use]
pub struct TrustedIssuer {
    pub(super) issuer: String,
    pub(super) audiences: Vec<Audience>,
    pub(super) profile: TokenProfile,
    pub(super) algorithms: Option<Vec<Algorithm>>,
    pub(super) scope_claims: Option<Vec<ClaimPath>>,
    pub(super) claims: ClaimPaths,
    pub(super) jwks_uri: Option<String>,
    pub(super) introspection: Option<Introspection>,
    pub(super) introspection_endpoint: Option<String>,
}

impl TrustedIssuer {
    /// Trusts an issuer, written as its metadata and its tokens write it.
    pub fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audiences: Vec::new(),
            profile: TokenProfile::default(),
            algorithms: None,
            scope_claims: None,
            claims: ClaimPaths::default(),
            jwks_uri: None,
            introspection: None,
            introspection_endpoint: None,
        }
    }

    /// Takes tokens of this audience from this issuer, in place of the resource server's own; may be
    /// said several times, and any one of them will do.
    pub fn add_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Default: [`TokenProfile::Rfc9068`].
    pub const fn with_profile(mut self, profile: TokenProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Takes these algorithms only (RFC 8725 §3.1); default: those that go with the issuer's keys.
    ///
    /// A key is bound to its own algorithms in any case: this list can only take some away.
    pub fn with_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms = Some(algorithms.into_iter().collect());
        self
    }

    /// Reads scopes from these claims, all taken together; default: `scope`, or `scp` where there is no
    /// `scope`.
    ///
    /// Auth0's `permissions` and Keycloak's roles say what the user may do, not what the client was
    /// allowed to do for the user: add them only where your API means that.
    pub fn with_scope_claims(mut self, claims: impl IntoIterator<Item = ClaimPath>) -> Self {
        self.scope_claims = Some(claims.into_iter().collect());
        self
    }

    /// Reads the permissions that `#[require_auth(permissions = [..])]` asks for from these claims, all
    /// taken together; default: `permissions`, as Auth0's RBAC writes it.
    ///
    /// A claim is a list of strings, one string, or an object whose members are named so; one of another
    /// type holds nothing.
    pub fn with_permissions_claims(mut self, claims: impl IntoIterator<Item = ClaimPath>) -> Self {
        self.claims.permissions = claims.into_iter().collect();
        self
    }

    /// Reads the roles that `#[require_auth(roles = [..])]` asks for from these claims, as
    /// [`TrustedIssuer::with_permissions_claims`] does; default: `roles` and Keycloak's
    /// `realm_access.roles`.
    pub fn with_roles_claims(mut self, claims: impl IntoIterator<Item = ClaimPath>) -> Self {
        self.claims.roles = claims.into_iter().collect();
        self
    }

    /// Reads the organization that `#[require_auth(organization)]` asks for from these claims, as
    /// [`TrustedIssuer::with_permissions_claims`] does; default: Auth0's `org_id` and `org_name`.
    ///
    /// Keycloak writes `organization`.
    pub fn with_organization_claims(mut self, claims: impl IntoIterator<Item = ClaimPath>) -> Self {
        self.claims.organization = claims.into_iter().collect();
        self
    }

    /// Fetches the keys here; default: the `jwks_uri` of the issuer's metadata.
    pub fn with_jwks_uri(mut self, jwks_uri: &str) -> Self {
        self.jwks_uri = Some(jwks_uri.to_owned());
        self
    }

    /// Asks the issuer about opaque tokens (RFC 7662), as this client with its secret
    /// (`client_secret_basic`); default: opaque tokens are refused.
    pub fn with_introspection(self, client_id: &str, client_secret: impl Into<Secret<String>>) -> Self {
        self.with_introspection_as(client_id, ClientAuthentication::Basic(client_secret.into()))
    }

    /// As [`TrustedIssuer::with_introspection`], authenticated in another way.
    pub fn with_introspection_as(mut self, client_id: &str, authentication: ClientAuthentication) -> Self {
        let client_id = ClientId::from(client_id);
        self.introspection = Some(Introspection { client_id, authentication, endpoint: None });
        self
    }

    /// Asks here about opaque tokens; default: the `introspection_endpoint` of the issuer's metadata.
    pub fn with_introspection_endpoint(mut self, endpoint: &str) -> Self {
        self.introspection_endpoint = Some(endpoint.to_owned());
        self
    }
}
