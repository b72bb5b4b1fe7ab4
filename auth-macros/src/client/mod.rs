//! `client!`: a trait with a method for each operation of an API, whose token has the scopes that it needs.
//!
//! [`args`] parses, [`methods`] names and refuses, [`mod@expand`] emits.

mod args;
mod expand;
mod methods;
mod pipeline;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use pipeline::expand;
