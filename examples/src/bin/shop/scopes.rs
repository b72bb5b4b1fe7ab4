//! The scopes of the products API, declared once: `#[require_auth]` and the backend read them from here.

auth_layer::scopes! {
    /// The products API.
    pub(crate) api Products = "https://api.shop.example" {
        /// Read the catalogue.
        ReadProducts = "read:products",
        /// Change the catalogue.
        WriteProducts = "write:products",
    }
}

/// What the API calls itself at the provider.
pub(crate) const AUDIENCE: &str = Products::AUDIENCE.expect("it is written above");
