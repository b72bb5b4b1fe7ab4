//! `scopes!`: the scopes of an API, each a type.
//!
//! [`args`] parses, [`defined`] adds what a file declares, [`check`] and [`includes`] refuse, [`mod@expand`]
//! and [`lookup`] emit; `#[require_auth]` ends in [`mod@unknown`] where a literal is wrong, and in
//! [`granted`] where scopes include each other.

mod args;
mod check;
mod defined;
mod expand;
mod granted;
mod includes;
mod lookup;
mod pipeline;
mod unknown;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use granted::granted;
pub(crate) use pipeline::expand;
pub(crate) use unknown::unknown;
