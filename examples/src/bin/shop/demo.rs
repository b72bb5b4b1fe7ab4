//! The embedded provider of the demo: who may log in, and a clock that a button moves.

use std::time::Duration;

use auth_layer::Clock;
use auth_layer::testing::{ClientRegistration, Endpoint, IdentityProvider};

use crate::api::Introspection;
use crate::error::StartError;

/// The embedded provider, and the clock that it shares with the shop.
#[derive(Clone)]
pub(crate) struct Demo {
    pub(crate) provider: IdentityProvider,
    pub(crate) clock: Clock,
}

impl Demo {
    pub(crate) async fn start() -> Result<Self, StartError> {
        let clock = Clock::adjustable();
        let provider = IdentityProvider::builder()
            .clock(clock.clone())
            .access_token_lifetime(TOKEN_LIFETIME)
            .client(ClientRegistration::confidential(API_CLIENT, API_SECRET))
            .start()
            .await
            .map_err(StartError::Provider)?;
        Ok(Self { provider, clock })
    }

    /// How the products API asks about tokens.
    pub(crate) fn introspection(&self) -> Introspection {
        Introspection {
            endpoint: self.provider.url(Endpoint::Introspection),
            client_id: API_CLIENT.to_owned(),
            client_secret: API_SECRET.to_owned(),
        }
    }

    /// Lets every access token that was issued so far expire; no other lifetime is that short.
    pub(crate) fn expire_tokens(&self) {
        self.clock.advance(TOKEN_LIFETIME + Duration::from_secs(1));
    }
}

/// Who may log in, and how: shown to whoever starts the demo.
pub(crate) const PEOPLE: [(&str, &str, &str, &str); 3] = [
    ("Ada Lovelace", "ada", "ada-password", "may read and write products"),
    ("Bob Kahn", "bob", "bob-password", "may read products only"),
    (
        "Carol Shaw",
        "carol",
        "no password: press \"Continue with Acme Social\"",
        "may read and write products",
    ),
];

/// Long enough to watch, short enough to see it end.
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_secs(300);
const API_CLIENT: &str = "products-api";
/// It opens nothing but a provider on a loopback port.
const API_SECRET: &str = "products-api-secret-for-loopback-only";
