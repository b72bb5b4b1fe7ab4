//! An application behind the layer, browsers that use it, and a server that says anything.

mod app;
mod browser;
mod forgery;
mod key_pairs;
mod own_key;
mod page;
mod refused;
mod strange_server;

pub(crate) use app::{API, App, BASE_URL, KEY, OTHER_KEY, provider};
pub(crate) use browser::Browser;
pub(crate) use forgery::{decoded, encoded, unsigned};
pub(crate) use key_pairs::KeyPair;
pub(crate) use own_key::OwnKey;
pub(crate) use page::{Page, query};
pub(crate) use refused::{assert_invalid, assert_nothing_of, assert_passes, assert_refused};
pub(crate) use strange_server::StrangeServer;
