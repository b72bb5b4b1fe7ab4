//! Token exchange (RFC 8693): a token for another API on a user's behalf, and the tokens of connections.
//!
//! An API that calls another one does not pass its own token on: that token is good for this API alone. It
//! [exchanges](crate::Auth::exchange) it for one of the other's. A session asks the provider for
//! [another audience](crate::Session::access_token_with) with its refresh token, which costs no exchange;
//! where the provider does not allow that, its token can be exchanged too. For an account of the user's
//! elsewhere (a calendar at Google) there is [`Session::federated_token`](crate::Session::federated_token).
//!
//! # Rules
//! 1. What is kept is kept under a hash of the token that was exchanged, of the client and the issuer, and of
//!    what was asked for: audience, scopes, token type, actor. Two users never share one. A connection's token
//!    is kept for the session.
//! 2. A living token is served without any I/O, and without waiting for anyone. Ahead of its end, by the
//!    refresh buffer or a third of its lifetime, the next one is got in the background.
//! 3. Callers who want one token at once share one POST. It runs in a task of its own: a client that hangs up
//!    does not cancel it.
//! 4. An exchanged token is never served beyond the end of the token that was exchanged for it. A session
//!    that was refreshed has a new access token, and so new exchanges.
//! 5. Nothing that fails is kept as a token. Until the backoff is over (1 s, doubling to 60 s, or the
//!    provider's `Retry-After`) nothing is posted for this key, and a living token is served.
//! 6. No failure ends a session. A connection's token is asked for with the refresh token that the session
//!    has now, which is not spent by it; was it rotated on the way, the newer one is tried, once.
//! 7. Instances that share a store have one token: one of them asks, under a lease, and the others find it, sealed
//!    with a key that is derived from the client's secret and from the token that was exchanged (of a connection: from
//!    the session's id), so that whoever has the store and a token of their own reads nothing. Where
//!    it got none they find why, and wait as long. While the store is away each exchanges for itself.
//!    Callers who wait are served what lives there, also where it is to be renewed; of a session that is over nothing
//!    is looked for there.
//! 8. A logout drops what was got for the session's tokens. What is under way then is not handed out to
//!    anyone, since nobody has the token any more that it is kept under; its memory, and its record in a
//!    store, go with its lifetime.
//!
//! # Attacks
//! A token that would be shown to another issuer than its own is refused, and not sent. A token of an audience
//! that was not asked for (RFC 9700 §4.9.1): where it is a JWT that says so, it is refused and not sent on. A
//! token that is bound to its caller's key (RFC 9449) is refused, since this side cannot prove it. An answer
//! with `token_type` `N_A`, another `issued_token_type`, a token over 16 KiB or no lifetime is no answer.
//!
//! # Limits
//! 32 MiB of tokens in a process, 32 tokens for each that was exchanged and for each session: one of 1 KB is
//! weighed as 2.6 KB, so that some 12,000 users have one at hand; the one that was not asked for the longest
//! goes first. 10,000 failures. A token is kept for a day at most.
//! A logout empties the memory of the instance that it is made at: another one that has the token at hand keeps it until
//! its end, for whoever still holds the session's token. So it is after a logout at the provider, and a revocation.
//! A session's token does not say whose it is: the `Auth` whose layer gave it exchanges it, and any other refuses.
//! A refresh token that comes with an exchanged token is dropped. No proof of possession (DPoP) is made.
//!
//! # At Auth0
//! Tokens are exchanged as On-Behalf-Of where the client is the API's own (a Custom API client), and as Custom
//! Token Exchange where [a type of one's own](ExchangeRequest::with_subject_token_type) has a profile: it takes
//! none of the RFC's types. Token Vault, which has the connections' tokens, asks for refresh token rotation to
//! be switched off.
//!
//! # Example
//! ```no_run
//! # #[cfg(all(feature = "axum", feature = "macros"))]
//! # mod api {
//! use auth_layer::exchange::{ExchangeError, ExchangeErrorKind, ExchangeRequest};
//! use auth_layer::{AccessToken, Auth};
//!
//! async fn invoices(auth: &Auth, token: &AccessToken) -> Result<String, ExchangeError> {
//!     let billing = ExchangeRequest::for_audience("https://billing.example").with_scopes(["read:invoices"]);
//!     match auth.exchange(token, billing).await {
//!         Ok(billing) => Ok(format!("send {billing:?} with billing.authorization()")),
//!         Err(error) if error.kind() == ExchangeErrorKind::Refused => Ok("not for this user".into()),
//!         Err(error) => Err(error),
//!     }
//! }
//! # }
//! ```

mod audience;
mod decide;
mod error;
mod exchanger;
mod exchanges;
mod kept_tokens;
mod key;
mod request;
mod shared;

pub use error::{ExchangeError, ExchangeErrorKind};
pub(crate) use exchanger::Outcome;
pub(crate) use exchanges::Exchanges;
pub use request::{ExchangeRequest, FederatedConnection};
