//! Token exchange (RFC 8693) and the tokens of connections, against the embedded provider.

mod answers;
mod connections;
mod failures;
mod fleet;
mod kit;
mod lifetimes;
mod sharing;
mod subjects;
mod typed;
