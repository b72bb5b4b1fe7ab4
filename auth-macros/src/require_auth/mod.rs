//! `#[require_auth]`: a handler that runs for authenticated requests only, with a typed token.
//!
//! [`args`] parses, [`model`] says what it means, [`check`] refuses, [`mod@expand`] emits.

mod args;
mod check;
mod expand;
mod model;
mod pipeline;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use model::{Mention, mention};
pub(crate) use pipeline::expand;
