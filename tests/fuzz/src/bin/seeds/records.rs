//! What is under the seals: a session's record, and a login that was begun, in the form of postcard.

pub(crate) fn all() -> Vec<(&'static str, Vec<u8>)> {
    vec![("session", session(true)), ("session.bare", session(false)), ("attempt", attempt())]
}

fn session(is_full: bool) -> Vec<u8> {
    let mut record = vec![2];
    bytes(&mut record, b"0123456789abcdef");
    for millis in [1_799_999_000_000, 1_799_999_000_000, 1_800_600_000_000, 1_799_999_000_000] {
        number(&mut record, millis);
    }
    bytes(&mut record, b"auth0|ada");
    bytes(&mut record, if is_full { br#"{"name":"Ada","email":"ada@shop.example"}"# } else { b"{}" });
    for text in ["sid-1", "eyJhbGciOiJSUzI1NiJ9.e30.AA"] {
        optional(&mut record, is_full, |record| bytes(record, text.as_bytes()));
    }
    bytes(&mut record, b"openid read:products");
    number(&mut record, 3);
    optional(&mut record, is_full, |record| record.extend_from_slice(&[9; 32]));
    optional(&mut record, is_full, |record| bytes(record, b"refresh"));
    number(&mut record, u64::from(is_full));
    if is_full {
        bytes(&mut record, b"access");
        optional(&mut record, true, |record| bytes(record, b"https://api.example"));
        bytes(&mut record, b"openid read:products");
        number(&mut record, 1_799_999_000_000);
        number(&mut record, 1_800_000_600_000);
    }
    record
}

fn attempt() -> Vec<u8> {
    let mut attempt = vec![2];
    for text in [
        "state-1",
        "nonce-1",
        "verifier-1",
        "/products",
        "https://shop.example/auth/callback",
        "https://op.example",
    ] {
        bytes(&mut attempt, text.as_bytes());
    }
    optional(&mut attempt, true, |attempt| number(attempt, 3_600));
    number(&mut attempt, 1);
    bytes(&mut attempt, b"phr");
    number(&mut attempt, 1_800_000_000_000);
    attempt
}

fn bytes(into: &mut Vec<u8>, bytes: &[u8]) {
    number(into, bytes.len() as u64);
    into.extend_from_slice(bytes);
}

fn optional(into: &mut Vec<u8>, is_there: bool, write: impl FnOnce(&mut Vec<u8>)) {
    into.push(u8::from(is_there));
    if is_there {
        write(into);
    }
}

/// Seven bits a byte, the lowest first.
fn number(into: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        into.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}
