//! Verified tokens, kept so that the next request with the same token costs almost nothing.
//!
//! # Rules
//! 1. Only what was verified goes in, and a hit requires the whole token, byte for byte: a reader may
//!    see the mark and the value of different moments, never another token's value.
//! 2. [`TokenCache::find`] takes no lock, allocates nothing (but once in the life of a thread) and makes
//!    no system call. Whoever finds a value looks at its end and at the revocations: the cache knows of
//!    neither.
//! 3. What is held is bounded in bytes, the table included, and the bound holds at every moment: room is
//!    made first. A value that a request still holds when it is dropped here is not counted.
//! 4. In each set of eight, what has ended goes first, then what was never found again, the oldest first.
//!    What was found again gives way only to others that were, once they are four in five: a flood of
//!    tokens that come once pushes out its own. Who comes back soon after it was given up counts as
//!    found again.
//!
//! # Attacks
//! A flood of valid tokens, to push out those of others: rule 4. Tokens chosen to collide: the hash is
//! keyed at random (SipHash), and there is no chain to lengthen: a token is looked for in eight places,
//! and a set that is fought over keeps the rest of the table out of it. Of a signed token the last 32
//! bytes are hashed, 192 bits of a signature that nobody but the provider can choose; of any other
//! token, all. What was not verified never gets in, and the time of a miss tells a forger only whether
//! 62 bits of a keyed hash agree.
//!
//! # Limits
//! A place for each KiB, which takes 40 bytes of it. A value larger than a 64th of the bound is not
//! kept. Below about 1 MiB there is hardly room for anything; 0 is off. A token that all threads ask for
//! at once shares the count of its references: 35 ns for one thread, 120 ns for two that do nothing else.
//!
//! What is counted is what is allocated. An allocator may keep more: with the bound at 64 MiB and 10^6
//! tokens, glibc took 65 MiB for one thread, 71 for four and 86 for sixteen, each with an arena of its own.

mod address;
mod ghosts;
mod set;
mod size;
mod table;
mod victim;

#[cfg(test)]
mod tests;

pub(crate) use size::{allocated, shared};
pub(crate) use table::{Cached, TokenCache};
