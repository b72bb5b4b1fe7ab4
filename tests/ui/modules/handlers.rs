#[auth_layer::require_auth]
pub async fn list() {}
