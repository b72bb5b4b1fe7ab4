//! Items that are no handler.

use auth_layer::public;

#[public]
async fn right() {}

#[public]
struct Wrong;

#[public]
fn not_async() -> &'static str {
    "open"
}

impl Wrong {
    #[public]
    async fn method(&self) {}
}

fn main() {}
