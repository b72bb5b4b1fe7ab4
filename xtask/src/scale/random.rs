//! Dice that fall the same way for the same seed (SplitMix64).

/// A row of throws.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1, and never 0.
    pub(crate) fn share(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64
    }

    /// How long until something happens that happens every `mean`, without a memory.
    pub(crate) fn wait(&mut self, mean: f64) -> f64 {
        -mean * self.share().ln()
    }

    /// One of so many.
    pub(crate) fn one_of(&mut self, many: usize) -> usize {
        ((self.share() * many as f64) as usize).min(many - 1)
    }
}
