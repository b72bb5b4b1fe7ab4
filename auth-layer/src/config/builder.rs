//! Building a configuration: `with_` replaces, `add_` adds.

use std::time::Duration;

use crate::claim_path::{ClaimPath, ClaimPaths};
use crate::clock::Clock;
use crate::config::audience_scopes::AudienceScopes;
use crate::config::budget::Budget;
use crate::config::client_credentials::{MachinePolicy, QuotaHeaders};
use crate::config::model::{AudienceParameter, AuthConfig, ClientAuthentication, SessionLoading, UserInfo};
use crate::config::policies::{LoginPolicy, Paths, RefreshPolicy, SameSite, SessionPolicy};
use crate::config::resource_server::ResourceServerConfig;
use crate::identifier::{Audience, ClientId};
use crate::secret::Secret;

/// Builds an [`AuthConfig`]; see [`AuthConfig::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct AuthConfigBuilder {
    pub(super) issuer: String,
    pub(super) base_url: String,
    pub(super) session_keys: Vec<Secret<String>>,
    pub(super) scopes: String,
    pub(super) insecure_allowed: bool,
    pub(super) draft: Draft,
}

/// What needs no more than a look.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) client_id: ClientId,
    pub(super) client_authentication: ClientAuthentication,
    pub(super) audience: Option<Audience>,
    pub(super) further_audiences: Vec<Audience>,
    pub(super) audience_scopes: AudienceScopes,
    pub(super) audience_parameter: AudienceParameter,
    pub(super) paths: Paths,
    pub(super) session: SessionPolicy,
    pub(super) session_loading: SessionLoading,
    pub(super) refresh: RefreshPolicy,
    pub(super) login: LoginPolicy,
    pub(super) max_age: Option<Duration>,
    pub(super) claims: ClaimPaths,
    pub(super) user_info: UserInfo,
    pub(super) authorization_parameters: Vec<(String, String)>,
    pub(super) login_parameters: Vec<String>,
    pub(super) allowed_return_origins: Vec<String>,
    pub(super) connect_timeout: Duration,
    pub(super) timeout: Duration,
    pub(super) skew: Duration,
    pub(super) clock: Clock,
    pub(super) resource_server: Option<ResourceServerConfig>,
    pub(super) machine: MachinePolicy,
}

impl AuthConfig {
    /// Begins a configuration for a client at a provider, and the address where this application lives.
    pub fn builder(issuer: &str, client_id: &str, base_url: &str) -> AuthConfigBuilder {
        AuthConfigBuilder {
            issuer: issuer.to_owned(),
            base_url: base_url.to_owned(),
            session_keys: Vec::new(),
            scopes: DEFAULT_SCOPES.to_owned(),
            insecure_allowed: false,
            draft: Draft {
                client_id: ClientId::from(client_id),
                client_authentication: ClientAuthentication::None,
                audience: None,
                further_audiences: Vec::new(),
                audience_scopes: AudienceScopes::default(),
                audience_parameter: AudienceParameter::default(),
                paths: Paths::default(),
                session: SessionPolicy::default(),
                session_loading: SessionLoading::default(),
                refresh: RefreshPolicy::default(),
                login: LoginPolicy::default(),
                max_age: None,
                claims: ClaimPaths::default(),
                user_info: UserInfo::default(),
                authorization_parameters: Vec::new(),
                login_parameters: Vec::new(),
                allowed_return_origins: Vec::new(),
                connect_timeout: Duration::from_secs(3),
                timeout: Duration::from_secs(10),
                skew: Duration::from_secs(30),
                clock: Clock::system(),
                resource_server: None,
                machine: MachinePolicy::default(),
            },
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($value:ident: $type:ty) => $($field:ident).+ = $set:expr;)*) => {
        impl AuthConfigBuilder {
            $($(#[$doc])* pub fn $name(mut self, $value: $type) -> Self {
                self.$($field).+ = $set;
                self
            })*
        }
    };
}

