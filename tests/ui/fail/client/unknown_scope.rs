//! A document whose scopes the registry does not declare.

mod scopes {
    auth_layer::scopes! {
        pub api Products { ReadProducts = "read:products", WriteProduct = "write:product" }
    }
}

mod right {
    pub mod scopes {
        auth_layer::scopes!(pub api Products from "../../definitions/shop.yaml");
    }

    auth_layer::client! {
        registry = crate::right::scopes;
        pub trait ProductsClient from "../../definitions/shop.yaml" { put = "PUT /products/{product-id}" }
    }
}

mod wrong {
    auth_layer::client!(pub trait ProductsClient from "../../definitions/shop.yaml" { put = "PUT /products/{product-id}" });
}

mod both_wrong {
    mod scopes {
        auth_layer::scopes!(pub api Others { Other = "other" });
    }

    auth_layer::client! {
        registry = crate::both_wrong::scopes;
        pub trait ProductsClient from "../../definitions/shop.yaml" { put = "PUT /products/{product-id}" }
    }
}

fn main() {}
