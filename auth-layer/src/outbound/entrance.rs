//! What an [`Auth`] and [`ClientCredentials`] offer for calls of others.

use crate::config::ConfigError;
use crate::layer::Auth;
use crate::machine::ClientCredentials;
use crate::outbound::address::{Address, Plaintext};
use crate::outbound::authorize::Authorize;
use crate::outbound::proxy::Proxy;
use crate::token::TokenType;

impl Auth {
    /// Returns the layer that sends the user's token to the API at this origin; see
    /// [`outbound::authorize`](crate::outbound::authorize).
    ///
    /// With `let shop = auth.authorize("https://api.shop.example")?;`, and `tower::Layer` in scope:
    ///
    /// | client | the line | a request's body |
    /// |---|---|---|
    /// | hyper-util's legacy client | `shop.layer(Client::builder(TokioExecutor::new()).build(connector))` | that of the client |
    /// | reqwest | `shop.layer(HttpClient::<_, reqwest::Request, reqwest::Body>::new(reqwest::Client::new()))`, with an [`HttpClient`](crate::outbound::HttpClient) | `reqwest::Body` |
    /// | tonic's channel | `ShopClient::new(shop.layer(Endpoint::from_static("https://api.shop.example").connect_lazy()))` | the message: `tonic::Request::new(message).on_behalf_of(&session)` |
    /// | any other Tower service | `shop.layer(service)`, where it is `Clone` and takes `http::Request<B>` | `B` |
    ///
    /// # Errors
    /// [`ConfigError`]: the address is no origin, or neither https nor on loopback.
    pub fn authorize(&self, origin: &str) -> Result<Authorize, ConfigError> {
        let address = Address::parse_origin(origin, "danger_authorize_over_http(..)", Plaintext::Refused)?;
        Ok(self.authorize_at(address))
    }

    /// As [`Auth::authorize`], also for an API that is reached over http, where whoever is on the way can read the
    /// token.
    ///
    /// # Errors
    /// [`ConfigError`]: the address is no origin.
    pub fn danger_authorize_over_http(&self, origin: &str) -> Result<Authorize, ConfigError> {
        let address = Address::parse_origin(origin, "danger_authorize_over_http(..)", Plaintext::Allowed)?;
        Ok(self.authorize_at(address))
    }

    /// Returns the service that passes requests below `path` on to the API at this address, with the user's token;
    /// see [`outbound::proxy`](crate::outbound::proxy).
    ///
    /// # Errors
    /// [`ConfigError`]: the path is no plain path, or the address neither https nor on loopback.
    pub fn proxy(&self, path: &str, address: &str) -> Result<Proxy, ConfigError> {
        let address = Address::parse(address, "danger_proxy_over_http(..)", Plaintext::Refused)?;
        Proxy::new(path, address, self.parties())
    }

    /// As [`Auth::proxy`], also for an API that is reached over http, where whoever is on the way can read the
    /// token.
    ///
    /// # Errors
    /// [`ConfigError`]: the path is no plain path.
    pub fn danger_proxy_over_http(&self, path: &str, address: &str) -> Result<Proxy, ConfigError> {
        let address = Address::parse(address, "danger_proxy_over_http(..)", Plaintext::Allowed)?;
        Proxy::new(path, address, self.parties())
    }

    fn authorize_at(&self, address: Address) -> Authorize {
        let party = self.parties().relying_party.as_ref();
        let configured = party.and_then(|party| party.config.audience.clone());
        Authorize::new(address, configured, self.parties().clock())
    }
}

impl ClientCredentials {
    /// Returns the layer that sends tokens of this machine, as `R` has them, to the API at this origin; see
    /// [`outbound::authorize`](crate::outbound::authorize), and [`Auth::authorize`] for the line of each client.
    ///
    /// ```no_run
    /// # mod scopes { auth_layer::scopes! { pub api Products = "https://api.shop.example" { ReadProducts = "read:products" } } }
    /// # use auth_layer::{ClientCredentials, require_auth};
    /// # use tower::Layer as _;
    /// #[require_auth(scopes = [scopes::ReadProducts])]
    /// struct CountsStock;
    ///
    /// # fn client<C>(machine: &ClientCredentials, client: C) -> Result<(), auth_layer::config::ConfigError> {
    /// let client = machine.authorize::<CountsStock>("https://api.shop.example")?.layer(client);
    /// # drop(client);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`]: the address is no origin, or neither https nor on loopback.
    pub fn authorize<R: TokenType>(&self, origin: &str) -> Result<Authorize, ConfigError> {
        let address = Address::parse_origin(origin, "danger_authorize_over_http(..)", Plaintext::Refused)?;
        Ok(Authorize::new(address, None, self.clock().clone()).with_tokens(self.tokens::<R>()))
    }

    /// As [`ClientCredentials::authorize`], also for an API that is reached over http, where whoever is on the way
    /// can read the token.
    ///
    /// # Errors
    /// [`ConfigError`]: the address is no origin.
    pub fn danger_authorize_over_http<R: TokenType>(&self, origin: &str) -> Result<Authorize, ConfigError> {
        let address = Address::parse_origin(origin, "danger_authorize_over_http(..)", Plaintext::Allowed)?;
        Ok(Authorize::new(address, None, self.clock().clone()).with_tokens(self.tokens::<R>()))
    }
}
