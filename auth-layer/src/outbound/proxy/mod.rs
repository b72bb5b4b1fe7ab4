//! x
mod answer;
mod backend;
mod body;
#[cfg(feature = "axum")]
mod declared;
mod error;
mod hop_by_hop;
mod pathway;
mod request_head;
mod response_head;
mod service;

pub use body::{ProxyBody, ProxyBodyError};
pub use error::{ProxyError, ProxyErrorKind};
pub use service::{Proxy, ProxyFuture};
