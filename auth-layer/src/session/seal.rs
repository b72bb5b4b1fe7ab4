//! The seal: the only file that sees session keys.
//!
//! # Rules
//! 1. AES-256-GCM-SIV (RFC 8452): nonces are random, and even a repeated one reveals only whether
//!    two plaintexts are equal. A key does not wear out within any number of seals a fleet can make.
//! 2. The envelope is `version | key id | nonce | ciphertext and tag`. The version and the name that
//!    a value is sealed for are bound as associated data, length first.
//! 3. Keys are a ring, newest first: the newest seals, all open.
//! 4. What is kept in a store is sealed with a [`Ticket`]: a key that is derived from what the browser
//!    alone holds. Neither the store nor the application's keys open it.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::config::SessionKey;
use crate::secret::SecretBytes;

/// The keys of all seals, newest first.
pub(crate) struct KeyRing(Vec<Key>);

struct Key {
    id: [u8; ID_BYTES],
    aead: LessSafeKey,
}

/// A secret of the browser's, as a name in the store and the key of what is kept there.
///
/// The name reveals nothing of the key, and neither reveals the secret.
pub(crate) struct Ticket {
    name: String,
    purpose: Purpose,
    key: Key,
}

/// What was under a seal; the buffer is overwritten when the last part of it goes.
#[derive(Debug)]
pub(crate) struct OpenedSeal {
    buffer: Arc<SecretBytes>,
    pub(crate) by: KeyAge,
}

/// What a value is sealed for: it opens for nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Purpose(Box<[u8]>);

/// Which key a seal was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyAge {
    /// The one that seals now.
    Newest,
    /// One before: seal again.
    Older,
}

/// It does not open: foreign, cut, tampered with, or sealed for another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seal does not open")]
pub(crate) struct SealError;

impl KeyRing {
    pub(crate) fn new(keys: &[SessionKey]) -> Self {
        Self(keys.iter().map(|key| Key::derive(key.expose())).collect())
    }

    /// Seals `plaintext` for a purpose.
    pub(crate) fn seal(&self, purpose: &Purpose, plaintext: &[u8]) -> Vec<u8> {
        self.0[0].seal(purpose, plaintext)
    }

    /// Opens, in its own memory, what was sealed for a purpose.
    pub(crate) fn open(&self, purpose: &Purpose, sealed: Vec<u8>) -> Result<OpenedSeal, SealError> {
        let id = sealed.get(1..=ID_BYTES).ok_or(SealError)?;
        let index = self.0.iter().position(|key| key.id == id).ok_or(SealError)?;
        let by = if index == 0 { KeyAge::Newest } else { KeyAge::Older };
        self.0[index].open(purpose, sealed, by)
    }
}

impl Ticket {
    /// The ticket of a secret of at least 128 random bits, for a kind of records such as sessions.
    ///
    /// It is of this client at this issuer alone: others may share the store.
    pub(crate) fn new(kind: &str, client: &Purpose, secret: &[u8]) -> Self {
        let pseudo_random = Salt::new(HKDF_SHA256, b"auth-layer ticket").extract(secret);
        let mut name = [0_u8; NAME_BYTES];
        pseudo_random
            .expand(&[b"name", kind.as_bytes(), &client.0], Length(NAME_BYTES))
            .and_then(|okm| okm.fill(&mut name))
            .expect("24 bytes are within the limits of HKDF");
        let name = format!("{kind}:{}", URL_SAFE_NO_PAD.encode(name));
        let key = Key::expand(&pseudo_random, &[b"seal", kind.as_bytes(), &client.0]);
        Self { purpose: Purpose::new(&name), name, key }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn seal(&self, plaintext: &[u8]) -> Vec<u8> {
        self.key.seal(&self.purpose, plaintext)
    }

    pub(crate) fn open(&self, sealed: Vec<u8>) -> Result<OpenedSeal, SealError> {
        self.key.open(&self.purpose, sealed, KeyAge::Newest)
    }
}

impl OpenedSeal {
    pub(crate) fn plaintext(&self) -> &[u8] {
        &self.buffer[HEAD_BYTES..self.buffer.len() - TAG_BYTES]
    }

    /// The buffer that the plaintext is part of, for texts that share it.
    pub(crate) const fn buffer(&self) -> &Arc<SecretBytes> {
        &self.buffer
    }
}

impl Key {
    fn derive(material: &[u8]) -> Self {
        Self::expand(&Salt::new(HKDF_SHA256, b"auth-layer").extract(material), &[b"session seal v1"])
    }

    fn expand(pseudo_random: &Prk, info: &[&[u8]]) -> Self {
        let mut bytes = [0_u8; KEY_BYTES];
        pseudo_random
            .expand(info, Length(KEY_BYTES))
            .and_then(|okm| okm.fill(&mut bytes))
            .expect("32 bytes are within the limits of HKDF");
        let mut id = [0_u8; ID_BYTES];
        id.copy_from_slice(&digest(&SHA256, &bytes).as_ref()[..ID_BYTES]);
        let unbound =
            UnboundKey::new(&AES_256_GCM_SIV, &bytes).expect("the key has the length of its cipher");
        zeroize::Zeroize::zeroize(&mut bytes);
        Self { id, aead: LessSafeKey::new(unbound) }
    }

