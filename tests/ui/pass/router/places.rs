//! Handlers in a guarded module and in a guarded `impl`, and attributes of others below ours.

use auth_layer::axum::{Router, routing::get};
use auth_layer::require_auth;

#[require_auth(roles = ["admin"])]
mod admin {
    use auth_layer::{AccessToken, require_auth};

    #[require_auth]
    pub(crate) async fn list(_token: AccessToken) {}

    #[auth_layer::public]
    pub(crate) async fn opening_hours() {}
}

struct Shop;

#[require_auth(roles = ["clerk"])]
impl Shop {
    #[require_auth]
    async fn list() {}

    #[public]
    async fn opening_hours() {}
}

#[auth_layer::public]
#[axum::debug_handler]
async fn debugged() {}

#[auth_layer::public(crate = auth_layer)]
async fn renamed() {}

fn main() {
    let app: Router = Router::new()
        .route("/admin", get(admin::list).post(admin::opening_hours))
        .route("/shop", get(Shop::list).post(Shop::opening_hours))
        .route("/debugged", get(debugged).post(renamed));
    let table = app.access_table();
    let rows: Vec<_> = table.iter().map(|row| (row.handler(), row.rule().map(|rule| rule.roles()))).collect();
    let admin: &[&str] = &["admin"];
    let clerk: &[&str] = &["clerk"];
    assert_eq!(
        rows.iter().map(|(handler, roles)| (handler.split_once("::").unwrap().1, *roles)).collect::<Vec<_>>(),
        [
            ("admin::list", Some(admin)),
            ("admin::opening_hours", None),
            ("debugged", None),
            ("renamed", None),
            ("Shop::list", Some(clerk)),
            ("Shop::opening_hours", None),
        ]
    );
}
