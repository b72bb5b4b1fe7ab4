//! A buffer of secrets, overwritten at the speed of memory.

use std::fmt;
use std::ops::Deref;

use zeroize::optimization_barrier;

/// Bytes that are overwritten when they are dropped.
///
/// `Vec`'s own `zeroize` writes byte by byte, which took longer than opening a session's seal; filling
/// the buffer behind a barrier that the optimiser cannot look through does the same.
pub(crate) struct SecretBytes(Vec<u8>);

impl SecretBytes {
    pub(crate) const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Deref for SecretBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.fill(0);
        optimization_barrier(self.0.as_slice());
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}
