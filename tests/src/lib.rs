//! What the tests share: a site around the layer, visitors with a cookie jar each, and an API.
//!
//! Everything passes the public API and crosses a socket to the embedded provider; time is injected.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::exhaustive_enums
)]

mod api;
mod chance;
pub mod costs;
mod eventually;
mod faulty_store;
mod fleet;
pub mod including_scopes;
mod listener;
mod machines;
mod observed_store;
mod routes;
pub mod servers;
pub mod shared_scopes;
mod site;
mod visitor;

pub use api::{Api, ApiBuilder, START, send, send_with_body};
pub use chance::Chance;
pub use eventually::eventually;
pub use faulty_store::{FaultyStore, Mood};
pub use fleet::{Fleet, Keep};
pub use listener::Listener;
pub use machines::{CATALOGUE, Machines, ORDERS, WORKER_SECRET, token, value};
pub use observed_store::{ObservedStore, Written};
pub use routes::{BILLING, SHOP, routes_behind};
pub use site::{BASE_URL, SESSION_KEY, Site, SiteBuilder};
pub use visitor::{Reply, Visitor};
