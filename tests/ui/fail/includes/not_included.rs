//! A call that needs a scope which is neither required nor included.

use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use scopes::{Admin, Read, Refund, Write};

fn read(_: &AccessToken<impl Grants<Read>>) {}

fn write(_: &AccessToken<impl Grants<Write>>) {}

fn refund(_: &AccessToken<impl Grants<Refund>>) {}

#[require_auth(scopes = ["admin"])]
async fn right(token: AccessToken) {
    read(&token);
    write(&token);
}

#[require_auth(scopes = ["admin"])]
async fn by_text(token: AccessToken) {
    refund(&token);
}

#[require_auth(scopes = [Admin])]
async fn by_path(token: AccessToken) {
    refund(&token);
}

/// What includes it is not included by it.
#[require_auth(scopes = ["read"])]
async fn the_other_way_around(token: AccessToken) {
    write(&token);
}

#[require_auth(any_scopes = ["admin"])]
async fn of_any(token: AccessToken) {
    read(&token);
}

mod scopes {
    auth_layer::scopes! {
        pub api Products {
            Admin = "admin" includes [Write],
            Write = "write" includes [Read],
            Read = "read",
            Refund = "refund",
        }
    }
}

fn main() {}
