//! The expansion as a file that one can read, and refusals by their text.

use proc_macro2::TokenStream;
use quote::quote;

use crate::scopes::{expand, unknown};

fn expansion(tokens: TokenStream) -> String {
    let tokens = expand(tokens);
    let file = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"));
    prettyplease::unparse(&file)
}

#[test]
fn each_scope_and_each_api_is_a_type() {
    insta::assert_snapshot!(expansion(quote! {
        /// Products API
        pub api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
            #[deprecated]
            WriteProducts = "write:products",
        }
    }));
}

#[test]
fn a_definition_is_a_type_for_each_of_its_scopes_and_is_read_again() {
    let tokens = expansion(quote! {
        pub(crate) api Billing from "../tests/ui/definitions/billing.yaml" {
            SecondFactor = "2fa" includes ["read:invoices"],
        }
    });
    insta::assert_snapshot!(tokens.replace(env!("CARGO_MANIFEST_DIR"), "/shop"));
}

#[test]
fn an_api_of_the_crate_alone_exports_nothing() {
    let tokens = expansion(quote! {
        crate = framework::auth;
        pub(crate) api OpenId { OfflineAccess = "offline_access" }
    });
    assert!(!tokens.contains("macro_export"), "{tokens}");
    assert!(tokens.contains("pub(crate) use __auth_scope_openid_"), "{tokens}");
    assert!(tokens.contains("impl framework::auth::token::DeclaredScope for OfflineAccess"), "{tokens}");
    assert!(!tokens.contains("::auth_layer"), "{tokens}");
}

#[test]
fn a_refused_declaration_leaves_its_types() {
    let tokens = expansion(quote! {
        pub api Products { Read = "read", Write = "read", Read = "write", All = "a l l" }
    });
    assert_eq!(tokens.matches("compile_error").count(), 3, "{tokens}");
    assert_eq!(tokens.matches("struct Read;").count(), 1, "{tokens}");
    assert!(tokens.contains("struct All;"), "{tokens}");
}

#[test]
fn what_does_not_parse_is_refused_with_the_line_to_write() {
    let cases = [
        ("Read = \"read\"", "expected an API"),
        ("pub api", "expected identifier"),
        ("pub api Products = audience {}", "the audience of an API is a string"),
        ("pub api Products;", "stand in braces"),
        ("pub api Products { \"read\" }", "needs the name of its type"),
        ("pub api Products { Read }", "needs its text"),
        ("pub api Products { Read = read }", "a scope is a string"),
        ("pub api Products { Read = \"read\" Write = \"write\" }", "after a scope comes `,`"),
        ("pub api Products { All = \"all\" includes }", "is a list"),
        ("pub api Products { All = \"all\" includes [] }", "nothing is included"),
        ("pub api Products { All = \"all\" includes [7] }", "is a list"),
        ("", "no API is declared"),
    ];
    for (tokens, message) in cases {
        let found = expand(tokens.parse().unwrap()).to_string();
        assert!(found.contains(message), "{tokens}: {found}");
    }
}

#[test]
fn an_unknown_scope_is_told_with_the_nearest() {
    let tokens = unknown(quote!([::auth_layer] "read:prodcts", "read:products", "write:products"));
    let text = tokens.to_string();
    assert!(text.contains("did you mean") && text.contains("declared: "), "{text}");
    assert!(text.starts_with(":: auth_layer :: __private :: UnknownScope <"), "{text}");
    assert!(
        unknown(quote!([::auth_layer] Products, "read:products"))
            .to_string()
            .contains("takes the text of one scope")
    );
    assert!(unknown(quote!()).to_string().contains("compile_error"));
}
