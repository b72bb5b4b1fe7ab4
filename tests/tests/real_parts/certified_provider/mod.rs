//! The whole flow at npm `oidc-provider`, which is certified by the OpenID Foundation.
//!
//! It requires PKCE, names itself in the response (RFC 9207), binds access tokens to one API
//! (RFC 8707), and ends the grant when a refresh token comes twice.

mod login;
mod logout;
mod outage;
mod step_up;
mod tokens;
