//! RSA keys that others than their owner can sign with (RFC 7518 §3.3, RFC 8725 §3.5).

/// Returns whether modulus and exponent make a key that proves something.
///
/// The modulus is odd and has 2,048 to 8,192 bits; the exponent is odd, over 1 and under 2^32; neither
/// begins with a zero, so that a key has one writing and one thumbprint.
pub(crate) fn is_strong(modulus: &[u8], exponent: &[u8]) -> bool {
    let (Some(first), Some(last)) = (modulus.first(), modulus.last()) else { return false };
    let bits = modulus.len() * 8 - first.leading_zeros() as usize;
    let good_modulus = *first != 0 && last % 2 == 1 && (MIN_BITS..=MAX_BITS).contains(&bits);
    let good_exponent = (1..=4).contains(&exponent.len())
        && exponent.first() != Some(&0)
        && exponent.last().is_some_and(|last| last % 2 == 1)
        && exponent != [1];
    good_modulus && good_exponent && !is_of_rsalib(modulus)
}

/// Whether Infineon's RSALib made the key (ROCA, CVE-2017-15361), whose factors can be found.
///
/// Its primes are powers of 65537 modulo every small prime, hence so is their product. Of other keys
/// one in 2^160 looks like that: nearly all are cleared within a few primes.
fn is_of_rsalib(modulus: &[u8]) -> bool {
    let is_prime = |number: &u32| (3..*number).step_by(2).all(|divisor| !number.is_multiple_of(divisor));
    (3..=LAST_PRIME).step_by(2).filter(is_prime).all(|prime| {
        let rest = modulus.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime);
        let generator = 65_537 % prime;
        let mut power = 1;
        loop {
            if power == rest {
                return true;
            }
            power = power * generator % prime;
            if power == 1 {
                return false;
            }
        }
    })
}

const MIN_BITS: usize = 2_048;
const MAX_BITS: usize = 8_192;
/// The last prime of the product that RSALib uses for the shortest keys that are accepted here.
const LAST_PRIME: u32 = 701;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url::decode;

    /// Of Wycheproof's `json_web_key_test.json`, `jws_rsa_roca_key`.
    const ROCA: &str = "AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId\
        7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp\
        7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iM\
        USP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE";

    /// An odd modulus of so many bits, of which RSALib made none.
    fn modulus(bits: usize) -> Vec<u8> {
        let mut modulus = vec![0xa5; bits.div_ceil(8)];
        modulus[0] = 1 << ((bits - 1) % 8);
        modulus
    }

    #[test]
    fn a_modulus_has_its_bits_and_no_zero_before_them() {
        for (bits, strong) in
            [(1_024, false), (2_047, false), (2_048, true), (2_049, true), (8_192, true), (8_193, false)]
        {
            assert_eq!(is_strong(&modulus(bits), &[1, 0, 1]), strong, "{bits}");
        }
        let zero_before = [&[0], &modulus(2_048)[..]].concat();
        let mut even = modulus(2_048);
        even[255] -= 1;
        for weak in [&[][..], &[0; 256], &zero_before, &even] {
            assert!(!is_strong(weak, &[1, 0, 1]));
        }
    }

    #[test]
    fn an_exponent_is_odd_over_one_and_short() {
        for (exponent, strong) in [
            (&[][..], false),
            (&[0], false),
            (&[1], false),
            (&[2], false),
            (&[3], true),
            (&[0, 3], false),
            (&[0, 1], false),
            (&[1, 0, 1], true),
            (&[1, 0, 0], false),
            (&[0xff; 4], true),
            (&[1, 0, 0, 0, 1], false),
        ] {
            assert_eq!(is_strong(&modulus(2_048), exponent), strong, "{exponent:?}");
        }
    }

    #[test]
    fn a_key_of_rsalib_is_known_by_its_remainders() {
        let modulus = decode(ROCA).expect("it is base64url");
        assert!(is_of_rsalib(&modulus) && !is_strong(&modulus, &[1, 0, 1]));
        let mut other = modulus;
        other[100] ^= 1;
        assert!(!is_of_rsalib(&other));
    }
}
