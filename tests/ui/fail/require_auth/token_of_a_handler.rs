//! A machine's token by a handler's type: what a handler requires, a request has to meet.

use auth_layer::{AccessToken, ClientCredentials, require_auth};

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
    }
}

#[require_auth(scopes = ["read:products"])]
struct Right;

#[require_auth(scopes = ["read:products"])]
async fn wrong(_token: AccessToken) {}

async fn work(machine: ClientCredentials) {
    let _right = machine.token::<Right>().await;
    let _wrong = machine.token::<WrongHandler>().await;
    let _wrong = machine.tokens::<WrongHandler>();
}

fn main() {}
