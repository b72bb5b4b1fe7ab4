//! Calls of other services: with the token of a user or of a program, by a client, by hand, or passed through.
//!
//! | you want | look at |
//! |---|---|
//! | a client of yours to send the user's token | [`authorize`], [`Auth::authorize`](crate::Auth::authorize) |
//! | a browser's requests passed on to an API | [`proxy`], [`Auth::proxy`](crate::Auth::proxy) |
//! | functions for an API's operations, from its definition | [`client!`](crate::client!), which writes [`Call`]s |
//!
//! # Rules
//! 1. A [`Call`] is all that the API's definition knows of a request: its operation, method, path, token and
//!    body. Where the API is, how long to wait and what an answer means is the program's.
//! 2. A value fills its place in the path and no more: every character but a letter, a digit and `-._~` is
//!    percent-encoded (RFC 3986 §2.1), a slash too.
//! 3. A value that is empty, or a step of its own or up (`.`, `..`), is a [`PathError`], and nothing is sent:
//!    encoded it would mean the same (RFC 3986 §6.2.2.2), and a server that takes an encoded slash for a slash
//!    would follow one that is within.
//! 4. A token goes to the origin that it was said to be for, and to no other.
//!
//! # Attacks
//! An identifier that came from outside and that chooses another resource (`../../admin`, `1?admin=true`,
//! `1#`, `1/../2`), with the user's own token. An address that came from outside and that would be sent the token.
//!
//! # Limits
//! A value that the API's server decodes twice is the server's: `%252e` is sent as it is.
//!
//! # Example
//! ```
//! use auth_layer::outbound::{Call, PathError};
//! use http::Method;
//!
//! let product = |id: &str| Call::<()>::to("getProduct", Method::GET, "/products/{id}", &[&id]);
//!
//! assert_eq!(product("a/b?c").unwrap().path(), "/products/a%2Fb%3Fc");
//! assert!(matches!(product(".."), Err(PathError::Step { .. })));
//! ```

mod entrance;

mod address;
pub mod authorize;
mod hop_by_hop;
mod http_client;
pub mod proxy;

mod call;
mod path;

pub use authorize::{Authorize, OnBehalfOf};
pub use call::{Call, Sending};
pub use http_client::{HttpClient, HttpResponseFuture};
pub use path::PathError;
pub use proxy::Proxy;
