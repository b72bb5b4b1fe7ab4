//! What an [`AccessTable`](crate::axum::AccessTable) is good for: to be read, to be written into other
//! documents, and to be compared with the definition of an API.
//!
//! # Rules
//! 1. Everything is a pure function of the table and of the documents that are given: nothing is fetched,
//!    and two runs write the same.
//! 2. The scopes of all alternatives are compared as sets: a handler with `any_scopes` has one alternative
//!    for each. What stands beside scopes (roles, step-up, ..) has no place in a definition; it is written
//!    as the extension `x-access`. An audience is compared where both sides name one.
//! 3. Only schemes of the types `oauth2` and `openIdConnect` have scopes that are compared, and only those
//!    are written. Of an operation that another scheme secures it is compared that it is not public.
//! 4. What cannot be compared is no difference but an error: a scheme that is not declared, a reference that
//!    leads out of the document, a member of another type.
//! 5. A row for each method, a subtree, a fallback and a service whose access is not known here are in the
//!    table, and are no operations.

mod api_export;
mod definition;
mod demand;
mod drift;
mod json;
mod openapi;
mod text;

pub use definition::{ApiDefinition, DefinitionError};
pub use drift::Drift;
