//! The library against real parts: a certified OpenID provider, a real browser, Redis, PostgreSQL, and a
//! fleet of shops as processes.
//!
//! They are started by the tests on loopback: Node.js runs `tests/real_parts/provider.mjs` (npm
//! `oidc-provider`), and `tests/real_parts/browser.mjs` drives Debian's Chromium.
//! `redis-server` is started by the tests themselves, as many of them as one needs.
//! A part that is not installed fails its test; `cargo xtask test` installs them all.
#![allow(clippy::unwrap_used, reason = "a test says no by panicking")]

mod app;
mod browser;
mod node;
mod person;
mod scopes;

mod certified_provider;
mod costs;
mod fleet;
mod fleet_example;
mod machine;
mod postgres;
mod redis;
mod small_examples;
