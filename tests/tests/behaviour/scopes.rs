//! The registry of the scopes that the attributes of these tests name.

auth_layer::scopes! {
    pub(crate) api Products = "https://api.shop.example" {
        ReadProducts = "read:products",
        WriteProducts = "write:products",
    }
}
