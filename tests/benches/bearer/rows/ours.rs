//! Our own layer in the benches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
use auth_layer::{AccessToken, Auth, require_auth};
use axum::Router;
use axum::routing::get;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tower::Layer as _;

use super::issuer::{AUDIENCE, Issuer};
use super::scenario::{Scenario, Traffic, always};
use super::table::bare;

/// The rows of our layer for the tokens of one issuer, beside those of its floor and its peers.
pub(crate) async fn scenarios(issuer: &Issuer) -> Vec<Scenario> {
    let mut rows = Vec::new();
    for traffic in Traffic::WITH_TOKENS {
        let config = config(issuer);
        let inside = async move || router_of(&set_up(config.clone()).await);
        rows.push(Scenario::new("auth-layer, Router::layer", issuer, traffic, inside));
    }
    for traffic in Traffic::WITH_TOKENS {
        let config = config(issuer);
        let around = async move || set_up(config.clone()).await.layer().layer(handlers());
        rows.push(Scenario::new("auth-layer, around the router", issuer, traffic, around));
    }
    let off = set_up(config(issuer).with_token_cache_bytes(0)).await;
    let off = always(router_of(&off));
    rows.push(Scenario::new("auth-layer, its cache off", issuer, Traffic::Same, off));
    let public = bare().layer(set_up(config(issuer)).await.layer());
    for (name, traffic) in [("with a token", Traffic::Same), ("no token", Traffic::Anonymous)] {
        let name = format!("{} auth-layer, public route, {name}", issuer.algorithm.name());
        rows.push(Scenario::blind(&name, issuer, traffic, public.clone()));
    }
    rows
}

/// What a load generator meets: `/open` behind our layer, as a user would set it up.
pub(crate) async fn router(issuer: &Issuer) -> Option<Router> {
    Some(router_of(&set_up(config(issuer)).await))
}

/// What is flooded.
pub(crate) struct Flooded {
    /// `/open` behind our layer, with its cache of 64 MiB.
    pub(crate) app: Router,
    /// How many tokens were verified until now: what was not, was remembered.
    pub(crate) verified: Box<dyn Fn() -> u64>,
}

/// Our layer with a count of what it verified.
pub(crate) async fn flooded(issuer: &Issuer) -> Option<Flooded> {
    let verified = Arc::new(AtomicU64::new(0));
    metrics::set_global_recorder(Verified(Arc::clone(&verified))).expect("nobody else records");
    let app = router_of(&set_up(config(issuer)).await);
    Some(Flooded { app, verified: Box::new(move || verified.load(Ordering::Relaxed)) })
}

fn config(issuer: &Issuer) -> auth_layer::config::ResourceServerConfigBuilder {
    ResourceServerConfig::builder(AUDIENCE).add_issuer(TrustedIssuer::new(&issuer.op.issuer()))
}

async fn set_up(config: auth_layer::config::ResourceServerConfigBuilder) -> Auth {
    let config = config.build().expect("a sound configuration");
    Auth::resource_server(config).await.expect("the issuer is the one that was configured")
}

mod scopes {
    auth_layer::scopes! {
        /// The API of the benches
        pub(crate) api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
            /// Read orders
            ReadOrders = "read:orders",
        }
    }
}

#[require_auth(scopes = ["read:products", "read:orders"], registry = scopes)]
async fn open(_token: AccessToken) -> &'static str {
    "open"
}

fn handlers() -> Router {
    Router::new().route("/open", get(open))
}

fn router_of(auth: &Auth) -> Router {
    handlers().layer(auth.layer())
}

/// Counts the tokens that were verified, and nothing else.
struct Verified(Arc<AtomicU64>);

impl Recorder for Verified {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match key.name() {
            "auth_layer_tokens_verified_total" => Counter::from_arc(Arc::clone(&self.0)),
            _ => Counter::noop(),
        }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
