//! A fleet of real processes: three shops, one store, one provider, and what goes wrong among them.
//!
//! # Rules
//! 1. Each shop is a process of its own, which is killed, stopped and asked to end by signals. Redis and
//!    PostgreSQL are processes, too. The provider is the embedded one, over a socket, and by real time.
//! 2. Every case prints its figures in one line that begins with the number of the fault.
//! 3. A shop that panics fails its test, whatever it answered.

#![allow(clippy::print_stdout, reason = "figures are told, not only judged")]

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

use engine::Engine;
use instances::Instances;
use rig::{Rig, user};
use visitor::{Answer, Visitor};
