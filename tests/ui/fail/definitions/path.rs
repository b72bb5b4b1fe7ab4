//! What stands where the path of a definition belongs.

mod right {
    auth_layer::scopes!(pub api Products from "../../definitions/products.json";);
}

mod no_string {
    auth_layer::scopes!(pub api Products from products.json;);
}

mod empty {
    auth_layer::scopes!(pub api Products from "";);
}

mod neither {
    auth_layer::scopes!(pub api Products;);
}

type Reads = right::ReadProducts;

fn main() {}
