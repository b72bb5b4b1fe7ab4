//! Tokens of a machine's own: the client credentials grant (RFC 6749 §4.4), cached, shared and counted.
//!
//! # Rules
//! 1. A token is kept for all of issuer, client, audience, set of scopes and organization, and for nothing
//!    less: two that differ in one of them are two tokens.
//! 2. Whoever asks for a token that lives is served at once. All who ask while there is none wait for one
//!    exchange; it is made in a task of its own, so that a caller who goes away takes nothing with them.
//! 3. A token is renewed in the background when somebody asks for it within five minutes of its end, but not
//!    before the last third of its lifetime, spread by a quarter. One that nobody asks for is not renewed: it
//!    would cost quota.
//! 4. A living token is served whatever the provider does. After a failure nothing is posted until a backoff
//!    (1 s, doubling to 60 s, or the provider's `Retry-After`, an hour at most) is over; no failure is kept as a
//!    token.
//! 5. A token that grants less than its type says is an error that names what is missing, and is not asked for
//!    again for as long as it would live, ten minutes at most: it counted. So does one that has ended when it
//!    comes, for ten minutes.
//! 6. Instances that share a store have one token: one of them asks, under a lease, and the others find it,
//!    sealed with a key that is derived from the client's secret. Where it got none they find why, with the
//!    provider's code, and wait as long. While the store is away each asks for itself.
//! 7. A [`Budget`](crate::config::Budget) and the provider's quota headers hold a request back before it is
//!    posted. The error says when the quota begins anew. A budget that is used up is looked at again after a
//!    minute: what another had taken may be given back. Tokens of the provider's own APIs cost no quota: none is
//!    held back, their headers are heeded as any others, and a 429 to one of them is for too many requests.
//! 8. A token that a resource server refuses is replaced at most once a minute, then two, up to an hour.
//!
//! # Attacks
//! A token for one audience, scope set or organization handed to another (RFC 9700 §2.3); a leaked store; a
//! resource server, a bug or an outage that drains the quota; quota headers that would keep a service from its
//! tokens for years.
//!
//! # Limits
//! 10,000 kinds of tokens in a process, beyond which the one that was not looked up the longest is forgotten; a
//! [`MachineTokens`] of it that somebody keeps goes on with a token of its own.
//! Without a store each process asks for its own, and asks again when it starts. Of an instance that is killed
//! while it asks, the token is lost. A clock that is set back by less than a token's age makes it seem to live
//! for as much longer: then a resource server refuses it, and it is replaced. Instances whose clocks differ by
//! more than a minute share no token: the one that is behind cannot know how old the other's is. A token whose
//! answer says no lifetime is taken to live five minutes.
//!
//! # Example
//! ```
//! # async fn run(op: &auth_layer::testing::IdentityProvider) -> Result<(), Box<dyn std::error::Error>> {
//! use auth_layer::ClientCredentials;
//! use auth_layer::config::ClientCredentialsConfig;
//! use auth_layer::machine::MachineTokenRequest;
//!
//! let config = ClientCredentialsConfig::builder(&op.issuer(), "worker", "worker-secret").build()?;
//! let machine = ClientCredentials::discover(config).await?;
//! let request = || MachineTokenRequest::new().with_audience("https://api.shop.example");
//!
//! // One exchange, however often it is asked for.
//! let token = machine.token_with(request()).await?;
//! assert_eq!(machine.token_with(request()).await?.expose(), token.expose());
//! assert_eq!(machine.ledger().report().m2m_quota_consumed, 1);
//!
//! // Refused: an API that the provider does not know.
//! let refused = machine.token_with(MachineTokenRequest::new().with_audience("https://api.other.example")).await;
//! assert!(refused.unwrap_err().is_final());
//! # Ok(()) }
//! # use auth_layer::testing::{ClientRegistration, IdentityProvider};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! #     let op = IdentityProvider::builder()
//! #         .client(ClientRegistration::confidential("worker", "worker-secret"))
//! #         .start()
//! #         .await
//! #         .unwrap();
//! #     run(&op).await.unwrap();
//! # }
//! ```

mod budget;
mod client;
mod client_credentials;
mod decide;
mod error;
mod future;
mod issue;
mod keeper;
mod quota;
mod request;
mod shared;
mod slot;
mod tokens;
mod used;

#[cfg(fuzzing)]
pub(crate) use budget::Spending;
pub(crate) use client::ClientParts;
pub use client_credentials::ClientCredentials;
pub use error::{MachineTokenError, MachineTokenErrorKind};
pub use future::MachineTokenFuture;
#[cfg(fuzzing)]
pub(crate) use quota::buckets;
pub use quota::{QuotaBucket, QuotaHolder};
pub use request::MachineTokenRequest;
pub use tokens::MachineTokens;
