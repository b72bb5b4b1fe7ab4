//! An entry that names no scope of the definition.

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

type Reads = right::Catalogue;

fn main() {}
