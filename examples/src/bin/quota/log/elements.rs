//! The objects of an export, one after another.

use std::io::{self, Read};

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Error};

use super::event::{Event, Object, why};
use super::limits::{LONGEST, NEAR};
use super::lost;
use super::window::Window;

/// What is told of a log.
pub(crate) trait Sink {
    /// An event.
    fn event(&mut self, event: &Event<'_>);

    /// What begins in this line is no event.
    fn broken(&mut self, line: u64, why: &str);
}

/// Reads a log to its end.
///
/// # Errors
/// Those of the input; what is in it is never an error.
pub(crate) fn read<R: Read>(input: R, sink: &mut impl Sink) -> io::Result<()> {
    let mut window = Window::new(input);
    window.fill()?;
    if window.bytes().starts_with(BYTE_ORDER_MARK) {
        window.take(BYTE_ORDER_MARK.len());
    }
    let mut usual = Usual::default();
    loop {
        let bytes = window.bytes();
        let between = bytes.iter().take_while(|byte| b" \t\r\n,[]".contains(byte)).count();
        window.take(between);
        match window.bytes().first().copied() {
            Some(b'{') => object(&mut window, &mut usual, sink)?,
            Some(_) => stray(&mut window, &usual, sink)?,
            None if window.fill()? => {}
            None => return Ok(()),
        }
    }
}

/// Reads the object with which the window begins.
fn object<R: Read>(window: &mut Window<R>, usual: &mut Usual, sink: &mut impl Sink) -> io::Result<()> {
    let (line, indentation) = (window.line(), window.indentation());
    let within_line = !window.is_at_line_head();
    // The horizon grows with the object, so that a search for the next one costs no more than this one.
    let mut horizon = NEAR;
    loop {
        let bytes = window.bytes();
        let seen = &bytes[..horizon.min(bytes.len())];
        let next = lost::next_at_line_head(seen, indentation);
        let seen = &seen[..next.unwrap_or(seen.len())];
        let (length, is_all) = (seen.len(), seen.len() == bytes.len());
        let used = match parse(seen, line, sink) {
            Parsed::Event(used) => {
                *usual = Usual { indentation, within_line };
                used
            }
            Parsed::NoEvent(used, why) => {
                sink.broken(line, &why);
                used
            }
            // Of a number that is cut in two, such as `-`, it is not said that it ends too early.
            Parsed::NoJson(from, _)
                if from + 2 >= length
                    && next.is_none()
                    && length < LONGEST
                    && (!is_all || window.fill()?) =>
            {
                horizon = (horizon * 4).min(LONGEST);
                continue;
            }
            Parsed::NoJson(from, why) => {
                sink.broken(line, &why);
                window.take(from);
                // What is broken may be the very place: the good ones before it say where the next may begin.
                let within_line = within_line || usual.within_line;
                return lost::resume(window, indentation.max(usual.indentation), within_line);
            }
            Parsed::CutOff if next.is_some() => {
                sink.broken(line, CUT_OFF);
                length
            }
            Parsed::CutOff if length >= LONGEST => {
                sink.broken(line, "it is longer than 4 MiB");
                return lost::pass_over(window);
            }
            Parsed::CutOff if !is_all || window.fill()? => {
                horizon = (horizon * 4).min(LONGEST);
                continue;
            }
            Parsed::CutOff => {
                sink.broken(line, CUT_OFF);
                length
            }
        };
        window.take(used);
        return Ok(());
    }
}

/// Passes over something else than an object.
fn stray<R: Read>(window: &mut Window<R>, usual: &Usual, sink: &mut impl Sink) -> io::Result<()> {
    sink.broken(window.line(), "it is not an object");
    let is_end: fn(&u8) -> bool = match window.is_at_line_head() && !usual.within_line {
        true => |byte| *byte == b'\n',
        false => |byte| b"\n,]".contains(byte),
    };
    loop {
        let bytes = window.bytes();
        let end = bytes.iter().position(is_end);
        window.take(end.unwrap_or(bytes.len()));
        if end.is_some() || !window.fill()? {
            return Ok(());
        }
    }
}

/// Where the last good object began.
#[derive(Default)]
struct Usual {
    indentation: usize,
    within_line: bool,
}

enum Parsed {
    /// An event was handed over; it had so many bytes.
    Event(usize),
    /// So many bytes of good JSON are no event.
    NoEvent(usize, String),
    /// It is no JSON from here on.
    NoJson(usize, String),
    /// The bytes end before the object does.
    CutOff,
}

fn parse(bytes: &[u8], line: u64, sink: &mut impl Sink) -> Parsed {
    let mut objects = Deserializer::from_slice(bytes).into_iter::<Object<'_>>();
    match objects.next() {
        Some(Ok(object)) => {
            object.hand_over(line, sink);
            Parsed::Event(objects.byte_offset())
        }
        Some(Err(error)) if error.is_data() => {
            let mut values = Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
            match values.next() {
                Some(Ok(_)) => Parsed::NoEvent(values.byte_offset(), why(&error)),
                Some(Err(error)) if !error.is_eof() => Parsed::NoJson(offset(bytes, &error), why(&error)),
                Some(Err(_)) | None => Parsed::CutOff,
            }
        }
        Some(Err(error)) if !error.is_eof() => Parsed::NoJson(offset(bytes, &error), why(&error)),
        Some(Err(_)) | None => Parsed::CutOff,
    }
}

/// Returns a place before which `bytes` are good JSON.
fn offset(bytes: &[u8], error: &Error) -> usize {
    let newlines = memchr::memchr_iter(b'\n', bytes);
    let line = match error.line() {
        0 | 1 => 0,
        line => newlines.take(line - 1).last().map_or(0, |at| at + 1),
    };
    // The column may be that of the byte after the wrong one: a line's end in a text must not be missed.
    (line + error.column()).saturating_sub(2).min(bytes.len())
}

const CUT_OFF: &str = "it ends before it is whole";

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
