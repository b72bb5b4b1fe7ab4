//! The tenant's log as it is exported: events one after another, in whatever brackets they come.
//!
//! # Rules
//! 1. JSON lines, one array, arrays one after another, pages with `logs` in them, and the log stream's
//!    `{"log_id": .., "data": {..}}` are read alike: brackets and commas between objects mean nothing.
//! 2. Members that nobody asks for are passed over, however deep they are.
//! 3. What is broken is reported with the line where it begins, and the rest is read: an object that ends too
//!    early ends where a line begins with the next one, no further indented than its own line; within a line
//!    of many objects, the next begins after `},`.
//! 4. Each byte is looked at a bounded number of times, whatever the input.
//!
//! # Limits
//! An event, or a page with `logs` in it, has at most 4 MiB, and a name in it 512 bytes; 8 MiB at most are in
//! memory at once. An array of objects that is printed over several lines without any indentation
//! inside an event is taken for the next event.

mod date;
mod event;
mod text;

mod limits;
mod lost;
mod window;

mod elements;

// Not where a fuzzer has the limits lowered: these are of the real ones.
#[cfg(test)]
#[cfg(not(fuzzing))]
mod tests;

pub(crate) use date::{day, shown_day, shown_time};
pub(crate) use elements::{Sink, read};
pub(crate) use event::Event;
#[cfg(fuzzing)]
pub(crate) use limits::{LONGEST, LONGEST_NAME};
