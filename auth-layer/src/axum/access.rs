//! Who may call a route.

use crate::token::Rule;

/// Who may call a route, as its handler or its service says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Anyone: `#[public]`, or [`public_service`](super::public_service).
    Public,
    /// Whoever meets the rule that `#[require_auth]` wrote.
    Required(&'static Rule),
    /// Whoever has a session: the handler takes a [`Session`](crate::Session) first.
    Session,
    /// Whoever is a user, by session or by bearer token: the handler takes a [`User`](crate::User) first.
    User,
    /// Not known here: what [`danger_guarded_elsewhere`](super::danger_guarded_elsewhere) was told of.
    Elsewhere,
}

/// What a handler says of itself: who may call it, and its name where an attribute wrote one.
///
/// Nobody else can name this type, so nobody else can implement the traits that have it.
#[derive(Clone, Copy, Debug)]
pub struct Protection {
    pub(super) access: Access,
    pub(super) handler: Option<&'static str>,
}

impl Protection {
    /// Of a handler or a service that only its type names.
    pub(super) const fn unnamed(access: Access) -> Self {
        Self { access, handler: None }
    }

    /// Of a handler under `#[require_auth]`.
    pub(crate) const fn required(rule: &'static Rule) -> Self {
        Self { access: Access::Required(rule), handler: Some(rule.handler()) }
    }

    /// Of a handler under `#[public]`.
    pub(super) const fn public(handler: &'static str) -> Self {
        Self { access: Access::Public, handler: Some(handler) }
    }
}
