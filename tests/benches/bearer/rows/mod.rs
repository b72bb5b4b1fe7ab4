//! The rows of the table: each is one way to answer the same request with a bearer token.
//!
//! # Rules
//! 1. Every request is alike: GET by oneshot, with an `Authorization` header, answered with 200.
//! 2. All rows use the same tokens, of the same embedded providers.
//! 3. A token comes in one of three ways: one again and again, 512 in turn, or each only once.
//!    For the last a row begins anew, out of the clock, when its tokens are used up.
//! 4. The peers are set up as their own documents have it, keys and rules made once.
//!
//! Our own layer is plugged in at [`ours`].

pub(crate) mod floor;
pub(crate) mod issuer;
pub(crate) mod json_web_token;
pub(crate) mod ours;
pub(crate) mod resource_server;
pub(crate) mod scenario;
pub(crate) mod table;
