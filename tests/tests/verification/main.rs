//! Verification: what must hold against an attacker, one function per attack, named by it.
//!
//! `docs/security.md` says which line of which standard each of these holds.
//! Everything goes through the public layer, and the provider is the embedded one over loopback:
//! what it sends is bent on the wire, or signed with its own key. Vectors go to the verifier itself.
#![allow(clippy::unwrap_used)]

mod support;

mod authorization_request;
mod authorization_response;
mod back_channel;
mod back_channel_request;
mod bearer_cache;
mod bearer_claims;
mod bearer_dpop;
mod bearer_dpop_policy;
mod bearer_form;
mod bearer_header;
mod bearer_hostile_input;
mod bearer_key;
mod bearer_kind;
mod bearer_secrets;
mod bearer_session;
mod bearer_weak_keys;
mod csrf;
mod discovery;
mod hostile_input;
mod id_token;
mod id_token_key;
mod jwks;
mod login_attempts;
mod logout;
mod one_writing;
mod outbound_path;
mod redirects;
mod refreshed_tokens;
mod secrets;
mod session_cookie;
mod token_response;
mod weak_keys;
mod wycheproof;
