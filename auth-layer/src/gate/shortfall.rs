//! What a request lacks of its handler's rule, and how that is told.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::gate::rejection::RejectionKind;
use crate::token::{Principal, Rule};

/// What is missing: the first thing that was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shortfall {
    /// The token stands for another kind of principal than this.
    Principal(Principal),
    Scopes(Lacking),
    Permissions(Lacking),
    Roles(Lacking),
    /// The user did not log in to the organization.
    Organization,
    /// The user did not authenticate well enough, or too long ago.
    Authentication(StepUp),
}

/// Words that were required, and those that are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lacking {
    /// All that the rule requires.
    pub(crate) required: Vec<&'static str>,
    /// Those of them that are not there; of `any_..`, all, since any would do.
    pub(crate) missing: Vec<&'static str>,
}

/// The authentication that would do (RFC 9470 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StepUp {
    /// One of these classes, the best first; empty for any.
    pub(crate) acr: &'static [&'static str],
    pub(crate) max_age: Option<Duration>,
}

impl StepUp {
    /// All that a rule asks, so that one login meets all of it.
    pub(crate) const fn of(rule: &Rule) -> Self {
        Self { acr: rule.acr, max_age: rule.max_age }
    }

    /// The parameters of a challenge, a login or an authorization request.
    pub(crate) fn parameters(self) -> impl Iterator<Item = (&'static str, String)> {
        let acr_values = (!self.acr.is_empty()).then(|| ("acr_values", self.acr.join(" ")));
        let max_age = self.max_age.map(|max_age| ("max_age", max_age.as_secs().to_string()));
        acr_values.into_iter().chain(max_age)
    }
}

impl Shortfall {
    pub(crate) const fn kind(&self) -> RejectionKind {
        match self {
            Self::Principal(Principal::Client) => RejectionKind::NoClient,
            Self::Principal(_) => RejectionKind::NoUser,
            Self::Scopes(_) => RejectionKind::InsufficientScope,
            Self::Permissions(_) => RejectionKind::InsufficientPermissions,
            Self::Roles(_) => RejectionKind::InsufficientRoles,
            Self::Organization => RejectionKind::OrganizationRefused,
            Self::Authentication(_) => RejectionKind::InsufficientUserAuthentication,
        }
    }

    pub(crate) const fn step_up(&self) -> Option<StepUp> {
        match self {
            Self::Authentication(step_up) => Some(*step_up),
            _ => None,
        }
    }

    /// Adds what is missing to a problem document.
    pub(crate) fn write_members(&self, problem: &mut Map<String, Value>) {
        let words = match self {
            Self::Scopes(lacking) => Some(("scopes", lacking)),
            Self::Permissions(lacking) => Some(("permissions", lacking)),
            Self::Roles(lacking) => Some(("roles", lacking)),
            Self::Principal(_) | Self::Organization | Self::Authentication(_) => None,
        };
        if let Some((kind, lacking)) = words {
            problem.insert(format!("required_{kind}"), json!(lacking.required));
            problem.insert(format!("missing_{kind}"), json!(lacking.missing));
        }
        if let Self::Authentication(step_up) = self {
            if !step_up.acr.is_empty() {
                problem.insert("acr_values".into(), json!(step_up.acr));
            }
            if let Some(max_age) = step_up.max_age {
                problem.insert("max_age".into(), json!(max_age.as_secs()));
            }
        }
    }

    /// Says in the log what the operator can do.
    pub(crate) fn explain(&self, rule: &Rule) {
        let handler = rule.handler;
        match self {
            Self::Scopes(Lacking { missing, .. }) => {
                tracing::info!(
                    handler,
                    ?missing,
                    "a token lacks a scope: was it asked for at login (AUTH_SCOPES), and may this user have it?"
                );
            }
            Self::Permissions(Lacking { missing, .. }) => {
                tracing::info!(
                    handler,
                    ?missing,
                    "permissions are missing: does the provider write them into the token, or for sessions into the id token (with_permissions_claims)?"
                );
            }
            Self::Roles(Lacking { missing, .. }) => {
                tracing::info!(
                    handler,
                    ?missing,
                    "roles are missing: does the provider write them into the token, or for sessions into the id token (with_roles_claims)?"
                );
            }
            Self::Organization => {
                tracing::info!(handler, organization = ?rule.organization, "the user is not logged in to the organization");
            }
            Self::Principal(wanted) => {
                tracing::info!(handler, ?wanted, "the token stands for another principal");
            }
            Self::Authentication(StepUp { acr, max_age }) => {
                tracing::info!(handler, ?acr, ?max_age, "the user has to authenticate again, or better");
            }
        }
    }
}
