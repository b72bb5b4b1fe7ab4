//! One row of the access table.

use http::Method;

use crate::axum::access::Access;
use crate::token::Rule;

/// Who may call one method of one path. See [`AccessTable`](super::AccessTable).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub(super) path: String,
    pub(super) reach: Reach,
    pub(super) method: Option<Method>,
    pub(super) handler: &'static str,
    pub(super) access: Access,
}

/// Which paths a row answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reach {
    /// The path itself, which may have captures: `/products/{id}`.
    Path,
    /// The path and all below it: a nested service.
    Subtree,
    /// The path and all below it that no other row answers: a fallback.
    Remainder,
    /// Some paths below it, and nobody knows which: a router of axum's.
    Unlisted,
}

impl Row {
    /// Returns the path as axum writes it, with those of the routers around it: `/api/products/{id}`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns which paths are meant.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// Returns the method; `None` is each that has no row of its own at this path.
    ///
    /// A handler of GET answers HEAD too, unless HEAD has a row of its own.
    #[must_use]
    pub const fn method(&self) -> Option<&Method> {
        self.method.as_ref()
    }

    /// Returns the name of the handler, with its module.
    ///
    /// Of a service it is the type, and of a handler without an attribute what rustc calls it, which
    /// another version of it may call otherwise.
    #[must_use]
    pub const fn handler(&self) -> &'static str {
        self.handler
    }

    /// Returns who may call.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// Returns what `#[require_auth]` requires: audience, scopes, step-up and the rest; `None` without it.
    #[must_use]
    pub const fn rule(&self) -> Option<&'static Rule> {
        match self.access {
            Access::Required(rule) => Some(rule),
            _ => None,
        }
    }

    /// Returns whether anyone may call.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        matches!(self.access, Access::Public)
    }
}
