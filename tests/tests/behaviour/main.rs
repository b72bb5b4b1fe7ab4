//! The behaviours of design: each function is one sentence of what must hold.
#![allow(clippy::unwrap_used)]

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
        pub(crate) api Billing = "https://billing.shop.example" { ReadInvoices = "read:invoices" }
        pub(crate) api OpenId { OfflineAccess = "offline_access" }
    }
}

mod back_channel;
mod bearer_api;
mod bearer_beside_session;
mod bearer_config;
mod bearer_issuers;
mod bearer_metadata;
mod bearer_opaque;
mod bearer_plain;
mod bearer_requirements;
mod bearer_revocation;
mod bearer_shapes;
mod claims;
mod client;
mod decisions;
mod exchange;
mod fleet;
mod grpc;
mod hang_ups;
mod jwks_clocks;
mod jwks_cold;
mod jwks_documents;
mod jwks_flood;
mod jwks_outage;
mod jwks_races;
mod jwks_rotation;
mod jwks_upkeep;
mod login;
mod long_requests;
mod machine;
mod measured;
mod outgoing;
mod provider_away;
mod refresh;
mod router;
mod session;
mod several_audiences;
mod step_up;
mod stored;
