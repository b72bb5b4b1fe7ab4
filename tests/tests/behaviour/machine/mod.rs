//! Machine tokens: one exchange for all who need it, and none that is not needed.

mod astray;
mod budget;
mod cached;
mod failures;
mod fleet;
mod hostile;
mod ledger;
mod outgoing;
mod quota_headers;
mod refused_tokens;
mod sharing;
