//! A worker with nobody logged in: machine tokens, typed by what they may do, and what they cost.
//!
//! Run: `cargo run -p examples --example worker`.
//! You see 1,000 calls at once that cost two tokens, a budget that says stop, and the ledger as a table.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "it speaks on its terminal, and main may fail")]

use auth_layer::config::{Budget, ClientCredentialsConfig};
use auth_layer::testing::{ClientRegistration, IdentityProvider};
use auth_layer::token::Grants;
use auth_layer::{AccessToken, ClientCredentials, Period, require_auth};
use futures_util::future::join_all;
use scopes::ReadProducts;

mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub(crate) api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
            /// Change the catalogue
            WriteProducts = "write:products",
        }
    }
}

/// Counts the stock.
#[require_auth(scopes = ["read:products"])]
struct CountsStock;

/// Orders what is missing.
#[require_auth(scopes = ["read:products", "write:products"])]
struct OrdersStock;

/// Stands for a call to an API, which would send `token.authorization()`.
fn list(token: &AccessToken<impl Grants<ReadProducts>>) -> usize {
    token.authorization().len()
}

async fn work(machine: &ClientCredentials, number: usize) {
    if number.is_multiple_of(2) {
        list(&machine.token::<CountsStock>().await.unwrap());
    } else {
        list(&machine.token::<OrdersStock>().await.unwrap());
    }
}

fn configure(op: &IdentityProvider) -> Result<ClientCredentialsConfig, auth_layer::config::ConfigError> {
    ClientCredentialsConfig::builder(&op.issuer(), "worker", "a-secret-for-loopback-only")
        .with_budget(Budget::default().with_limit(Period::Day, 3))
        .build()
}

#[tokio::main]
async fn main() {
    let worker = ClientRegistration::confidential("worker", "a-secret-for-loopback-only");
    let op = IdentityProvider::builder().client(worker).start().await.unwrap();
    let machine = ClientCredentials::discover(configure(&op).unwrap()).await.unwrap();

    join_all((0..1_000).map(|number| work(&machine, number))).await;
    println!("1,000 calls cost {} tokens", op.log_count("seccft"));

    // Tokens of an organization are its own, and the budget has one left.
    for organization in ["org_acme", "org_other"] {
        match machine.for_organization(organization).token::<CountsStock>().await {
            Ok(token) => println!("{organization}: {} bytes to send", list(&token)),
            Err(error) => println!("{organization}: {error}"),
        }
    }
    println!("\n{}", machine.ledger().report());
}
