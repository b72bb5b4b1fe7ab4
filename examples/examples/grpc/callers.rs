//! A caller of the shop, with the client that is generated, and its token in the metadata of each call.

use std::fmt::Debug;

use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::shop::shop_client::ShopClient;
use crate::shop::{ListRequest, Product};

/// Calls both methods, and prints what each answers.
pub(crate) async fn call(channel: Channel, who: &str, token: Option<String>) {
    let mut client = ShopClient::with_interceptor(channel, move |mut call: Request<()>| {
        if let Some(token) = &token {
            call.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        Ok(call)
    });
    show(who, "Add", client.add(Product { name: "tea".into() }).await);
    show(who, "List", client.list(ListRequest {}).await);
}

fn show(who: &str, method: &str, answer: Result<Response<impl Debug>, Status>) {
    match answer {
        Ok(reply) => println!("{who} calls {method}: {:?}", reply.get_ref()),
        Err(status) => {
            println!("{who} calls {method}: {:?}, {}", status.code(), status.message());
            println!("    www-authenticate: {:?}", status.metadata().get("www-authenticate"));
        }
    }
}
