//! A name that is declared twice.

mod right {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products", WriteProducts = "write:products" }
    }
}

mod wrong {
    auth_layer::scopes! {
        pub api Products { Products = "products", Write = "write:products", Write = "write:all" }
    }
}

fn main() {}
