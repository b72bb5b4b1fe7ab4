//! `scopes!`: the scopes of an API, each a type.
//!
//! [`args`] parses, [`defined`] adds what a file declares, [`check`] refuses, [`mod@expand`] emits; [`mod@unknown`] is what a wrong literal of
//! `#[require_auth]` ends in.

mod args;
mod check;
mod defined;
mod definition;
mod expand;
mod pipeline;
mod unknown;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use pipeline::expand;
pub(crate) use unknown::unknown;
