//! The expansion as a file that one can read, and refusals by their text.

use proc_macro2::TokenStream;
use quote::quote;

use crate::client::expand;

fn expansion(tokens: TokenStream) -> String {
    let tokens = expand(tokens);
    let file = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"));
    prettyplease::unparse(&file).replace(env!("CARGO_MANIFEST_DIR"), "/shop")
}

#[test]
fn each_operation_is_a_method_with_the_token_that_it_needs() {
    insta::assert_snapshot!(expansion(quote! {
        registry = shared::scopes;
        pub trait ProductsClient from "../tests/ui/definitions/shop.yaml" {
            change_product = "PUT /products/{product-id}",
        }
    }));
}

#[test]
fn what_does_not_parse_is_refused_with_the_line_to_write() {
    let cases = [
        ("", "expected a trait"),
        ("pub struct Products", "expected a trait"),
        ("trait Products", "is written from a definition"),
        ("trait Products {}", "is written from a definition"),
        ("trait Products from products", "is named by its path"),
        ("trait Products from \"no.yaml\"", "there is no file"),
        (
            "registry = \"scopes\"; trait Products from \"no.yaml\"",
            "without quotes: write `registry = scopes;`",
        ),
        ("trait Products from \"no.yaml\" { list }", "expected `=`"),
        ("trait Products from \"no.yaml\" { list = list }", "an operation is a string"),
        ("trait Products from \"no.yaml\"; trait Other from \"no.yaml\";", "one client in one `client!`"),
    ];
    for (tokens, message) in cases {
        let found = expand(tokens.parse().unwrap()).to_string();
        assert!(found.contains(message), "{tokens}: {found}");
    }
}
