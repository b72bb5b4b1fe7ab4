//! Scopes that another crate uses: `ui/pass/require_auth/across_crates.rs`.

auth_layer::scopes! {
    /// Products API
    pub api Products = "https://api.shop.example" {
        /// Read the catalogue
        ReadProducts = "read:products",
    }
}
