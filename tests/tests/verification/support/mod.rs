//! An application behind the layer, browsers that use it, and a server that says anything.

mod app;
pub(crate) mod back_channel;
mod browser;
mod forgery;
mod key_pairs;
mod own_claims;
mod own_key;
mod page;
mod refused;
mod rsa;
mod strange_server;

pub(crate) use app::{API, App, BASE_URL, KEY, OTHER_KEY, provider};
pub(crate) use browser::Browser;
pub(crate) use forgery::{decoded, encoded, unsigned};
pub(crate) use key_pairs::KeyPair;
pub(crate) use own_claims::{OWN_HEADER, api_with_own_key, claims_with, good_claims};
pub(crate) use own_key::OwnKey;
pub(crate) use page::{Page, query};
pub(crate) use refused::{
    assert_invalid, assert_no_part_of, assert_nothing_of, assert_passes, assert_refused,
};
pub(crate) use rsa::{padded_hash, rsa_signed};
pub(crate) use strange_server::StrangeServer;
