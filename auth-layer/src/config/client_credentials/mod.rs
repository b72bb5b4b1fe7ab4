//! The configuration of a client that gets tokens for itself (RFC 6749 §4.4).

mod builder;
mod environment;
mod model;

pub use builder::ClientCredentialsConfigBuilder;
pub(super) use environment::budget_from;
pub(crate) use model::MachinePolicy;
pub use model::{ClientCredentialsConfig, QuotaHeaders};
