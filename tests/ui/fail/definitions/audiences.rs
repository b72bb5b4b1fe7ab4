//! A document of two audiences, and a scope that would be named as its API is.

mod right {
    auth_layer::scopes! {
        pub(crate) api Products = "https://api.shop.example" from "../../definitions/audiences.yaml" {
            All = "products",
        }
    }
}

mod which_one {
    auth_layer::scopes!(pub(crate) api Shop from "../../definitions/audiences.yaml");
}

mod one_name {
    auth_layer::scopes! {
        pub(crate) api Products = "https://api.shop.example" from "../../definitions/audiences.yaml";
    }
}

type All = right::All;

fn main() {}
