//! The shop's own web server: pages for people, and the calls that the pages make.
//!
//! # Rules
//! 1. The access token stays here: the browser is told its scopes and its end, nothing more.
//! 2. Nothing on a page comes from elsewhere, and nothing inline runs (`Content-Security-Policy`).
//! 3. A page of a user's is stored nowhere (`Cache-Control: no-store`).

mod calls;
mod headers;
mod html;
mod pages;
mod router;

pub(crate) use router::{Shop, router, routes};