setters! {
    /// Authenticates the client with a secret in the `Authorization` header (`client_secret_basic`).
    with_client_secret(secret: impl Into<Secret<String>>) => draft.client_authentication = ClientAuthentication::Basic(secret.into());
    /// Authenticates the client in another way; default: a public client.
    with_client_authentication(authentication: ClientAuthentication) => draft.client_authentication = authentication;
    /// Asks for access tokens of this audience; default: the provider's own.
    with_audience(audience: impl Into<Audience>) => draft.audience = Some(audience.into());
    /// Says how the audience is sent; default: [`AudienceParameter::Both`].
    with_audience_parameter(parameter: AudienceParameter) => draft.audience_parameter = parameter;
    /// Asks for these scopes, a space-delimited list; default: `openid profile email offline_access`.
    with_scopes(scopes: &str) => scopes = scopes.to_owned();
    /// Replaces `/auth/login`.
    with_login_path(path: &str) => draft.paths.login = path.to_owned();
    /// Replaces `/auth/callback`.
    with_callback_path(path: &str) => draft.paths.callback = path.to_owned();
    /// Replaces `/auth/logout`.
    with_logout_path(path: &str) => draft.paths.logout = path.to_owned();
    /// Replaces `/auth/profile`.
    with_profile_path(path: &str) => draft.paths.profile = path.to_owned();
    /// Serves the session's access token to the browser at this path; default: not at all, since a
    /// token that scripts can read is a token that injected scripts can steal (RFC 9700 §4.16).
    with_access_token_path(path: &str) => draft.paths.access_token = Some(path.to_owned());
    /// Replaces `/auth/backchannel-logout`, where the provider says that sessions are over
    /// (OpenID Connect Back-Channel Logout 1.0); register its address at the provider.
    with_backchannel_logout_path(path: &str) => draft.paths.backchannel_logout = Some(path.to_owned());
    /// Names the session cookie; default: `__Host-auth_session`, on http loopback `auth_session`.
    ///
    /// Two applications on one host need two names: a cookie that does not open is deleted.
    with_session_cookie_name(name: &str) => draft.session.cookie_name = name.to_owned();
    /// Default: [`SameSite::Lax`].
    with_same_site(same_site: SameSite) => draft.session.same_site = same_site;
    /// Ends a session that was not used for this long; default: a day.
    with_session_inactivity(inactivity: Duration) => draft.session.inactivity = inactivity;
    /// Ends a session this long after the login, however much it is used; default: seven days.
    with_session_lifetime(absolute: Duration) => draft.session.absolute = absolute;
    /// Writes nothing for a session that was noted as used within this time; default: ten minutes.
    with_session_roll_after(roll_after: Duration) => draft.session.roll_after = roll_after;
    /// Default: [`SessionLoading::OnDemand`].
    with_session_loading(loading: SessionLoading) => draft.session_loading = loading;
    /// Refreshes a token this long before it expires, but not before the last third of its lifetime;
    /// default: 60 seconds.
    with_refresh_buffer(buffer: Duration) => draft.refresh.buffer = buffer;
    /// Serves the result of a refresh to late requests with the old cookie for this long after the
    /// browser has shown the new one; default: 60 seconds.
    with_refresh_grace(grace: Duration) => draft.refresh.grace = grace;
    /// Lets the one request that leads an early refresh wait this long for it, so that its response
    /// carries the new cookie; default: 500 milliseconds.
    with_refresh_patience(patience: Duration) => draft.refresh.patience = patience;
    /// Lets an instance that dies in the middle of a refresh keep the others from it for this long, where a
    /// store is shared; default: 10 seconds.
    with_refresh_lease(lease: Duration) => draft.refresh.lease = lease;
    /// Waits this long for a refresh that another instance has under way, then answers 503; default:
    /// 15 seconds.
    with_refresh_wait(wait: Duration) => draft.refresh.wait = wait;
    /// Forgets a login that was not finished within this time; default: ten minutes, at most an hour.
    with_login_lifetime(lifetime: Duration) => draft.login.attempt_lifetime = lifetime;
    /// Requires that the user authenticated within this time (`max_age`, OpenID Connect Core §3.1.2.1).
    with_max_age(max_age: Duration) => draft.max_age = Some(max_age);
    /// Reads the permissions of a session's user from these claims of the id token or of user info;
    /// default: `permissions`. See [`TrustedIssuer::with_permissions_claims`](crate::config::TrustedIssuer::with_permissions_claims).
    with_permissions_claims(claims: impl IntoIterator<Item = ClaimPath>) => draft.claims.permissions = claims.into_iter().collect();
    /// Reads the roles of a session's user from these claims; default: `roles` and `realm_access.roles`.
    with_roles_claims(claims: impl IntoIterator<Item = ClaimPath>) => draft.claims.roles = claims.into_iter().collect();
    /// Reads the organization of a session's user from these claims; default: `org_id` and `org_name`.
    with_organization_claims(claims: impl IntoIterator<Item = ClaimPath>) => draft.claims.organization = claims.into_iter().collect();
    /// Default: [`UserInfo::Skip`].
    with_user_info(user_info: UserInfo) => draft.user_info = user_info;
    /// Bounds the time in which a connection to the provider is made; default: 3 seconds.
    with_connect_timeout(timeout: Duration) => draft.connect_timeout = timeout;
    /// Bounds the time of one request to the provider; default: 10 seconds.
    with_timeout(timeout: Duration) => draft.timeout = timeout;
    /// Tolerates clocks that differ by this much; default: 30 seconds, at most 60.
    with_clock_skew(skew: Duration) => draft.skew = skew;
    /// Takes bearer tokens as well: a request with one needs no session and no proof of its origin, and
    /// one that is not good is refused whatever cookies come with it. Default: sessions alone, and an
    /// `Authorization` header is not looked at.
    with_resource_server(config: ResourceServerConfig) => draft.resource_server = Some(config);
    /// Bounds how many machine tokens [`Auth::client_credentials`](crate::Auth::client_credentials) asks for;
    /// default: not at all.
    with_budget(budget: Budget) => draft.machine.budget = budget;
    /// Says what the provider's quota headers mean; default: [`QuotaHeaders::Respected`].
    with_quota_headers(meaning: QuotaHeaders) => draft.machine.quota_headers = meaning;
    /// Injects the time, for tests.
    with_clock(clock: Clock) => draft.clock = clock;
}

