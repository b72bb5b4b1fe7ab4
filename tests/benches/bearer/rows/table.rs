//! The table: every row in the order in which it is measured, what is compared side by side.

use auth_layer::testing::SigningAlgorithm;
use axum::routing::get;
use axum::{Extension, Router};

use super::issuer::Issuer;
use super::scenario::{Scenario, Traffic};
use super::{floor, json_web_token, ours, resource_server};

/// The row that all others with a token are compared with.
pub(crate) const BARE: &str = "bare axum handler";

/// The same without a token, for the rows without one.
pub(crate) const BARE_ANONYMOUS: &str = "bare axum handler, no token";

/// The first row measured again at the end: how steady the machine was.
pub(crate) const BARE_AGAIN: &str = "bare axum handler, once more at the end";

/// Starts the issuers; they must outlive the rows.
pub(crate) async fn scenarios() -> (Vec<Issuer>, Vec<Scenario>) {
    let mut issuers = Vec::new();
    for algorithm in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
        issuers.push(Issuer::start(algorithm, TOKENS).await);
    }
    let bare = bare();
    let blind = |name, traffic, app: &Router| Scenario::blind(name, &issuers[0], traffic, app.clone());
    let mut rows = vec![
        blind(BARE, Traffic::Same, &bare),
        blind(BARE_ANONYMOUS, Traffic::Anonymous, &bare),
        blind("one Extension layer", Traffic::Same, &bare.clone().layer(Extension(7_u32))),
    ];
    for issuer in &issuers {
        rows.extend(floor::scenarios(issuer, &bare));
        rows.extend(ours::scenarios(issuer).await);
        rows.extend(json_web_token::scenarios(issuer));
        rows.extend(resource_server::scenarios(issuer).await);
    }
    rows.push(blind(BARE_AGAIN, Traffic::Same, &bare));
    (issuers, rows)
}

/// The router that knows nothing of tokens.
pub(crate) fn bare() -> Router {
    Router::new().route("/open", get(async || "open"))
}

const TOKENS: usize = 4_096;
