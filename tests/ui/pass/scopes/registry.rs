//! What a registry offers, under the lints of a strict crate: types, audiences, lists, docs.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use auth_layer::token::DeclaredScope;

/// A module that another crate can reach.
pub mod scopes {
    auth_layer::scopes! {
        /// Products API
        pub api Products = "https://api.shop.example" {
            /// Read the catalogue
            ReadProducts = "read:products",
            /// The whole range of what RFC 6749 §3.3 allows.
            Odd = "!#[]~https://api.shop.example/odd?x=1&y='2'"
        }
        pub(crate) api OpenId { OfflineAccess = "offline_access", }
    }
}

mod elsewhere {
    auth_layer::scopes! {
        crate = ::auth_layer;
        pub(crate) api Products { ReadProducts = "read:products" }
    }
}

fn name<S: DeclaredScope>() -> &'static str {
    S::NAME
}

fn main() {
    assert_eq!(name::<scopes::scope!("read:products")>(), "read:products");
    assert_eq!(scopes::Odd::AUDIENCE, scopes::Products::AUDIENCE);
    assert_eq!(scopes::Products::SCOPES, [scopes::ReadProducts::NAME, scopes::Odd::NAME]);
    assert_eq!(scopes::OpenId::AUDIENCE, None);
    assert_eq!(elsewhere::ReadProducts::AUDIENCE, None);
}
