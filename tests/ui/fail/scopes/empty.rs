//! An API without a scope, an audience without a name, and an invocation without an API.

mod right {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products" }
    }
}

mod no_scope {
    auth_layer::scopes! {
        pub api Products {}
        pub api Billing = "" { ReadInvoices = "read:invoices" }
    }
}

mod no_api {
    auth_layer::scopes! {}
}

fn main() {}
