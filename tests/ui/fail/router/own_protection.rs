//! A handler of the user's own that would say of itself that it is protected.

use auth_layer::Session;
use auth_layer::axum::{ProtectedHandler, Router, routing::get};

struct Nobody;

#[derive(Clone)]
struct Wrong;

impl ProtectedHandler<Nobody> for Wrong {
    type Check = ();
    const PROTECTION: auth_layer::axum::access::Protection = <fn() as ProtectedHandler<Session>>::PROTECTION;
}

async fn right(_: Session) {}

fn main() {
    let _: Router = Router::new().route("/", get(right));
}
