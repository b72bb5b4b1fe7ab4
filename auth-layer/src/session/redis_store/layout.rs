//! How a record lies in a key: a magic, its version, two marks, its bytes.
//!
//! | bytes | what |
//! |---|---|
//! | 0..4 | `ALr1`: what does not begin so is not ours |
//! | 4..12 | the version, big-endian, below 2^53 |
//! | 12..20 | the birth: the mark of the insert, by which groups know the record |
//! | 20..28 | the mark of the last write, by which a write that was sent twice knows itself |
//! | 28.. | what was stored |

use aws_lc_rs::rand;

use crate::session::store::{Record, Version};

/// Eight random bytes, other ones for each write.
pub(super) type Mark = [u8; 8];

/// Returns a mark that no other write has.
pub(super) fn new_mark() -> Mark {
    let mut mark = Mark::default();
    // Deliberately a panic: a machine without randomness must not hand out sessions.
    rand::fill(&mut mark).expect("the operating system's random generator answers");
    mark
}

/// Returns the record in a value, unless the value is not ours.
pub(super) fn read(value: &[u8]) -> Option<Record> {
    let (magic, rest) = value.split_at_checked(MAGIC.len())?;
    let (version, rest) = rest.split_first_chunk::<8>()?;
    let (_marks, bytes) = rest.split_at_checked(2 * size_of::<Mark>())?;
    let version = u64::from_be_bytes(*version);
    (magic == MAGIC && version < HIGHEST).then(|| Record::new(bytes.to_vec(), Version(version)))
}

/// The member that a group holds for a record.
pub(super) fn member(birth: Mark, name: &str) -> Vec<u8> {
    [birth.as_slice(), name.as_bytes()].concat()
}

/// Returns the birth and the name that a member of a group holds, unless it is not ours.
pub(super) fn read_member(member: &[u8]) -> Option<(Mark, &str)> {
    let (birth, name) = member.split_first_chunk::<8>()?;
    Some((*birth, str::from_utf8(name).ok()?))
}

const MAGIC: &[u8] = b"ALr1";
/// Scripts count in doubles, which are exact below this.
const HIGHEST: u64 = 1 << 53;

#[cfg(test)]
mod tests {
    use super::*;

    fn value(version: u64, bytes: &[u8]) -> Vec<u8> {
        [MAGIC, &version.to_be_bytes(), &[1; 16], bytes].concat()
    }

    #[test]
    fn a_value_is_read_and_what_is_not_ours_is_nothing() {
        assert_eq!(read(&value(7, b"bytes")), Some(Record::new(b"bytes".to_vec(), Version(7))));
        assert_eq!(read(&value(7, b"")), Some(Record::new(Vec::new(), Version(7))));
        for foreign in [&b""[..], b"{\"cart\":1}", &value(7, b"")[..27], b"ALr2aaaaaaaabbbbbbbbccccccccd"] {
            assert_eq!(read(foreign), None, "{foreign:?}");
        }
        assert_eq!(read(&value(HIGHEST, b"x")), None);
    }

    #[test]
    fn no_cut_of_a_value_panics() {
        let whole = value(u64::from(u32::MAX) << 8, b"some bytes");
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]).is_some(), end >= 28, "{end}");
        }
    }

    #[test]
    fn a_member_is_read_back_and_a_foreign_one_is_nothing() {
        assert_eq!(read_member(&member([9; 8], "s:name")), Some(([9; 8], "s:name")));
        for foreign in [&b"short"[..], b"12345678\xff"] {
            assert_eq!(read_member(foreign), None, "{foreign:?}");
        }
    }
}
