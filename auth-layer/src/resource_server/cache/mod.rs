//! Verified tokens, kept so that the next request with the same token costs almost nothing.
//!
//! # Rules
//! 1. Only what was verified goes in, and a hit requires the whole token, byte for byte: a reader may
//!    see the mark and the value of different moments, never another token's value.
//! 2. [`TokenCache::find`] takes no lock, allocates nothing and makes no system call. Whoever finds a
//!    value looks at its end and at the revocations: the cache knows of neither.
//! 3. What is held is bounded in bytes, the table included, and the bound is never exceeded: room is
//!    made first. Values that a request still holds when they are dropped here are not counted.
//! 4. What has ended goes first, then what was never found again, the oldest first. What was found again
//!    gives way only to others that were: a flood of tokens that come once cannot push it out.
//!
//! # Attacks
//! A flood of valid tokens, to push out those of others: rule 4. Tokens chosen to collide: the hash is
//! keyed at random, and there is no chain to lengthen, a set has eight places and a token looks at no
//! other. Of a signed token the last 32 bytes are hashed, 192 bits of a signature that nobody but the
//! provider can choose; of any other token, all. Tokens that are forged never get in, and what a
//! forger learns from the time of a miss is whether 62 bits of a keyed hash agree.
//!
//! # Limits
//! A place for each KiB, 32 bytes of table for each place. A value larger than a 64th of the bound is
//! not kept. Below about 1 MiB there is hardly room for anything; 0 is off.

mod ghosts;
mod place;
mod set;
mod size;
mod table;
mod victim;

#[cfg(test)]
mod tests;

pub(crate) use size::{allocated, shared};
pub(crate) use table::{Cached, TokenCache};
