//! A server whose layer was forgotten: INTERNAL, never open, and a line in the log that says which function.

use std::fmt::{Debug, Write as _};
use std::sync::Mutex;

use auth_layer::testing::bearer;
use tokio::net::TcpListener;
use tonic::Code;
use tonic::transport::Server as TonicServer;
use tonic::transport::server::TcpIncoming;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use super::server::{channel, url_of, with_token};
use super::shop::{Product, Shop, ShopClient, ShopServer};

/// Keeps the errors that the whole process logs; only they are enabled.
struct Listener;

static HEARD: Mutex<String> = Mutex::new(String::new());

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        writeln!(HEARD.lock().unwrap(), "{}", line.0).unwrap();
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_service_without_the_layer_is_internal_and_the_log_says_which_function() {
    tracing::subscriber::set_global_default(Listener).expect("nobody else listens in this binary");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = url_of(&listener);
    let shop = Shop::default();
    let server = TonicServer::builder().add_service(ShopServer::new(shop.clone()));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let call = with_token(Product::named("tea"), bearer("x.y.z").to_str().unwrap());
    let status = ShopClient::new(channel(&url)).list(call).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::Internal, "this service is not set up: see its log")
    );
    assert_eq!(shop.ran(), 0);
    let heard = HEARD.lock().unwrap();
    let line = heard.lines().find(|line| line.contains("grpc::shop::list")).unwrap_or_default();
    assert!(line.contains("put `auth.layer()` around its server"), "{heard}");
}
