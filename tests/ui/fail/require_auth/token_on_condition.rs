//! A token that is there on a condition: without it the handler would be open.

use auth_layer::{AccessToken, require_auth};

#[cfg(all())]
#[require_auth]
async fn right(_token: AccessToken) {}

#[require_auth]
async fn wrong(#[cfg(any())] _token: AccessToken) {}

#[require_auth]
async fn wrong_too(#[cfg_attr(all(), cfg(any()))] _token: AccessToken) {}

#[require_auth]
async fn wrong_raw(#[r#cfg(any())] _token: AccessToken) {}

#[require_auth]
#[rustfmt::skip]
async fn wrong_later(_: axum::extract::Path<u8>, #[cfg(any())] _token: AccessToken) {}

macro_rules! on {
    ($name:ident, #[$condition:meta]) => {
        #[require_auth]
        async fn $name(#[$condition] _token: AccessToken) {}
    };
}

macro_rules! never {
    ($name:ident, $path:path) => {
        on!($name, #[$path(any())]);
    };
}

never!(wrong_in_macros, cfg);

fn main() {}
