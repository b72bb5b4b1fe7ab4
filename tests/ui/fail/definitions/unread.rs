//! Files that are not there, that are broken, and that define no API.

mod right {
    auth_layer::scopes!(pub(crate) api Products from "../../definitions/products.json");
}

mod missing {
    auth_layer::scopes!(pub(crate) api Products from "../../definitions/product.json");
}

mod broken {
    auth_layer::scopes!(pub(crate) api Products from "../../definitions/broken.yaml");
}

mod of_something_else {
    auth_layer::scopes!(pub(crate) api Products from "../../definitions/other.json");
}

mod in_a_circle {
    auth_layer::scopes!(pub(crate) api Products from "../../definitions/cycle.yaml");
}

type Reads = right::ReadProducts;

fn main() {}
