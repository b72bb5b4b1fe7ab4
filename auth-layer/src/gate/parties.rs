//! The two parts that a service may play: a relying party with sessions, a resource server with bearer tokens.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::SessionLoading;
use crate::flow::RelyingParty;
use crate::resource_server::ResourceServer;

/// What a service is; one of the two, or both.
#[derive(Debug)]
pub(crate) struct Parties {
    pub(crate) relying_party: Option<Arc<RelyingParty>>,
    pub(crate) resource_server: Option<Arc<ResourceServer>>,
}

impl Parties {
    /// The time by which tokens are judged.
    pub(crate) fn clock(&self) -> Clock {
        match (&self.relying_party, &self.resource_server) {
            (Some(party), _) => party.config.clock.clone(),
            (None, Some(server)) => server.clock().clone(),
            (None, None) => Clock::system(),
        }
    }

    /// When the session and the token of a request are looked for.
    pub(crate) fn loading(&self) -> SessionLoading {
        self.relying_party.as_ref().map_or(SessionLoading::OnDemand, |party| party.config.session_loading)
    }
}
