//! The behaviours of design: each function is one sentence of what must hold.
#![allow(clippy::unwrap_used)]

mod decisions;
mod hang_ups;
mod jwks_clocks;
mod jwks_cold;
mod jwks_documents;
mod jwks_flood;
mod jwks_outage;
mod jwks_rotation;
mod jwks_upkeep;
mod login;
mod long_requests;
mod measured;
mod provider_away;
mod refresh;
mod session;
mod several_audiences;
mod stored;
