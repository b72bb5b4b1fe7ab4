//! A fleet of real processes: three shops, one store, one provider, and what goes wrong among them.
//!
//! # Rules
//! 1. Each shop is a process of its own, which is killed, stopped and asked to end by signals. Redis and
//!    PostgreSQL are processes, too. The provider is the embedded one, over a socket, and by real time.
//! 2. Every case prints its figures in one line that begins with the number of the fault.
//! 3. In a run of all tests things go wrong for seconds and a few times; `cargo xtask soak fleet` takes the
//!    numbers of docs/security.md.
//! 4. A shop that panics fails its test, whatever it answered.
//!
//! # Faults
//! | what is done | what must hold | where |
//! |---|---|---|
//! | 300 requests with an expired token | one refresh | `refreshes` |
//! | the provider takes 8 s | one refresh, and a living token does not wait | `refreshes` |
//! | the provider's answer is lost, is `invalid_grant`, is 429 | few calls, and at most that session | `answers` |
//! | a shop is killed in the middle of a refresh | a clean login or the session, within the lease | `deaths` |
//! | a shop is stopped for longer than its lease | no newer tokens are replaced | `deaths` |
//! | a shop is asked to end in the middle of refreshes | no rotation is lost | `shutdowns` |
//! | the store is killed, or stopped | 503, and never anonymous | `outages` |
//! | a logout races a refresh | the session stays ended | `logouts` |
//! | the worker of each shop wants a token, also while shops are replaced, killed, or without their store | one machine token for each lifetime | `workers` |

#![allow(clippy::print_stdout, reason = "figures are told, not only judged")]

mod effort;
mod engine;
mod instances;
mod rig;
mod visitor;

mod answers;
mod deaths;
mod logouts;
mod outages;
mod refreshes;
mod shutdowns;
mod workers;

use engine::Engine;
use instances::Instances;
use rig::{Rig, user};
use visitor::{Answer, Visitor};
