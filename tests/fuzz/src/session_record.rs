//! What is under a seal, should a key ever be in other hands: a session's record, or a login that was begun.
//!
//! # Invariants
//! What is read is written again as something that reads the same.

use auth_layer::fuzzing;

/// Takes a plaintext.
pub fn session_record(data: &[u8]) {
    for read in [fuzzing::session_record, fuzzing::login_attempt] {
        if let Some(written) = read(data) {
            assert_eq!(read(&written).as_ref(), Some(&written), "what was written is read in another way");
        }
    }
}
