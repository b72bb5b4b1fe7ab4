//! Tokens that a set gave up lately: one that comes back was wanted after all.

/// What is left of a token that was given up: sixteen bits of its hash.
///
/// A stranger is taken for one of them once in 1,600 times, which costs no more than that it is kept
/// a while longer.
#[derive(Debug)]
pub(super) struct Ghosts {
    traces: [u16; GHOSTS],
    next: u8,
}

impl Ghosts {
    pub(super) const fn new() -> Self {
        Self { traces: [NO_TRACE; GHOSTS], next: 0 }
    }

    /// Remembers a token by its mark, in place of the one that went first.
    pub(super) fn remember(&mut self, mark: u64) {
        self.traces[usize::from(self.next)] = trace(mark);
        self.next = (self.next + 1) % GHOSTS as u8;
    }

    /// Whether the token of this mark is among them; it is no more.
    pub(super) fn take(&mut self, mark: u64) -> bool {
        let found = self.traces.iter_mut().find(|held| **held == trace(mark));
        found.map(|held| *held = NO_TRACE).is_some()
    }
}

/// The lowest two bits count uses, and the upper half chose the set.
fn trace(mark: u64) -> u16 {
    ((mark >> 2) as u16).max(1)
}

const NO_TRACE: u16 = 0;
/// As many as fit into five cache lines with the rest of a set.
const GHOSTS: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_was_given_up_is_recognised_once_and_the_first_is_forgotten_first() {
        let mut ghosts = Ghosts::new();
        let mark = |number: u64| number << 2;
        assert!(!ghosts.take(mark(0)) && !ghosts.take(mark(1)), "there are none");
        (1..=GHOSTS as u64 + 1).for_each(|number| ghosts.remember(mark(number)));
        assert!(!ghosts.take(mark(1)), "it was the first");
        assert!(ghosts.take(mark(2) | 3), "whatever its uses");
        assert!(!ghosts.take(mark(2)), "once");
        assert!(ghosts.take(mark(GHOSTS as u64 + 1)));
    }
}
