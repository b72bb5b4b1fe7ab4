//! Entries that name no scope of the definition, and one of them twice.

mod right {
    auth_layer::scopes! {
        pub(crate) api Products from "../../definitions/products.json" { Catalogue = "read:products" }
    }
}

mod wrong {
    auth_layer::scopes! {
        pub api Products from "../../definitions/products.json" { Catalogue = "read:product" }
    }
}

mod twice {
    auth_layer::scopes! {
        pub(crate) api Products from "../../definitions/products.json" { One = "read:products", Two = "read:products" }
    }
}

type Reads = right::Catalogue;

fn main() {}
