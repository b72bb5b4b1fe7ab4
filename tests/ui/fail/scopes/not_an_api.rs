//! A declaration that is no API.

mod right {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example" { ReadProducts = "read:products" }
    }
}

mod a_scope {
    auth_layer::scopes! {
        ReadProducts = "read:products"
    }
}

mod no_braces {
    auth_layer::scopes! {
        pub api Products = "https://api.shop.example";
    }
}

fn main() {}
