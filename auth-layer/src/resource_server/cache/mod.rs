//! The cache of verified tokens: brought again, a token costs a keyed hash and a comparison.
//!
//! # Rules
//! 1. A look-up takes no lock and allocates nothing. It ends in a comparison of the whole token: what is
//!    served is what was verified for these very bytes.
//! 2. Only verified tokens get in. The hash is keyed anew for each cache (SipHash), so that nobody can
//!    choose tokens that meet in one place. Of a signed JWT the end is hashed, which is its signature: to
//!    have two with the same end, somebody would have to make the issuer sign a collision. Other tokens
//!    are hashed whole.
//! 3. The table has sets of eight. A newcomer takes the place of what has ended, or is empty, or was used
//!    least: of those never used since they came, the oldest. A flood of tokens that come once therefore
//!    pushes out its own, and leaves those that are in use.
//! 4. The bytes of all entries and of the table itself are counted. Where they would exceed the limit, a
//!    hand goes round the table and makes room by the same rule.
//!
//! # Attacks
//! Hash flooding; a flood of distinct valid tokens that would empty the cache or fill the memory.
//!
//! # Limits
//! As many bytes as configured, and a slot for each KiB of that; a token that takes more than a 64th of
//! it is not kept. Threads that insert at the same moment may exceed it by an entry each.
//!
//! The comparison is not in constant time, and need not be: its time tells how many first bytes two
//! tokens share only where they share a set and a 63-bit tag of a hash whose key nobody knows.

mod set;
mod table;

pub(crate) use set::Cached;
pub(crate) use table::TokenCache;

#[cfg(test)]
mod tests;
