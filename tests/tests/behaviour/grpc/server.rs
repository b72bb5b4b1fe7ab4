//! A server of the shop on a loopback port, with the provider whose tokens it takes.

use std::net::SocketAddr;
use std::time::Duration;

use auth_layer::config::{ResourceServerConfig, ResourceServerConfigBuilder, TrustedIssuer};
use auth_layer::testing::{IdentityProvider, TestAccessToken, bearer};
use auth_layer::{Auth, Clock, Timestamp};
use tests::SHOP;
use tokio::net::TcpListener;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server as TonicServer};
use tonic::{Request, Status};

use super::shop::{Shop, ShopClient, ShopServer};

/// The shop behind the layer.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) op: IdentityProvider,
    pub(super) shop: Shop,
    pub(super) url: String,
}

impl Server {
    /// Serves the shop by tonic's own server.
    pub(super) async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// As [`Server::start`], with a change to the configuration.
    pub(super) async fn start_with(
        change: impl FnOnce(ResourceServerConfigBuilder) -> ResourceServerConfigBuilder,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url_of(&listener);
        let op = provider().await;
        let auth = Auth::resource_server(change(config(&op, &url)).build().unwrap()).await.unwrap();
        let shop = Shop::default();
        let server = TonicServer::builder().layer(auth.layer()).add_service(ShopServer::new(shop.clone()));
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        Self { op, shop, url }
    }

    /// Returns a client with a connection of its own.
    pub(super) fn client(&self) -> ShopClient<Channel> {
        ShopClient::new(channel(&self.url))
    }

    /// Returns a token of Ada's for the shop.
    pub(super) fn token(&self, scopes: &str) -> String {
        self.op.issue_access_token(ada(scopes))
    }
}

/// A token of Ada's for the shop, to be issued.
pub(super) fn ada(scopes: &str) -> TestAccessToken {
    TestAccessToken::new("local|ada").with_audience(SHOP).with_scopes(scopes)
}

/// A provider with a clock of its own.
pub(super) async fn provider() -> IdentityProvider {
    let clock = Clock::manual(Timestamp::from_unix_seconds(1_800_000_000));
    let scopes = ["read:products", "write:products"];
    IdentityProvider::builder().clock(clock).add_api(SHOP, &scopes).start().await.unwrap()
}

/// The configuration of an API at `url` that takes the provider's tokens.
pub(super) fn config(op: &IdentityProvider, url: &str) -> ResourceServerConfigBuilder {
    ResourceServerConfig::builder(SHOP)
        .add_issuer(TrustedIssuer::new(&op.issuer()))
        .with_base_url(url)
        .with_clock(op.clock())
}

pub(super) fn url_of(listener: &TcpListener) -> String {
    let address: SocketAddr = listener.local_addr().unwrap();
    format!("http://{address}")
}

pub(super) fn channel(url: &str) -> Channel {
    // A call that hangs fails, whatever the machine is busy with.
    Endpoint::from_shared(url.to_owned()).unwrap().timeout(Duration::from_secs(60)).connect_lazy()
}

/// Puts a bearer token into the metadata.
pub(super) fn with_token<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    let value = MetadataValue::try_from(bearer(token).to_str().unwrap()).unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}

/// A value of the metadata of a status, empty where there is none.
pub(super) fn said<'a>(status: &'a Status, name: &str) -> &'a str {
    text(status.metadata(), name)
}

/// A value of metadata, empty where there is none.
pub(super) fn text<'a>(metadata: &'a MetadataMap, name: &str) -> &'a str {
    metadata.get(name).map_or("", |value| value.to_str().unwrap())
}
