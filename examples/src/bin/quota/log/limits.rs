//! How much of a log is looked at, and kept, at once.
//!
//! A fuzzer's inputs are short. For one the limits are low, so that its logs meet them as well.

/// The longest object, in bytes.
pub(crate) const LONGEST: usize = if cfg!(fuzzing) { 8 * 1024 } else { 4 * 1024 * 1024 };

/// The longest name in an event, in bytes.
pub(crate) const LONGEST_NAME: usize = if cfg!(fuzzing) { 64 } else { 512 };

/// How much is read in one go, while less than that is kept.
pub(super) const CHUNK: usize = if cfg!(fuzzing) { 128 } else { 256 * 1024 };

/// As far as is looked at first: most events are shorter.
pub(super) const NEAR: usize = if cfg!(fuzzing) { 64 } else { 4 * 1024 };
