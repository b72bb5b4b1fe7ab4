//! See `fuzz::session_record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::session_record(data));
