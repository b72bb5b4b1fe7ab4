//! What an allocation really takes, so that a bound in bytes means what it says.

/// Bytes that an allocation of `len` takes: a header of eight, in steps of sixteen, 32 at least.
///
/// That is glibc's malloc. Others round as much, or more for large sizes and less for small ones.
pub(crate) const fn allocated(len: usize) -> usize {
    if len == 0 {
        return 0;
    }
    let taken = len.saturating_add(HEADER).saturating_add(STEP - 1) / STEP * STEP;
    if taken < SMALLEST { SMALLEST } else { taken }
}

/// Bytes that a `T` behind an `Arc` takes, without what it owns elsewhere.
pub(crate) const fn shared<T>() -> usize {
    allocated(size_of::<T>() + 2 * size_of::<usize>())
}

const HEADER: usize = 8;
const STEP: usize = 16;
const SMALLEST: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocation_takes_its_header_and_is_rounded_up() {
        for (len, taken) in [(0, 0), (1, 32), (24, 32), (25, 48), (40, 48), (634, 656), (890, 912)] {
            assert_eq!(allocated(len), taken, "{len}");
        }
        assert!(allocated(usize::MAX) > usize::MAX / 2);
        assert_eq!(shared::<[u8; 24]>(), 48);
    }
}
