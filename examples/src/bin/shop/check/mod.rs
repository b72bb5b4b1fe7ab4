//! The whole story without a browser: each step does something, looks, and can fail.
//!
//! # Rules
//! 1. Everything goes over HTTP, as a browser would send it; the provider's own counts are the judge.
//! 2. A step that fails says what was expected and what was seen, and the others go on.
//! 3. Nothing sleeps until a token expires: the demo's clock is moved.

mod access;
mod login;
mod outages;
mod outcome;
mod refresh;
mod story;
mod visitor;

use outcome::{Failure, Seen, same};
use story::Story;
pub(crate) use story::run;
