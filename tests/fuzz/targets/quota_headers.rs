//! See `fuzz::quota_headers`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::quota_headers(data));
