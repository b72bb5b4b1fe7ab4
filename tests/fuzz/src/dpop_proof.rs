//! Placeholder.
pub fn dpop_proof(_data: &[u8]) {}
