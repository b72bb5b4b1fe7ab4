//! The definition of an API: an OpenAPI document, or an export of Auth0's Management API.
//!
//! # Rules
//! 1. A definition is read when the crate is compiled, and again when it has changed.
//! 2. What is wrong with it is said at the literal that names it, with what was expected.
//! 3. Nothing is guessed: a text that makes no name of a type is an error that says how to give it one.
//!
//! # Limits
//! 4 MiB, 1,024 scopes, 64 levels of YAML and 128 of JSON, 250,000 values, and 16 references from one
//! component to the next. Nothing is fetched: a reference into another file is refused.

mod api_export;
mod declares;
mod documentation;
mod load;
mod names;
mod node;
mod openapi;
mod operations;

pub(crate) use documentation::document;
pub(crate) use load::{definition, load};
pub(crate) use names::{method_name, type_name};
pub(crate) use operations::{Body, Operation, operations};

/// What a definition says of an API.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Definition {
    /// One, or what cannot be decided here.
    pub(crate) audiences: Vec<String>,
    pub(crate) description: Option<String>,
    pub(crate) scopes: Vec<Declared>,
}

/// A scope as it is defined.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Declared {
    pub(crate) text: String,
    pub(crate) description: Option<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
