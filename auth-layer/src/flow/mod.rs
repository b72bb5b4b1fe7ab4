//! What a relying party does: login, callback, logout, and the sessions in between.
//!
//! # Rules
//! 1. A login has its own state, nonce and code verifier, sealed in a cookie of its own (RFC 9700
//!    §2.1.1, §4.7): two tabs may log in at once.
//! 2. The issuer of a response is judged before its code is used (RFC 9207): a code of another
//!    provider is never posted.
//! 3. Each login has a new session id. A logout is remembered, so that no late response and no old
//!    cookie brings the session back. So is a logout that the provider tells.
//! 4. Users are sent back only to this origin, or to one that was allowed.
//!
//! # Attacks
//! Login CSRF, session fixation, mix-up (RFC 9700 §4.4), code injection (§4.5), open redirectors (§4.11).
//!
//! # Limits
//! A callback's query: 16 KiB. Finished logins are remembered for a minute, 10,000 of them.

mod back_channel;
mod callback;
mod federated;
mod login;
mod logout;
mod pause;
mod relying_party;
mod return_to;
mod sessions;

pub(crate) use back_channel::BackChannelError;
pub(crate) use callback::Failure;
pub use callback::{LoginError, LoginErrorKind};
pub(crate) use login::LoginRequest;
pub(crate) use relying_party::RelyingParty;
#[cfg(feature = "testing")]
pub(crate) use sessions::NewSession;
pub(crate) use sessions::{Loaded, Meanwhile, Opened};
