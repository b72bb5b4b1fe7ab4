//! The service of the gRPC tests, described in Rust: no machine needs `protoc` to run them.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let shop = Service::builder()
        .name("Shop")
        .package("shop.v1")
        .method(method("list", "List").build())
        .method(method("watch", "Watch").server_streaming().build())
        .method(method("import", "Import").client_streaming().build())
        .method(method("converse", "Converse").client_streaming().server_streaming().build())
        .build();
    Builder::new().compile(&[shop]);
}

/// Takes products and answers with products, as the types of `grpc/shop.rs` have it.
fn method(name: &str, route: &str) -> tonic_build::manual::MethodBuilder {
    Method::builder()
        .name(name)
        .route_name(route)
        .input_type("super::Product")
        .output_type("super::Product")
        .codec_path("tonic_prost::ProstCodec")
}
