//! A module in a file of its own: the attribute would see no handler.

use auth_layer::require_auth;

#[require_auth]
mod right {
    #[auth_layer::require_auth]
    pub async fn list() {}
}

#[require_auth]
#[path = "../../modules/handlers.rs"]
mod wrong;

fn main() {}
