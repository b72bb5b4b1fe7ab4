//! Our own layer in the benches: the one place where it is plugged in.
//!
//! Nothing is here until bearer tokens are: each function then answers with what it says.

use axum::Router;

use super::issuer::Issuer;
use super::scenario::Scenario;

/// The rows of our layer for the tokens of one issuer, beside those of its floor and its peers.
///
/// A row that remembers tokens is built by [`Scenario::new`] for each of
/// [`Traffic::WITH_TOKENS`](super::scenario::Traffic), with a `fresh` that answers with a service
/// which has its keys and has seen no token: for a first sight it is asked again every 4,096
/// requests, out of the clock. The layer inside the router and the layer around the router
/// (any `Service`, not only a `Router`) are rows of their own. The public route behind the layer
/// is a [`Scenario::blind`] one, with [`Traffic::Same`](super::scenario::Traffic) and with
/// `Traffic::Anonymous`. Every row answers 200 at `/open`; what it is called has 38 bytes at most,
/// so that the table stays straight.
pub(crate) async fn scenarios(issuer: &Issuer) -> Vec<Scenario> {
    let _ = issuer;
    Vec::new()
}

/// What a load generator meets: `/open` behind our layer, as a user would set it up.
pub(crate) async fn router(issuer: &Issuer) -> Option<Router> {
    let _ = issuer;
    None
}

/// What is flooded.
pub(crate) struct Flooded {
    /// `/open` behind our layer, with its cache of 64 MiB.
    pub(crate) app: Router,
    /// How many requests were answered from the cache until now.
    pub(crate) hits: Box<dyn Fn() -> u64>,
}

/// Our layer with a count of its hits.
pub(crate) async fn flooded(issuer: &Issuer) -> Option<Flooded> {
    let _ = issuer;
    None
}
