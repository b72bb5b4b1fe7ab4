//! Where the next object begins, after one that was broken.

use std::io::{self, Read};

use memchr::memchr_iter;
use memchr::memmem;

use super::limits::NEAR;
use super::window::{DEEPEST, Window};

/// Returns where a line begins with an object or an array, no further indented than `indentation`: the
/// offset of its bracket. The first line of `bytes` is not looked at.
pub(super) fn next_at_line_head(bytes: &[u8], indentation: usize) -> Option<usize> {
    memchr_iter(b'\n', bytes).find_map(|at| {
        let line = &bytes[at + 1..];
        let blanks = line.iter().take(indentation + 1).take_while(|byte| is_blank(**byte)).count();
        let is_next = blanks <= indentation && matches!(line.get(blanks), Some(b'{' | b'['));
        is_next.then_some(at + 1 + blanks)
    })
}

/// Moves the window on, to the next object that begins at the head of a line or, where `within_line`, after
/// another one.
pub(super) fn resume<R: Read>(
    window: &mut Window<R>,
    indentation: usize,
    within_line: bool,
) -> io::Result<()> {
    let mut horizon = NEAR;
    loop {
        let bytes = window.bytes();
        let seen = &bytes[..horizon.min(bytes.len())];
        let at_head = next_at_line_head(seen, indentation);
        let before = &seen[..at_head.unwrap_or(seen.len())];
        let after = if within_line { next_after_another(before) } else { None };
        match after.or(at_head) {
            Some(next) => {
                window.take(next);
                return Ok(());
            }
            None if seen.len() < bytes.len() => horizon *= 4,
            None => {
                // What may be the beginning of the sign stays.
                window.take(bytes.len().saturating_sub(DEEPEST + 4));
                if !window.fill()? {
                    window.take(window.bytes().len());
                    return Ok(());
                }
            }
        }
    }
}

/// Moves the window over one object that is too long to be read, in memory that does not grow with it.
pub(super) fn pass_over<R: Read>(window: &mut Window<R>) -> io::Result<()> {
    let mut passing = Passing { indentation: window.indentation(), ..Passing::default() };
    loop {
        let bytes = window.bytes();
        match bytes.iter().position(|byte| passing.step(*byte)) {
            Some(at) => {
                // The bracket of the next object is not part of this one; its own last bracket is.
                window.take(if passing.depth == 0 { at + 1 } else { at });
                return Ok(());
            }
            None => {
                window.take(bytes.len());
                if !window.fill()? {
                    return Ok(());
                }
            }
        }
    }
}

/// What was passed of an object.
#[derive(Default)]
struct Passing {
    indentation: usize,
    depth: usize,
    is_in_string: bool,
    is_escaped: bool,
    /// How many blanks the line has, as long as it has nothing else.
    blanks: Option<usize>,
}

impl Passing {
    /// Returns whether the object ends with this byte, or before it.
    fn step(&mut self, byte: u8) -> bool {
        match (byte, self.blanks) {
            (b'\n', _) => self.blanks = Some(0),
            (b'{' | b'[', Some(blanks)) if blanks <= self.indentation => return true,
            (byte, Some(blanks)) if is_blank(byte) => self.blanks = Some(blanks + 1),
            _ => self.blanks = None,
        }
        if self.is_in_string {
            match byte {
                _ if self.is_escaped => self.is_escaped = false,
                b'\\' => self.is_escaped = true,
                b'"' => self.is_in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.is_in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

fn next_after_another(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, b"},").find_map(|at| {
        let blanks = bytes[at + 2..].iter().take(2).take_while(|byte| is_blank(**byte)).count();
        (bytes.get(at + 2 + blanks) == Some(&b'{')).then_some(at + 2 + blanks)
    })
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}
