//! Calls of others: a client under the authorize layer, and the proxy, each before an API on a loopback port.

pub(crate) mod api;

mod attacks;
mod authorize;
mod clients;
mod proxy;
mod redirects;
mod refusals;
mod streams;
mod supplies;
mod tls;
mod wire;
