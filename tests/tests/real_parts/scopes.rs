//! The scopes of the APIs at the certified provider; `#[require_auth]` reads them from here.

auth_layer::scopes! {
    /// Products API
    pub(crate) api Products = "https://api.shop.example" {
        /// Read the catalogue
        ReadProducts = "read:products",
        /// Change the catalogue
        WriteProducts = "write:products",
    }
    /// Billing API
    pub(crate) api Billing = "https://billing.shop.example" {
        /// Read invoices
        ReadInvoices = "read:invoices",
    }
}
