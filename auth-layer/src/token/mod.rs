//! The tokens of a user: access, refresh and id token, and the set that a session holds.
//!
//! # Rules
//! 1. A token's value is a [`Secret`](crate::Secret): reading it takes a call that says so.
//! 2. [`AccessToken`] carries the requirement that its handler stated, so that a function can
//!    demand `AccessToken<impl Grants<ReadProducts>>` and the compiler checks it.
//! 3. A set changes as a whole: the successor of a refresh holds the new refresh token and the
//!    new access token, in one value (RFC 6749 §6).

mod access_token;
mod bearer_token;
mod granted;
mod own_token;
mod proof;
mod requirement;
mod rule;
mod token_set;
mod user;

pub use access_token::{AccessToken, TokenSource};
pub use bearer_token::Principal;
pub(crate) use bearer_token::{BearerToken, MetRules, Scheme, Standing};
pub(crate) use granted::{Audiences, Granted};
pub(crate) use own_token::OwnToken;
pub use proof::Proof;
pub(crate) use requirement::rule_of;
pub use requirement::{
    Authenticated, DeclaredScope, Grants, Includes, NoRequirement, RequiredAlone, Requirement, TokenType,
};
pub use rule::{RequiredOrganization, Rule};
pub(crate) use token_set::{IssuedToken, RefreshKey, TokenSet};
pub use user::User;
