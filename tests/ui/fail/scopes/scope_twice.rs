//! A scope that is declared twice.

mod right {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products", WriteProducts = "write:products" }
    }
}

mod wrong {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products", WriteProducts = "read:products" }
    }
}

mod by_two_apis {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read" }
        pub api Billing { ReadInvoices = "read" }
    }
}

fn main() {}