    fn seal(&self, purpose: &Purpose, plaintext: &[u8]) -> Vec<u8> {
        let mut nonce = [0_u8; NONCE_LEN];
        // Deliberately a panic: a machine without randomness must not seal.
        rand::fill(&mut nonce).expect("the operating system's random generator answers");
        let mut sealed = Vec::with_capacity(HEAD_BYTES + plaintext.len() + TAG_BYTES);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let tag = self
            .aead
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&purpose.0),
                &mut sealed[HEAD_BYTES..],
            )
            .expect("a plaintext of a few kilobytes is within the limits of the cipher");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    fn open(&self, purpose: &Purpose, mut sealed: Vec<u8>, by: KeyAge) -> Result<OpenedSeal, SealError> {
        if sealed.len() < HEAD_BYTES + TAG_BYTES || sealed[0] != VERSION {
            return Err(SealError);
        }
        let (head, body) = sealed.split_at_mut(HEAD_BYTES);
        let nonce = Nonce::try_assume_unique_for_key(&head[1 + ID_BYTES..]).map_err(|_| SealError)?;
        self.aead.open_in_place(nonce, Aad::from(&purpose.0), body).map_err(|_| SealError)?;
        Ok(OpenedSeal { buffer: Arc::new(SecretBytes::new(sealed)), by })
    }
}

impl Purpose {
    /// A value that is sealed for a name, such as its cookie's.
    pub(crate) fn new(name: &str) -> Self {
        let mut data = Vec::with_capacity(9 + name.len());
        data.push(VERSION);
        // The length goes first, so that no name is the beginning of another.
        data.extend_from_slice(&(name.len() as u64).to_be_bytes());
        data.extend_from_slice(name.as_bytes());
        Self(data.into_boxed_slice())
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyRing({} keys)", self.0.len())
    }
}

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ticket(..)")
    }
}

const VERSION: u8 = 1;
const NAME_BYTES: usize = 24;
const KEY_BYTES: usize = 32;
const ID_BYTES: usize = 4;
const TAG_BYTES: usize = 16;
const HEAD_BYTES: usize = 1 + ID_BYTES + NONCE_LEN;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn session() -> Purpose {
        Purpose::new("session")
    }

    fn ring(keys: &[u8]) -> KeyRing {
        KeyRing::new(&keys.iter().map(|fill| SessionKey::from_bytes(vec![*fill; 32])).collect::<Vec<_>>())
    }

    #[test]
    fn what_was_sealed_opens_for_its_name_alone() {
        let ring = ring(&[1]);
        let sealed = ring.seal(&session(), b"payload");
        assert_eq!(ring.open(&session(), sealed.clone()).unwrap().plaintext(), b"payload");
        for name in ["login", "sessio", "session ", ""] {
            assert_eq!(ring.open(&Purpose::new(name), sealed.clone()).unwrap_err(), SealError, "{name:?}");
        }
    }

    #[test]
    fn no_flipped_bit_and_no_cut_passes() {
        let ring = ring(&[1]);
        let sealed = ring.seal(&session(), b"payload");
        for index in 0..sealed.len() {
            for bit in 0..8 {
                let mut bent = sealed.clone();
                bent[index] ^= 1 << bit;
                assert!(ring.open(&session(), bent).is_err(), "byte {index}, bit {bit}");
            }
            assert!(ring.open(&session(), sealed[..index].to_vec()).is_err(), "cut at {index}");
        }
    }

    #[test]
    fn an_older_key_opens_until_it_is_dropped() {
        let sealed = ring(&[1]).seal(&session(), b"payload");
        assert_eq!(ring(&[2, 1]).open(&session(), sealed.clone()).unwrap().by, KeyAge::Older);
        assert_eq!(ring(&[1, 2]).open(&session(), sealed.clone()).unwrap().by, KeyAge::Newest);
        assert!(ring(&[2]).open(&session(), sealed).is_err());
    }

    #[test]
    fn a_ticket_opens_what_it_sealed_and_names_it_without_a_trace_of_its_secret() {
        let ticket =
            |kind: &str, client: &str, secret: &[u8]| Ticket::new(kind, &Purpose::new(client), secret);
        let first = ticket("s", "client", b"secret");
        let sealed = first.seal(b"payload");
        assert_eq!(ticket("s", "client", b"secret").open(sealed.clone()).unwrap().plaintext(), b"payload");
        for (kind, client, secret) in
            [("r", "client", "secret"), ("s", "other", "secret"), ("s", "client", "s")]
        {
            let other = ticket(kind, client, secret.as_bytes());
            assert!(other.open(sealed.clone()).is_err(), "{kind} {client} {secret}");
            assert_ne!(other.name(), first.name(), "{kind} {client} {secret}");
        }
        assert_eq!(first.name().len(), 34, "{}", first.name());
        assert!(ring(&[1]).open(&session(), sealed).is_err(), "the application's keys do not open it");
    }

    #[test]
    fn nonces_do_not_repeat() {
        let ring = ring(&[1]);
        let nonces: std::collections::HashSet<_> =
            (0..100_000).map(|_| ring.seal(&session(), b"")[1 + ID_BYTES..HEAD_BYTES].to_vec()).collect();
        assert_eq!(nonces.len(), 100_000);
    }
}
