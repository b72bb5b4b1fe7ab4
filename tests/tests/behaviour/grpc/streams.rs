//! Streams: refused before their first message is read, served to whoever passes.

use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request};

use super::server::{Server, said, with_token};
use super::shop::Product;

/// Two products, and then nothing for ever: who waits for the end of it waits in vain.
fn endless() -> impl Stream<Item = Product> + Send + 'static {
    let two = ["tea", "coffee"].map(Product::named);
    tokio_stream::iter(two).chain(tokio_stream::pending())
}

#[tokio::test]
async fn a_stream_is_refused_before_its_first_message_is_read() {
    let server = Server::start().await;
    let mut client = server.client();
    let narrow = server.token("read:products");
    let cases = [
        client.import(Request::new(endless())).await.map(|_| ()),
        client.converse(Request::new(endless())).await.map(|_| ()),
        client.watch(Request::new(Product::named("tea"))).await.map(|_| ()),
        client.import(with_token(endless(), &narrow)).await.map(|_| ()),
        client.converse(with_token(endless(), &narrow)).await.map(|_| ()),
        client.watch(with_token(Product::named("tea"), &server.token("write:products"))).await.map(|_| ()),
    ];
    for (number, refused) in cases.into_iter().enumerate() {
        let status = refused.unwrap_err();
        let expected = if number < 3 { Code::Unauthenticated } else { Code::PermissionDenied };
        assert_eq!(status.code(), expected, "{number}: {status:?}");
        assert_ne!(said(&status, "www-authenticate"), "", "{number}");
    }
    assert_eq!((server.shop.ran(), server.shop.read()), (0, 0));
}

#[tokio::test]
async fn streams_of_a_good_token_flow_both_ways() {
    let server = Server::start().await;
    let token = server.token("read:products write:products");
    let mut client = server.client();

    let watched = client.watch(with_token(Product::named("tea"), &token)).await.unwrap().into_inner();
    let watched: Vec<_> = watched.map(|product| product.unwrap().name).collect().await;
    assert_eq!(watched, ["tea", "tea"]);

    let two = tokio_stream::iter(["tea", "coffee"].map(Product::named));
    let imported = client.import(with_token(two, &token)).await.unwrap();
    assert_eq!(imported.get_ref().name, "tea coffee");

    let mut echoed = client.converse(with_token(endless(), &token)).await.unwrap().into_inner();
    for expected in ["tea", "coffee"] {
        assert_eq!(echoed.message().await.unwrap().unwrap().name, expected);
    }
    assert_eq!((server.shop.ran(), server.shop.read()), (3, 4));
}
