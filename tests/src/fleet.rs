//! A fleet: several instances of one site, in one process, on one store.

use auth_layer::session::{MemoryStore, SessionStore};
use auth_layer::testing::IdentityProvider;
use auth_layer::{Auth, AuthConfig, Clock};
use axum::Router;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};

use crate::api::send_with_body;
use crate::faulty_store::FaultyStore;
use crate::visitor::Visitor;

/// Where the sessions of a fleet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// In cookies; the store holds what the instances share.
    InCookies,
    /// In the store.
    InTheStore,
}

impl Keep {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::InCookies, Self::InTheStore];

    /// Sets an instance up.
    ///
    /// # Errors
    /// As [`Auth::discover`].
    pub async fn discover(
        self,
        config: AuthConfig,
        store: impl SessionStore,
    ) -> Result<Auth, auth_layer::config::ConfigError> {
        match self {
            Self::InCookies => Auth::discover_with_coordination(config, store).await,
            Self::InTheStore => Auth::discover_with_store(config, store).await,
        }
    }
}

/// Instances that share a store and a provider.
#[derive(Debug)]
pub struct Fleet {
    /// The provider of all instances.
    pub op: IdentityProvider,
    /// The time of the instances and of the provider.
    pub clock: Clock,
    /// What the instances share.
    pub store: FaultyStore<MemoryStore>,
    /// What each instance is configured with.
    pub config: AuthConfig,
    /// Each instance's authentication.
    pub auths: Vec<Auth>,
    pub(crate) apps: Vec<Router>,
}

impl Fleet {
    /// Returns someone with an empty cookie jar, at the first instance.
    #[must_use]
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.apps[0].clone(), self.op.clone())
    }

    /// Returns Ada, logged in at the first instance.
    pub async fn ada(&self) -> Visitor {
        let visitor = self.visitor();
        visitor.log_in(&auth_layer::testing::User::ada()).await;
        visitor
    }

    /// Returns the same browser as the instance of this number sees it.
    #[must_use]
    pub fn at(&self, instance: usize, visitor: &Visitor) -> Visitor {
        visitor.at(self.apps[instance].clone())
    }

    /// Returns an instance without its visitors.
    pub fn app(&self, instance: usize) -> Router {
        self.apps[instance].clone()
    }

    /// Returns what the instance of this number answers to a logout token.
    pub async fn told(&self, instance: usize, token: &str) -> StatusCode {
        let request = Request::post("/auth/backchannel-logout")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        send_with_body(self.apps[instance].clone(), request, format!("logout_token={token}")).await.status
    }

    /// Returns how many refresh tokens the provider was sent.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.op.token_calls("refresh_token")
    }
}
