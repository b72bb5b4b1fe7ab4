//! Tokens that a program asks for itself: a call that needs another scope, a scope that is none, and keys that only
//! a request can meet.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, ClientCredentials, require_auth};

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn write(_: &AccessToken<impl Grants<scopes::WriteProducts>>) {}

#[require_auth(scopes = ["write:products"])]
struct Right;

#[require_auth(scopes = ["read:products"])]
struct Reads;

#[require_auth(scopes = ["read:prodcts"])]
struct Misspelt;

#[require_auth(scopes = ["read:products"], roles = ["admin"], user)]
struct MeetsNothing;

#[require_auth(scopes = ["read:products"], organization = "org_acme")]
struct OfAnOrganization;

#[require_auth(scopes = ["read:products"])]
struct Generic<T>(T);

async fn work(machine: ClientCredentials) {
    let right = machine.token::<Right>().await.unwrap();
    write(&right);
    write(&machine.token::<Reads>().await.unwrap());
}

fn main() {}
