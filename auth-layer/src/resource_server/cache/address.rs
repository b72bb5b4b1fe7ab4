//! Where a token is looked for: a keyed hash of what an attacker cannot choose.

use std::hash::{BuildHasher, Hasher as _};

/// A set, and the mark of the token there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) set: usize,
    pub(super) mark: u64,
}

impl Address {
    /// The address of `token` among `sets`, of which there is at least one.
    pub(super) fn of(token: &[u8], keys: &impl BuildHasher, sets: usize) -> Self {
        let mut hasher = keys.build_hasher();
        // Deliberately not the whole of a signed token: that took 150 to 200 ns, its end takes 17.
        match end_of_signature(token) {
            Some(end) => hasher.write(end),
            None => hasher.write(token),
        }
        let hash = hasher.finish();
        // The high half chooses among any number of sets as evenly as a remainder, without dividing.
        let set = ((hash >> 32) * sets as u64) >> 32;
        Self { set: set as usize, mark: hash }
    }
}

/// The end of a JWS's signature (RFC 7515 §3.1); `None` for what must be hashed whole.
///
/// The 64 bytes that hold no dot keep out an encrypted token: anybody may encrypt to a public key,
/// and so choose how such a token ends, but its last part is 43 characters at most (RFC 7518 §5.2).
fn end_of_signature(token: &[u8]) -> Option<&[u8; 32]> {
    let tail = token.last_chunk::<64>()?;
    let dotted = tail.iter().fold(false, |dotted, byte| dotted | (*byte == b'.'));
    if dotted || !token.starts_with(b"eyJ") { None } else { tail.last_chunk() }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, DefaultHasher, RandomState};

    use super::*;

    type Unkeyed = BuildHasherDefault<DefaultHasher>;

    fn mark(token: &str) -> u64 {
        Address::of(token.as_bytes(), &Unkeyed::default(), 1).mark
    }

    #[test]
    fn a_signed_token_is_placed_by_the_end_of_its_signature_and_any_other_by_all_of_it() {
        let (x, y) = ("x".repeat(60), "y".repeat(60));
        for (name, one, two, alike) in [
            ("signed", format!("eyJh.a.{x}{x}"), format!("eyJh.b.{x}{x}"), true),
            ("signed by another", format!("eyJh.a.{x}{x}"), format!("eyJh.a.{x}{y}"), false),
            ("with a short signature", format!("eyJh.a.{x}"), format!("eyJh.b.{x}"), false),
            ("encrypted", format!("eyJh.k.i.a.{}", &x[..43]), format!("eyJh.k.i.b.{}", &x[..43]), false),
            ("opaque", format!("a{x}{x}"), format!("b{x}{x}"), false),
            ("short", "a".into(), "b".into(), false),
            ("empty", String::new(), "a".into(), false),
        ] {
            assert_eq!(mark(&one) == mark(&two), alike, "{name}");
        }
    }

    #[test]
    fn no_two_caches_place_a_token_alike() {
        let place = |_| Address::of(b"token", &RandomState::new(), 1).mark;
        let marks: std::collections::HashSet<u64> = (0..100).map(place).collect();
        assert_eq!(marks.len(), 100);
    }

    #[test]
    fn sets_of_any_number_are_filled_evenly() {
        for sets in [1, 2, 3, 100, 777] {
            let mut counts = vec![0_usize; sets];
            for token in 0..sets * 100 {
                counts[Address::of(&token.to_le_bytes(), &Unkeyed::default(), sets).set] += 1;
            }
            assert!(counts.iter().all(|count| (50..200).contains(count)), "{sets}: {counts:?}");
        }
    }
}
