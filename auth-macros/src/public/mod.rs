//! `#[public]`: a handler that anyone may call.
//!
//! [`args`] parses, [`check`] refuses, [`mod@expand`] emits.

mod args;
mod check;
mod expand;
mod pipeline;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use expand::{Items, Place};
pub(crate) use pipeline::{expand, items};
