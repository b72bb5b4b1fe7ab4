//! What an [`Auth`] offers for calls of others.

use crate::clock::Clock;
use crate::config::ConfigError;
use crate::layer::Auth;
use crate::outbound::address::{Address, Plaintext};
use crate::outbound::authorize::Authorize;

impl Auth {
    /// Returns the layer that sends the user's token to the API at this origin; see
    /// [`outbound::authorize`](crate::outbound::authorize).
    ///
    /// # Errors
    /// [`ConfigError`]: the address is no origin, or neither https nor on loopback.
    pub fn authorize(&self, origin: &str) -> Result<Authorize, ConfigError> {
        let address = Address::parse_origin(origin, "danger_authorize_over_http(..)", Plaintext::Refused)?;
        Ok(Authorize::new(address, self.clock()))
    }

    /// As [`Auth::authorize`], also for an API that is reached over http, where whoever is on the way can read the
    /// token.
    ///
    /// # Errors
    /// [`ConfigError`]: the address is no origin.
    pub fn danger_authorize_over_http(&self, origin: &str) -> Result<Authorize, ConfigError> {
        let address = Address::parse_origin(origin, "danger_authorize_over_http(..)", Plaintext::Allowed)?;
        Ok(Authorize::new(address, self.clock()))
    }

    fn clock(&self) -> Clock {
        self.parties().clock()
    }
}
