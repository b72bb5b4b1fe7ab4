//! What a token for a test is like.

use std::time::Duration;

use serde_json::Value;

use super::shape::Shape;
use crate::clock::Timestamp;
use crate::testing::keys::SigningAlgorithm;
use crate::testing::provider::DEFAULT_CLIENT_ID;

/// An access token to be had without a flow; see
/// [`IdentityProvider::issue_access_token`](crate::testing::IdentityProvider::issue_access_token).
///
/// Without more it is a JWT of RFC 9068. What the token means (subject, client, audience, scope,
/// times, key) is set apart from its shape, which names the claims; a claim or a header member that
/// is replaced or removed comes last, and changes what the token says, not what the provider knows:
/// a token with `with_claim("exp", 0)` is active at introspection.
///
/// # Example
/// ```
/// use auth_layer::testing::{IdentityProvider, TestAccessToken, User};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let op = IdentityProvider::start().await;
/// let ada = TestAccessToken::new(User::ada().subject())
///     .with_audience("https://api.shop.example")
///     .with_scopes("read:products")
///     .with_client_id("spa");
/// // Good.
/// let good = op.issue_access_token(ada.clone());
/// // Bad, each in one way.
/// let of_another_api = op.issue_access_token(ada.clone().with_audience("https://billing.example"));
/// let of_an_odd_type = op.issue_access_token(ada.clone().with_claim("exp", "tomorrow"));
/// let of_nobody = op.issue_access_token(ada.without_claim("sub"));
/// # let _ = (good, of_another_api, of_an_odd_type, of_nobody);
/// # }
/// ```
///
/// # Shapes
/// What providers send by default, in their own documents and in tokens that were published:
///
/// | | header `typ` | client | scope | roles, permissions | a machine's token |
/// |---|---|---|---|---|---|
/// | RFC 9068 | `at+jwt` | `client_id` | `scope`, a list in a string | `roles`, `permissions` | `sub` is the client, `gty` |
/// | Auth0 | `JWT` | `azp` | `scope`, a list in a string | `permissions` (where RBAC is on) | `sub` is the client with `@clients`, `gty` |
/// | Keycloak | `JWT` | `azp` | `scope`, a list in a string | `realm_access.roles`, `resource_access` | `sub` is a service account, `client_id`, `preferred_username` |
/// | Okta | none | `cid` | `scp`, an array | none | `sub` is the client, no `uid` |
/// | Entra ID v2.0 | `JWT` | `azp` | `scp`, a list in a string | `roles` | no `scp`; `roles` is what it may do |
/// | Entra ID v1.0 | `JWT` | `appid` | `scp`, a list in a string | `roles` | no `scp`; `roles` is what it may do |
///
/// - Auth0 sends `jti` and `client_id` only in its RFC 9068 profile, which is the default here
///   but for `gty`. `aud` is an array with `/userinfo` where the scope has `openid`.
/// - Keycloak has a claim `typ`, `Bearer` or `DPoP`; an option per client, off by default, makes
///   the header `at+jwt`. `aud` has the API where a mapper adds it, and `account`.
/// - Okta's `sub` is the login name of a person, whose id is `uid`; `jti` begins with `AT.`.
/// - Entra ID sends `uti` in place of `jti`, always `nbf`, and `ver` as a string, Okta as a number.
/// - The issuer is this provider's in every shape, so that its keys are found.
#[derive(Clone, Debug)]
#[must_use]
pub struct TestAccessToken {
    pub(super) holder: Holder,
    pub(super) client_id: String,
    pub(super) audience: Vec<String>,
    pub(super) scope: Vec<String>,
    pub(super) permissions: Option<Vec<String>>,
    pub(super) roles: Vec<String>,
    pub(super) issued: Option<Timestamp>,
    pub(super) not_before: Option<Timestamp>,
    pub(super) expiry: Expiry,
    pub(super) key: Option<String>,
    pub(super) shape: Shape,
    pub(super) form: Form,
    pub(super) algorithm: Option<SigningAlgorithm>,
    pub(super) claims: Vec<Change>,
    pub(super) header: Vec<Change>,
}

/// Whom a token stands for.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    User(String),
    Client,
}

/// When a token ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expiry {
    Default,
    After(Duration),
    At(Timestamp),
}

/// Whether a token tells anything by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Jwt,
    Opaque,
}

/// A member that is replaced, or removed.
pub(super) type Change = (String, Option<Value>);

impl TestAccessToken {
    /// Begins a person's token: a JWT of RFC 9068 for `https://api.shop.example` and the default
    /// client, without a scope.
    ///
    /// `subject` is the `sub`, as it is; [`User::subject`](crate::testing::User::subject) is that of
    /// a user whom the provider knows.
    pub fn new(subject: impl Into<String>) -> Self {
        Self::of(Holder::User(subject.into()), DEFAULT_CLIENT_ID.to_owned())
    }

