//! See `fuzz::tenant_log`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::tenant_log(data));
