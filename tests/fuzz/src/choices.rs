//! Decisions out of a fuzzer's bytes: what is built of them is known, whatever they are.

use std::slice::Iter;

/// Bytes, each of which decides something; zero where there are no more.
pub(crate) struct Choices<'a>(Iter<'a, u8>);

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// So many of the next bytes at most, of those that `belongs` allows.
    pub(crate) fn bytes(&mut self, most: usize, belongs: impl Fn(u8) -> bool) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.byte()).filter(|byte| belongs(*byte)).collect()
    }

    fn byte(&mut self) -> u8 {
        self.0.next().copied().unwrap_or_default()
    }
}
