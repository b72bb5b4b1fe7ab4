//! The products API: a resource server of its own, which knows no session and believes no caller.
//!
//! # Rules
//! 1. Each request brings a bearer token, and the provider is asked whether it is good (RFC 7662).
//! 2. 401 without a good token, 403 without the scope, each with its challenge (RFC 6750 §3).
//! 3. The provider gives no answer: 503, and nothing is served.

mod catalogue;
mod challenge;
mod introspection;
mod routes;

pub(crate) use catalogue::{Catalogue, NewProduct, Product};
pub(crate) use introspection::{Introspection, Introspector};
pub(crate) use routes::router;
