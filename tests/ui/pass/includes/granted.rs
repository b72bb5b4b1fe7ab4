//! A scope that includes others grants them, by its text and by its path, wherever it is required.
#![deny(warnings)]

use auth_layer::token::{DeclaredScope, Grants, Requirement};
use auth_layer::{AccessToken, require_auth};
use scopes::{Admin, ReadProducts, WriteProducts};

type Boss = Admin;

fn both(_: &AccessToken<impl Grants<ReadProducts> + Grants<WriteProducts>>) {}

fn administer(_: &AccessToken<impl Grants<Admin>>) {}

#[require_auth(scopes = ["admin:products"])]
async fn by_text(token: AccessToken) {
    administer(&token);
    both(&token);
}

#[require_auth(scopes = [Admin])]
async fn by_name(token: AccessToken) {
    administer(&token);
    both(&token);
}

#[require_auth(scopes = [crate::scopes::Admin])]
async fn by_path(token: AccessToken) {
    both(&token);
}

/// What is included may be required as well.
#[require_auth(scopes = ["read:products", "admin:products", WriteProducts])]
async fn with_what_it_includes(token: AccessToken) {
    administer(&token);
    both(&token);
}

/// Two that include the same.
#[require_auth(scopes = [scopes::Admin, "audit:products"])]
async fn two(token: AccessToken) {
    administer(&token);
    both(&token);
}

/// Not everything that is included by one: only what this one includes.
#[require_auth(scopes = ["write:products"])]
async fn directly(token: AccessToken) {
    both(&token);
}

/// An alias has no macro beside it: it grants what it names.
#[require_auth(scopes = [Boss])]
async fn by_an_alias(token: AccessToken) {
    administer(&token);
}

#[require_auth(scopes = ["admin:shared", tests::including_scopes::UseShared], registry = tests::including_scopes)]
async fn across_crates(token: AccessToken) {
    let _ = token.prove::<tests::including_scopes::UseShared>();
}

#[require_auth(scopes = [tests::including_scopes::AdminShared])]
async fn across_crates_by_path(token: AccessToken) {
    let _ = token.prove::<tests::including_scopes::UseShared>();
}

mod elsewhere {
    use super::scopes::*;
    use auth_layer::{AccessToken, require_auth};

    #[require_auth(scopes = [Admin])]
    pub(crate) async fn by_a_glob(token: AccessToken) {
        super::both(&token);
    }
}

fn within() {
    struct Own;

    impl DeclaredScope for Own {
        const NAME: &'static str = "own";
        const AUDIENCE: Option<&'static str> = scopes::Products::AUDIENCE;
    }

    use scopes::WriteProducts as Change;

    #[require_auth(scopes = [Own, Admin])]
    async fn here(token: AccessToken) {
        let _ = token.prove::<Own>();
        both(&token);
    }

    #[require_auth(scopes = [Own])]
    async fn alone(token: AccessToken) {
        let _ = token.prove::<Own>();
    }

    #[require_auth(scopes = [Change])]
    async fn renamed(token: AccessToken) {
        both(&token);
    }

    drop((here(no_token()), alone(no_token()), renamed(no_token())));
}

fn no_token<P>() -> AccessToken<P> {
    unreachable!("nothing here runs")
}

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Products = "https://api.shop.example" {
            /// Everything.
            Admin = "admin:products" includes [WriteProducts],
            Audit = "audit:products" includes ["read:products"],
            /// Change the catalogue.
            WriteProducts = "write:products" includes [ReadProducts],
            ReadProducts = "read:products",
        }
    }
}

mod from_a_file {
    auth_layer::scopes! {
        pub(crate) api Products from "../../definitions/products.json" {
            WriteProducts = "write:products" includes ["read:products"],
        }
    }
}

#[require_auth(scopes = ["write:products"], registry = from_a_file)]
async fn defined(token: AccessToken) {
    let _ = token.prove::<from_a_file::ReadProducts>();
}

fn main() {
    // At run time the rule is as it is written: the token has what is named, whatever that includes.
    assert_eq!(ByTextHandler::RULE.scopes(), ["admin:products"]);
    assert_eq!(ByNameHandler::RULE.scopes(), ["admin:products"]);
    if false {
        within();
        drop((by_text(no_token()), by_name(no_token()), by_path(no_token()), two(no_token())));
        drop((with_what_it_includes(no_token()), directly(no_token()), by_an_alias(no_token())));
        drop((across_crates(no_token()), across_crates_by_path(no_token()), defined(no_token())));
        drop(elsewhere::by_a_glob(no_token()));
    }
}
