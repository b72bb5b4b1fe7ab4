//! What the tests share: a site around the layer, and visitors with a cookie jar each.
//!
//! Everything passes the public API and crosses a socket to the embedded provider; time is injected.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::must_use_candidate)]

mod eventually;
mod guarded_api;
mod log;
mod routes;
pub mod shared_scopes;
mod site;
mod visitor;

pub use eventually::eventually;
pub use guarded_api::{GuardedApi, GuardedApiBuilder};
pub use log::Log;
pub use routes::{BILLING, SHOP};
pub use site::{BASE_URL, SESSION_KEY, Site, SiteBuilder};
pub use visitor::{Reply, Visitor};
