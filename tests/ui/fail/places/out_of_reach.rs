//! A handler that the defaults of its module do not reach is refused, and not left with less to meet.

use auth_layer::axum::{Router, routing::get};
use auth_layer::require_auth;

macro_rules! handlers {
    ($($item:item)*) => { $($item)* };
}

#[require_auth(roles = ["admin"])]
mod admin {
    use super::{Router, get};

    #[auth_layer::require_auth]
    async fn right() {}

    pub(crate) fn router() -> Router {
        #[auth_layer::require_auth]
        async fn in_a_function() {}

        Router::new().route("/", get(right)).route("/function", get(in_a_function))
    }

    #[cfg_attr(all(), auth_layer::require_auth)]
    pub(crate) async fn behind_a_condition() {}

    handlers! {
        #[auth_layer::require_auth]
        pub(crate) async fn in_a_macro() {}
    }

    struct Shop;

    impl Shop {
        pub async fn forgotten() {}
    }
}

fn main() {
    let _ = admin::router();
}
