//! Tower middleware for OpenID Connect sessions and typed access tokens.

pub mod clock;

pub use clock::{Clock, Timestamp};
