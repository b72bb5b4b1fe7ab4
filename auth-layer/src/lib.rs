//! Tower middleware for OpenID Connect sessions and typed access tokens.

pub mod clock;
mod identifier;
mod one_time;
mod scope;
mod secret;

pub use clock::{Clock, Timestamp};
pub use identifier::{Audience, ClientId, Issuer, Subject};
pub use scope::ScopeSet;
pub use secret::Secret;
