//! Scopes that include each other, for what another crate makes of them.

auth_layer::scopes! {
    /// An API of another crate than the handler's, of the audience of `shared_scopes`.
    pub api Including = "https://shared.example" {
        AdminShared = "admin:shared" includes [UseShared],
        UseShared = "use:shared",
    }
}
