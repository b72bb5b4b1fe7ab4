//! RS256 by hand: signatures with a key, and without one.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

/// Signs with RS256.
pub(crate) fn rsa_signed(pair: &RsaKeyPair, input: &str) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), input.as_bytes(), &mut signature).unwrap();
    signature
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) over 256 bytes: what verifies where e = 1.
pub(crate) fn padded_hash(input: &str) -> Vec<u8> {
    let algorithm = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    let hash = digest(&SHA256, input.as_bytes());
    let mut padded = vec![0xff; 256 - algorithm.len() - hash.as_ref().len()];
    (padded[0], padded[1]) = (0, 1);
    *padded.last_mut().unwrap() = 0;
    [&padded[..], &algorithm, hash.as_ref()].concat()
}
