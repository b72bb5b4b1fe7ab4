//! The service of the example `grpc`, described in Rust: no machine needs `protoc` to build it.
//!
//! With a file `shop.proto`, this is `tonic_prost_build::compile_protos("shop.proto")`.

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let method = |name: &str, route: &str, input: &str, output: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(format!("super::{input}"))
            .output_type(format!("super::{output}"))
            .codec_path("tonic_prost::ProstCodec")
            .build()
    };
    let shop = Service::builder()
        .package("shop.v1")
        .name("Shop")
        .method(method("list", "List", "ListRequest", "ListReply"))
        .method(method("add", "Add", "Product", "AddReply"))
        .build();
    Builder::new().compile(&[shop]);
}
