//! `#[require_auth]`: a handler that runs for authenticated requests only, with a typed token.
//!
//! [`args`] and [`function`] parse, [`model`] says what it means, [`check`] refuses, [`mod@expand`] emits, with
//! [`grants`] for what the token grants.

mod args;
mod check;
mod expand;
mod function;
mod grants;
mod model;
mod pipeline;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use pipeline::expand;
