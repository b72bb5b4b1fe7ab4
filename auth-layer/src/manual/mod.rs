//! The manual: why each default is what it is, which attacks they stop, and how common things are done.
//!
//! - [`defaults`] has one question for each default, and when you would change it.
//! - [`attacks`] has one line for each attack, and what stops it here.
//! - [`how_to`] has recipes.

#[doc = include_str!("defaults.md")]
pub mod defaults {}

#[doc = include_str!("attacks.md")]
pub mod attacks {}

#[doc = include_str!("how_to.md")]
pub mod how_to {}
