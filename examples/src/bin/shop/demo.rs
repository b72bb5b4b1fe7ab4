//! The embedded provider of the demo: who may log in, and a clock that a button moves.

use std::time::Duration;

use auth_layer::Clock;
use auth_layer::testing::IdentityProvider;

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
            .start()
            .await
            .map_err(StartError::Provider)?;
        Ok(Self { provider, clock })
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
