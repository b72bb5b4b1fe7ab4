//! Services of gRPC behind the layer: tonic's own server and client, over HTTP/2 on a loopback port.

mod server;
mod shop;

mod browsers;
mod missing_layer;
mod neighbours;
mod outages;
mod plain_functions;
mod possession;
mod statuses;
mod streams;
