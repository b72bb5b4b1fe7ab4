//! Changes to a token where they matter: in the bytes behind a segment, which base64url hides from a fuzzer.

use crate::keys::{decode, encode};

/// Changes the token in `data[..size]` in place, and returns its new size.
///
/// `change` changes plain bytes: libFuzzer's own mutator.
pub fn mutate_token(
    data: &mut [u8],
    size: usize,
    most: usize,
    seed: u32,
    change: fn(&mut [u8], usize, usize) -> usize,
) -> usize {
    let chosen = match seed % 8 {
        0 | 1 => None,
        2..=4 => Some(0),
        5 | 6 => Some(1),
        _ => Some(2),
    };
    let changed = chosen.and_then(|segment| within(&data[..size], segment, change));
    match changed {
        Some(token) if token.len() <= most && token.len() <= data.len() => {
            data[..token.len()].copy_from_slice(&token);
            token.len()
        }
        _ => change(data, size, most),
    }
}

/// The token with the bytes of one segment changed.
fn within(token: &[u8], segment: usize, change: fn(&mut [u8], usize, usize) -> usize) -> Option<Vec<u8>> {
    let mut segments: Vec<&[u8]> = token.split(|byte| *byte == b'.').collect();
    let mut bytes = decode(segments.get(segment).filter(|_| segments.len() == 3)?)?;
    let size = bytes.len();
    bytes.resize(size + ROOM, 0);
    let room = bytes.len();
    let size = change(&mut bytes, size, room);
    let written = encode(&bytes[..size]);
    segments[segment] = written.as_bytes();
    Some(segments.join(&b'.'))
}

/// How many bytes a change may add.
const ROOM: usize = 512;
