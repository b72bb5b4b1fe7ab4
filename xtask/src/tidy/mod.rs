//! `cargo xtask tidy`: the style as a check.
//!
//! # Rules
//! 1. Floors: a file of `auth-layer/src` imports from its own room and from the floors below
//!    ([`floors`]), and never from another room's private file.
//! 2. Invariants: who reads time, who opens sockets, who sees keys, who spends a refresh token
//!    ([`invariants`]).
//! 3. Shape: 400 lines a file, a first line that says what it is, no leftovers ([`shape`]).
//! 4. Documents: commands exist ([`commands`]), linked files exist ([`links`]), the tests that
//!    docs/security.md names exist ([`evidence`]).
//!
//! Each rule is a function from the tree to its [findings](finding::Finding), with tests that show
//! it failing on a bad input.
//!
//! # Limits
//! Names are read, types are not: a path is resolved through the `use` lines of its own file, and a
//! method by its name. Inside a macro call only paths, literals and method names are seen.

mod check;
mod commands;
mod evidence;
mod finding;
mod floors;
mod invariants;
mod links;
mod markdown;
mod resolve;
mod shape;
mod source;
mod syntax;
mod tokens;

pub(crate) use check::run;
