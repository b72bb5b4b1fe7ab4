//! The products API: a resource server of its own, which knows no session and believes no caller.
//!
//! # Rules
//! 1. Each request brings a bearer token of the provider, which is verified here (RFC 9068); the
//!    provider is not asked about it.
//! 2. 401 without a good token, 403 without the scope, each with its challenge (RFC 6750 §3).
//! 3. The provider's keys cannot be had: 503, and nothing is served.

mod catalogue;
mod routes;

pub(crate) use catalogue::{Catalogue, NewProduct, Product};
pub(crate) use routes::{router, routes};
