//! What is checked before a handler runs, as a constant.

use std::time::Duration;

use crate::identifier::Audience;
use crate::token::bearer_token::Principal;

/// What a handler requires of a request; written by `#[require_auth]`.
///
/// The constructors are `const`: a rule costs nothing at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rule {
    pub(crate) handler: &'static str,
    pub(crate) audience: Option<&'static str>,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) any_scopes: &'static [&'static str],
    pub(crate) permissions: &'static [&'static str],
    pub(crate) any_permissions: &'static [&'static str],
    pub(crate) roles: &'static [&'static str],
    pub(crate) any_roles: &'static [&'static str],
    pub(crate) acr: &'static [&'static str],
    pub(crate) max_age: Option<Duration>,
    pub(crate) organization: Option<RequiredOrganization>,
    pub(crate) principal: Option<Principal>,
}

/// The organization that a user has to have logged in to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequiredOrganization {
    /// Whichever it is.
    Any,
    /// This one, by its identifier or its name.
    Named(&'static str),
}

macro_rules! with {
    ($($(#[$doc:meta])* $name:ident => $field:ident: $type:ty;)*) => {
        $($(#[$doc])* pub const fn $name(mut self, $field: $type) -> Self {
            self.$field = $field;
            self
        })*
    };
}

macro_rules! lists {
    ($($(#[$doc:meta])* $field:ident;)*) => {
        $($(#[$doc])* #[must_use] pub const fn $field(&self) -> &'static [&'static str] {
            self.$field
        })*
    };
}

impl Rule {
    /// Requires that a user is logged in, or that a client brings a good token, and nothing else;
    /// `handler` is for the log.
    pub const fn authenticated(handler: &'static str) -> Self {
        Self {
            handler,
            audience: None,
            scopes: &[],
            any_scopes: &[],
            permissions: &[],
            any_permissions: &[],
            roles: &[],
            any_roles: &[],
            acr: &[],
            max_age: None,
            organization: None,
            principal: None,
        }
    }

    with! {
        /// The same rule for another handler.
        with_handler => handler: &'static str;
        /// Requires a token of this audience; `None` is the configured one.
        with_audience => audience: Option<&'static str>;
        /// Requires all of these scopes.
        with_scopes => scopes: &'static [&'static str];
        /// Requires at least one of these scopes; an empty list requires nothing.
        with_any_scopes => any_scopes: &'static [&'static str];
        /// Requires all of these permissions.
        with_permissions => permissions: &'static [&'static str];
        /// Requires at least one of these permissions; an empty list requires nothing.
        with_any_permissions => any_permissions: &'static [&'static str];
        /// Requires all of these roles.
        with_roles => roles: &'static [&'static str];
        /// Requires at least one of these roles; an empty list requires nothing.
        with_any_roles => any_roles: &'static [&'static str];
        /// Requires one of these authentication context classes, the best first (RFC 9470 §4).
        with_acr => acr: &'static [&'static str];
    }

    /// Requires that the user authenticated no longer ago than this (RFC 9470 §4), give or take the
    /// configured skew of clocks.
    pub const fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Requires that the user logged in to an organization.
    pub const fn with_organization(mut self, organization: RequiredOrganization) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Requires that the token stands for a user, or for a client.
    pub const fn with_principal(mut self, principal: Principal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Returns the handler's name.
    #[must_use]
    pub const fn handler(&self) -> &'static str {
        self.handler
    }

    /// Returns the audience that the token must be of; `None` is the configured one.
    #[must_use]
    pub fn audience(&self) -> Option<Audience> {
        self.audience.map(Audience::from)
    }

    lists! {
        /// Returns the scopes that are required all together.
        scopes;
        /// Returns the scopes of which one is required.
        any_scopes;
        /// Returns the permissions that are required all together.
        permissions;
        /// Returns the permissions of which one is required.
        any_permissions;
        /// Returns the roles that are required all together.
        roles;
        /// Returns the roles of which one is required.
        any_roles;
        /// Returns the authentication context classes of which one is required, the best first.
        acr;
    }

    /// Returns how long ago the user may have authenticated.
    #[must_use]
    pub const fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// Returns the organization that the user must have logged in to.
    #[must_use]
    pub const fn organization(&self) -> Option<RequiredOrganization> {
        self.organization
    }

    /// Returns whom the token must stand for.
    #[must_use]
    pub const fn principal(&self) -> Option<Principal> {
        self.principal
    }

    /// Whether it requires scopes of an audience and nothing that only a request can have: what a token may be
    /// asked for by.
    pub(crate) const fn is_of_scopes_alone(&self) -> bool {
        !self.asks_for_claims()
            && self.any_scopes.is_empty()
            && self.max_age.is_none()
            && !matches!(self.principal, Some(Principal::User))
    }

    /// Whether claims are looked at, which is what costs something.
    pub(crate) const fn asks_for_claims(&self) -> bool {
        !(self.permissions.is_empty()
            && self.any_permissions.is_empty()
            && self.roles.is_empty()
            && self.any_roles.is_empty()
            && self.acr.is_empty()
            && self.organization.is_none())
    }
}