impl AuthConfigBuilder {
    /// Adds a key that seals sessions, the newest first: it seals, the others only open.
    pub fn add_session_key(mut self, key: impl Into<Secret<String>>) -> Self {
        self.session_keys.push(key.into());
        self
    }

    /// Asks at login for one more audience, whose tokens the session gets later with its refresh token.
    ///
    /// It is sent as one more `resource` (RFC 8707 §2.1), which a provider that binds grants to their
    /// resources needs; ask for its scopes with [`AuthConfigBuilder::with_scopes`].
    /// Auth0 takes further audiences from its own settings (multi-resource refresh tokens) instead.
    pub fn add_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.draft.further_audiences.push(audience.into());
        self
    }

    /// Asks for these scopes, separated by spaces, whenever a refresh gets a token of this audience; default: none,
    /// which leaves them as the user granted them (RFC 6749 §6).
    ///
    /// A second API gets no more than it needs. A provider that takes the API from the scopes, as Entra ID does
    /// (with [`AudienceParameter::Neither`]), has no other way to name it.
    /// A token that comes with the login has the scopes of the login.
    pub fn add_scopes_for(mut self, audience: impl Into<Audience>, scopes: &str) -> Self {
        self.draft.audience_scopes.add(audience.into(), scopes);
        self
    }

    /// Adds a parameter to every authorization request, such as `connection` or `ui_locales`.
    pub fn add_authorization_parameter(mut self, name: &str, value: &str) -> Self {
        self.draft.authorization_parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets the query of `/auth/login` choose this parameter of the authorization request, such as
    /// `connection` for one button a social connection; default: none.
    ///
    /// Whoever makes a link to the login chooses its value, up to 512 bytes.
    pub fn add_login_parameter(mut self, name: &str) -> Self {
        self.draft.login_parameters.push(name.to_owned());
        self
    }

    /// Serves no back-channel logout: a session that ends at the provider goes on here.
    pub fn without_backchannel_logout(mut self) -> Self {
        self.draft.paths.backchannel_logout = None;
        self
    }

    /// Adds an https origin that users may be sent back to after login or logout.
    pub fn add_return_origin(mut self, origin: &str) -> Self {
        self.draft.allowed_return_origins.push(origin.to_owned());
        self
    }

    /// Lets the provider and this application be plain http beyond loopback: every token can be read
    /// on the way (RFC 9700 §2.6). For test networks.
    pub fn danger_allow_http_urls(mut self) -> Self {
        self.insecure_allowed = true;
        self
    }
}

const DEFAULT_SCOPES: &str = "openid profile email offline_access";
