//! x
mod challenge;
mod error;
mod future;
mod layer;
mod on_behalf_of;
mod passed_on;
mod replacements;
mod replay;
mod service;
mod supply;
mod tokens;

pub(in crate::outbound) use challenge::refuses_token;
pub use error::{AuthorizeError, AuthorizeErrorKind, TokenError};
pub(in crate::outbound) use future::AfterRefusal;
pub use future::ResponseFuture;
pub use layer::Authorize;
pub use on_behalf_of::{Behalf, OnBehalfOf};
pub use replay::{EmptyBodies, Replay};
pub use service::AuthorizeService;
pub use supply::{TokenSupply, TokenSupplyError};
