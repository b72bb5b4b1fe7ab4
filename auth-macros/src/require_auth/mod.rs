//! `#[require_auth]`: a handler that runs for authenticated requests only, with a typed token.
//!
//! [`args`] and [`values`] parse, [`model`] says what it means, [`check`] refuses, and [`requirement`],
//! [`grants`] and [`mod@expand`] emit. Above a module or an `impl`, [`body`] finds the handlers; above a
//! struct, [`token_type`] says that it stands for a token which the program asks for itself.

mod args;
mod block;
mod body;
mod check;
mod check_args;
mod defaults;
mod demand;
mod expand;
mod grants;
mod keys;
mod model;
mod module;
mod pipeline;
mod requirement;
mod token_type;
mod values;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use pipeline::expand;
