//! Values that must not be seen: client secrets, tokens, verifiers (RFC 9700 §4).
//!
//! # Rules
//! 1. A [`Secret`] has no `Display` and no `Serialize`; its `Debug` prints `Secret(..)`.
//! 2. It is compared in constant time, with [`Secret::ct_eq`]; there is no `==`.
//! 3. Its memory is overwritten when it is dropped.
//!
//! # Attacks
//! Secrets in logs and error pages (RFC 9700 §4.2.4); timing of comparisons.
//!
//! # Limits
//! What the allocator, the network or a crate in between has copied is out of reach.
//!
//! # Example
//! ```
//! use auth_layer::Secret;
//!
//! let secret = Secret::new(String::from("s3cret"));
//! assert_eq!(format!("{secret:?}"), "Secret(..)");
//! assert!(secret.ct_eq(b"s3cret") && !secret.ct_eq(b"other"));
//! ```

mod bytes;
mod text;
mod value;

pub(crate) use bytes::SecretBytes;
pub(crate) use text::SecretText;
pub use value::Secret;
