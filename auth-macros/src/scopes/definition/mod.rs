//! The scopes of an API from its definition: an OpenAPI document, or an export of Auth0's Management API.
//!
//! # Rules
//! 1. A definition is read when the crate is compiled, and again when it has changed.
//! 2. What is wrong with it is said at the literal that names it, with what was expected.
//! 3. Nothing is guessed: a text that makes no name of a type is an error that says how to give it one.
//!
//! # Limits
//! 4 MiB, 1,024 scopes, 128 levels, and 16 references from one security scheme to the next. Nothing is
//! fetched: a reference into another file is refused.

mod api_export;
mod load;
mod names;
mod node;
mod openapi;

pub(in crate::scopes) use load::load;
pub(super) use names::type_name;

/// What a definition says of an API.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Definition {
    pub(super) audience: Option<String>,
    pub(super) description: Option<String>,
    pub(super) scopes: Vec<Declared>,
}

/// A scope as it is defined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) text: String,
    pub(super) description: Option<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
