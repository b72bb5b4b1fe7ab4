//! The behaviours of design: each function is one sentence of what must hold.
#![allow(clippy::unwrap_used)]

mod decisions;
mod grpc;
mod hang_ups;
mod login;
mod long_requests;
mod measured;
mod provider_away;
mod refresh;
mod scopes;
mod session;
mod several_audiences;
mod stored;
