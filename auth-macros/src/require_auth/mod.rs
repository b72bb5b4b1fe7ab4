//! `#[require_auth]`: a handler that runs for authenticated requests only, with a typed token.
//!
//! [`args`] and [`values`] parse, [`model`] says what it means, [`check`] refuses, and [`requirement`],
//! [`grants`] and [`mod@expand`] emit. Above a module or an `impl`, [`body`] finds the handlers.

mod args;
mod block;
mod body;
mod check;
mod check_args;
mod defaults;
mod expand;
mod grants;
mod keys;
mod model;
mod module;
mod pipeline;
mod requirement;
mod values;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use pipeline::expand;
