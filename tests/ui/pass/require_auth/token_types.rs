//! Structs that stand for tokens which the program asks for itself.
#![deny(warnings)]

use auth_layer::machine::MachineTokens;
use auth_layer::token::{Grants, Requirement};
use auth_layer::{AccessToken, ClientCredentials, require_auth};

mod scopes {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
            Admin = "admin:products" includes [ReadProducts, WriteProducts],
        }
    }
}

/// By a text.
#[require_auth(scopes = ["read:products"])]
pub struct Reads;

/// By a path, with what it includes.
#[require_auth(scopes = [scopes::Admin])]
#[derive(Debug)]
pub(crate) struct Administers;

/// Whatever the client has at its own audience.
#[require_auth]
struct Anything;

#[require_auth(scopes = [scopes::ReadProducts, "write:products"])]
struct Keeps {
    _stock: u32,
}

#[require_auth(audience = "https://other.example")]
struct Elsewhere(#[allow(dead_code)] u8);

#[cfg(any())]
#[require_auth(scopes = ["read:products"])]
struct Absent;

#[require_auth(roles = ["admin"])]
mod admin {
    use auth_layer::require_auth;

    #[require_auth(scopes = ["read:products"])]
    pub(crate) struct ReadsToo;
}

fn read(_: &AccessToken<impl Grants<scopes::ReadProducts>>) {}
fn write(_: &AccessToken<impl Grants<scopes::WriteProducts>>) {}

async fn work(machine: ClientCredentials) -> Result<(), auth_layer::machine::MachineTokenError> {
    read(&machine.token::<Reads>().await?);
    read(&machine.token::<admin::ReadsToo>().await?);
    let keeps: MachineTokens<Keeps> = machine.tokens();
    let token = keeps.token().await?;
    read(&token);
    write(&token);
    let token = machine.for_organization("org_acme").token::<Administers>().await?;
    read(&token);
    write(&token);
    let _: AccessToken<Anything> = machine.token().await?;
    let _: AccessToken<Elsewhere> = machine.token().await?;
    Ok(())
}

fn main() {
    let _ = work;
    assert_eq!(Reads::RULE.audience().unwrap(), "https://api.shop.example");
    assert_eq!(Keeps::RULE.scopes(), ["read:products", "write:products"]);
    assert!(Anything::RULE.audience().is_none());
    let _ = (format!("{Administers:?}"), Keeps { _stock: 1 }, Elsewhere(1));
}
