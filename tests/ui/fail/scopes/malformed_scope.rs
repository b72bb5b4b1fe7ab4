//! A text that RFC 6749 §3.3 does not allow; what names the types still compiles.

mod right {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products", WriteProducts = "write:products" }
    }
}

mod wrong {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read products", WriteProducts = "", All = "\"all\"" }
    }
}

type Reads = (right::ReadProducts, wrong::ReadProducts);

fn main() {}