    /// Begins a machine's token, by client credentials: the subject is the client, and `gty` says so.
    pub fn for_client(client_id: impl Into<String>) -> Self {
        Self::of(Holder::Client, client_id.into())
    }

    fn of(holder: Holder, client_id: String) -> Self {
        Self {
            holder,
            client_id,
            audience: vec!["https://api.shop.example".to_owned()],
            scope: Vec::new(),
            permissions: None,
            roles: Vec::new(),
            issued: None,
            not_before: None,
            expiry: Expiry::Default,
            key: None,
            shape: Shape::Rfc9068,
            form: Form::Jwt,
            algorithm: None,
            claims: Vec::new(),
            header: Vec::new(),
        }
    }

    /// Replaces the client that the token was issued to, which is the subject of a machine's token.
    pub fn with_client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// Replaces the API that the token is for.
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = vec![audience.into()];
        self
    }

    /// Adds an API that the token is for: `aud` becomes an array.
    pub fn add_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience.push(audience.into());
        self
    }

    /// Grants these scopes, a space-delimited list.
    pub fn with_scopes(mut self, scopes: &str) -> Self {
        self.scope = scopes.split_ascii_whitespace().map(str::to_owned).collect();
        self
    }

    /// Replaces the permissions; default is none, and in Auth0's shape the scopes of the API.
    ///
    /// Only RFC 9068 and Auth0 have a claim for them.
    pub fn with_permissions(mut self, permissions: &[&str]) -> Self {
        self.permissions = Some(permissions.iter().map(|permission| (*permission).to_owned()).collect());
        self
    }

    /// Replaces the roles; default is none.
    ///
    /// Neither Auth0 nor Okta has a claim for them.
    pub fn with_roles(mut self, roles: &[&str]) -> Self {
        self.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self
    }

    /// Ends the token this long after its issue; default is as the provider's settings say.
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.expiry = Expiry::After(lifetime);
        self
    }

    /// Replaces the time of issue (`iat`); default is the provider's present time.
    pub fn with_issued_at(mut self, time: Timestamp) -> Self {
        self.issued = Some(time);
        self
    }

    /// Ends the token at this time (`exp`), also one before its issue.
    pub fn with_expires_at(mut self, time: Timestamp) -> Self {
        self.expiry = Expiry::At(time);
        self
    }

    /// Adds the time before which the token is not good (`nbf`).
    pub fn with_not_before(mut self, time: Timestamp) -> Self {
        self.not_before = Some(time);
        self
    }

    /// Binds the token to the key of this thumbprint (`cnf.jkt`, RFC 9449 §6).
    pub fn bound_to(mut self, jkt: impl Into<String>) -> Self {
        self.key = Some(jkt.into());
        self
    }

    /// Replaces a claim, or adds it: last of all, of any JSON type.
    pub fn with_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Removes a claim: last of all.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.push((name.to_owned(), None));
        self
    }

    /// Replaces a member of the header, or adds it; the signature stays that of the key.
    pub fn with_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Removes a member of the header, such as `kid` or `typ`.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.push((name.to_owned(), None));
        self
    }

    /// Signs with the provider's key of this algorithm; default is the key that signs what its
    /// endpoints issue.
    ///
    /// It has others where
    /// [`add_signing_key`](crate::testing::IdentityProviderBuilder::add_signing_key) adds them.
    pub fn signed_with(mut self, algorithm: SigningAlgorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Issues an opaque token, which only introspection can read.
    pub fn opaque(mut self) -> Self {
        self.form = Form::Opaque;
        self
    }

    /// Shapes the token as Auth0's default profile does.
    ///
    /// Auth0 has no claim for roles: where a rule adds one, it is
    /// [`with_claim`](Self::with_claim) here.
    pub fn auth0(self) -> Self {
        self.shaped(Shape::Auth0)
    }

    /// Shapes the token as Keycloak does.
    pub fn keycloak(self) -> Self {
        self.shaped(Shape::Keycloak)
    }

    /// Shapes the token as an authorization server of Okta does.
    pub fn okta(self) -> Self {
        self.shaped(Shape::Okta)
    }

    /// Shapes the token as Microsoft Entra ID does for an API that takes v2.0 tokens (`azp`).
    pub fn entra(self) -> Self {
        self.shaped(Shape::EntraV2)
    }

    /// Shapes the token as Microsoft Entra ID does for an API that takes v1.0 tokens (`appid`).
    pub fn entra_v1(self) -> Self {
        self.shaped(Shape::EntraV1)
    }

    fn shaped(mut self, shape: Shape) -> Self {
        self.shape = shape;
        self
    }
}
