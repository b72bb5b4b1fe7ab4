//! The item under an attribute: its signature is cut, and never parsed; its body stays as it is.
//!
//! rustc has read the item before the attribute gets it, and reads again what is emitted: a parser between
//! the two would find nothing, and cost every build as much as all the rest of the attribute.

mod attribute;
mod cut;
mod item;
mod parameter;
mod written;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub(crate) use attribute::{Attribute, arguments, attributes, mention, names, path};
pub(crate) use cut::braces;
pub(crate) use item::{Function, PUBLIC, REQUIRE_AUTH, written_at};
pub(crate) use parameter::{Mention, Parameter};
pub(crate) use written::Written;
