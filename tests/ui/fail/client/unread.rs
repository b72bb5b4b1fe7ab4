//! Files that are not there, or define no operation; and what stands where a client belongs.

mod scopes {
    auth_layer::scopes!(pub api Products from "../../definitions/shop.yaml");
}

mod right {
    auth_layer::client!(pub trait ProductsClient from "../../definitions/shop.yaml");
}

mod missing {
    auth_layer::client!(pub trait ProductsClient from "../../definitions/shops.yaml");
}

mod broken {
    auth_layer::client!(pub trait ProductsClient from "../../definitions/broken.yaml");
}

mod an_export {
    auth_layer::client!(pub trait ProductsClient from "../../definitions/products.json");
}

mod without_an_operation {
    auth_layer::client!(pub trait ProductsClient from "../../definitions/audiences.yaml");
}

mod no_definition {
    auth_layer::client!(pub trait ProductsClient { fn list(); });
}

fn main() {}
