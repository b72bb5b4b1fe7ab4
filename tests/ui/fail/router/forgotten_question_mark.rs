//! What may fail, taken for what it makes.

use auth_layer::axum::routing::any_service;
use auth_layer::axum::{Router, public_service};
use auth_layer::config::ConfigError;
use auth_layer::{Auth, require_auth};
use tower::Layer as _;

#[require_auth]
struct CountsStock;

fn right(auth: &Auth) -> Result<Router, ConfigError> {
    auth.client_credentials()?.token::<CountsStock>();
    let _ = auth.authorize("https://api.example")?.layer(());
    Ok(Router::new().nest_service("/right", auth.proxy("/right", "https://api.example")?))
}

fn no_service(auth: &Auth) -> Result<Router, ConfigError> {
    Ok(Router::new().nest_service("/wrong", auth.proxy("/wrong", "https://api.example")))
}

fn no_service_of_a_route(auth: &Auth) -> Result<Router, ConfigError> {
    Ok(Router::new().route("/wrong", any_service(auth.proxy("/wrong", "https://api.example"))))
}

fn no_service_of_anyone(auth: &Auth) -> Result<Router, ConfigError> {
    Ok(Router::new().nest_service("/wrong", public_service(auth.proxy("/wrong", "https://api.example"))))
}

fn no_layer(auth: &Auth) -> Result<(), ConfigError> {
    let _ = auth.authorize("https://api.example").layer(());
    Ok(())
}

fn no_client(auth: &Auth) -> Result<(), ConfigError> {
    auth.client_credentials().token::<CountsStock>();
    Ok(())
}

fn main() {
    let _ = (right, no_service, no_service_of_a_route, no_service_of_anyone, no_layer, no_client);
}
