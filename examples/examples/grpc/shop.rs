//! The messages of the shop, and the client and the server that `build.rs` makes of its methods.
#![allow(unreachable_pub, missing_debug_implementations, reason = "what is generated says `pub`")]

use prost::Message;

tonic::include_proto!("shop.v1.Shop");

/// Asks for all products.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct ListRequest {}

/// All products.
#[derive(Clone, PartialEq, Message)]
pub struct ListReply {
    /// Their names.
    #[prost(string, repeated, tag = "1")]
    pub names: Vec<String>,
}

/// A product to be added.
#[derive(Clone, PartialEq, Message)]
pub struct Product {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
}

/// It was added.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct AddReply {}
