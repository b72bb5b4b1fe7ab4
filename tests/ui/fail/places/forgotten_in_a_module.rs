//! A handler that says nothing, in a module that guards its handlers.

use auth_layer::require_auth;

#[require_auth(roles = ["admin"])]
mod admin {
    #[auth_layer::require_auth] // right
    pub async fn list() {}

    pub async fn delete_everything() {}

    async fn helper() {}

    mod deeper {
        pub(super) async fn reset() {}
    }

    pub async fn not_async_is_no_handler() -> fn() {
        || {}
    }
}

macro_rules! below {
    ($body:block) => {
        #[require_auth(roles = ["admin"])]
        mod below_a_captured_body {
            #[auth_layer::require_auth]
            pub async fn list() $body

            pub async fn delete_everything() $body
        }
    };
}

below!({});

fn main() {}
