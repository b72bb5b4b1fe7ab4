//! The part of the log that is in memory.

use std::io::{self, Read};

use memchr::{memchr_iter, memrchr};

use super::limits::CHUNK;

/// A window on an input, which moves forward only.
pub(super) struct Window<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    is_at_end: bool,
    line: u64,
    /// How many blanks the present line begins with, as far as it is known.
    indentation: usize,
    is_in_indentation: bool,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            is_at_end: false,
            line: 1,
            indentation: 0,
            is_in_indentation: true,
        }
    }

    /// Returns the bytes that have been read and not taken.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Returns the number of the line in which the window begins, from 1.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// Returns by how many blanks the line in which the window begins is indented.
    pub(super) fn indentation(&self) -> usize {
        self.indentation.min(DEEPEST)
    }

    /// Returns whether nothing but blanks is before the window in its line.
    pub(super) const fn is_at_line_head(&self) -> bool {
        self.is_in_indentation
    }

    /// Moves the window forward.
    pub(super) fn take(&mut self, bytes: usize) {
        let taken = &self.buffer[self.start..self.start + bytes];
        let rest = match memrchr(b'\n', taken) {
            Some(at) => {
                self.line += memchr_iter(b'\n', taken).count() as u64;
                (self.indentation, self.is_in_indentation) = (0, true);
                &taken[at + 1..]
            }
            None => taken,
        };
        if self.is_in_indentation {
            let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
            self.indentation += blanks;
            self.is_in_indentation = blanks == rest.len();
        }
        self.start += bytes;
    }

    /// Reads on, at least as much again as there is, and returns whether there was more.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if self.is_at_end {
            return Ok(false);
        }
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let wanted = self.end + self.end.max(CHUNK);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        let before = self.end;
        while self.end < wanted {
            match self.input.read(&mut self.buffer[self.end..wanted]) {
                Ok(0) => {
                    self.is_at_end = true;
                    break;
                }
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.end > before)
    }
}

/// An indentation beyond this is as good as this.
pub(super) const DEEPEST: usize = 64;
