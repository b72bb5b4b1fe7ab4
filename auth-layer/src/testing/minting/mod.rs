//! Access tokens and logout tokens without a flow: for tests, good ones and bad ones.
//!
//! A [`TestAccessToken`] says what a token is like, and
//! [`IdentityProvider::issue_access_token`](super::IdentityProvider::issue_access_token) issues it:
//! from then on the provider knows it, at introspection, at `/userinfo` and at revocation.
//!
//! # Rules
//! 1. Without more it is a JWT of RFC 9068, good for an hour, for the API
//!    `https://api.shop.example` and the default client, with no scope.
//! 2. The shape is that of a provider; it names the claims. What the token means (subject,
//!    client, audience, scope, times, key) is set apart from it, and is the same in each.
//! 3. `with_claim` and `without_claim` come last, whatever the shape says; `with_header` and
//!    `without_header` likewise. They change what the token says, not what the provider knows:
//!    a token with `with_claim("exp", 0)` is active at introspection.
//! 4. Introspection answers with what the token says and, whatever the shape, with the members of
//!    RFC 7662 §2.2. A claim that was removed is missing there too.
//!
//! A [`TestLogoutToken`] is signed by
//! [`IdentityProvider::mint_logout_token`](super::IdentityProvider::mint_logout_token), by rule 3 as well.
//!
//! What each provider sends is in the documentation of [`TestAccessToken`].

mod access_token;

mod issue;
mod logout_token;
mod shape;

pub use access_token::TestAccessToken;
pub(super) use issue::{issue, sign};
pub use logout_token::TestLogoutToken;
pub(super) use logout_token::sign_logout_token;
