//! What stands around handlers, and what macros write, takes nothing from them.
#![deny(warnings)]

use auth_layer::axum::{Router, routing::get};
use auth_layer::require_auth;
use auth_layer::token::Requirement;
use http::{Request, Response};
use scopes::WriteProducts;

#[require_auth(roles = ["admin"])]
mod admin {
    //! For administrators.
    #![allow(clippy::unused_async)]

    #[auth_layer::require_auth { scopes = [crate::scopes::WriteProducts] }]
    pub async fn list() {}
}

mod scopes {
    auth_layer::scopes! { pub(crate) api Products { WriteProducts = "write:products" } }
}

macro_rules! guarded {
    ($vis:vis mod $name:ident, #[$meta:meta] $item:item, $type:ty) => {
        #[require_auth(roles = ["admin"])]
        $vis mod $name {
            $item

            #[$meta]
            pub(crate) async fn captured() {}

            #[auth_layer::require_auth]
            $vis async fn visible() {}
        }

        #[require_auth(roles = ["admin"])]
        impl $type {
            #[require_auth]
            $vis async fn list() {}
        }
    };
}

struct Shop;

guarded! {
    pub(crate) mod captured,
    #[auth_layer::require_auth]
    #[auth_layer::require_auth] pub(crate) async fn item() {},
    Shop
}

macro_rules! guarded_by_path {
    (mod $name:ident, $path:path) => {
        guarded_by_attribute! { mod $name, #[$path(scopes = [crate::scopes::WriteProducts])] {} }
    };
}

macro_rules! guarded_by_attribute {
    (mod $name:ident, #[$meta:meta] $body:block) => {
        #[require_auth(roles = ["admin"])]
        mod $name {
            #[$meta]
            pub(crate) async fn by_path() $body

            #[r#require_auth]
            pub(crate) async fn raw() $body
            use auth_layer::require_auth;
        }

        #[require_auth]
        async fn $name() $body
    };
}

guarded_by_path! { mod passed_on, auth_layer::require_auth }

#[tonic::async_trait]
trait Service {
    async fn answer(&self, request: Request<String>) -> Response<String>;
}

#[allow(non_camel_case_types)]
struct r#try;

#[require_auth(user, scopes = [WriteProducts])]
#[tonic::async_trait]
impl Service for Shop {
    #![allow(clippy::unused_async)]
    async fn answer(&self, request: Request<String>) -> Response<String> {
        Response::new(request.into_body())
    }
}

#[require_auth]
impl r#try {
    #[require_auth(roles = ["admin"])]
    async fn r#type() {}
}

fn main() {
    let _: Router = Router::new()
        .route("/list", get(admin::list))
        .route("/item", get(captured::item))
        .route("/passed_on", get(passed_on).post(passed_on::by_path).put(passed_on::raw))
        .route("/captured", get(captured::captured).post(captured::visible))
        .route("/shop", get(Shop::list).post(r#try::r#type));
    drop(Shop.answer(Request::default()));
    assert_eq!(admin::ListHandler::RULE.scopes(), ["write:products"]);
    for rule in [
        admin::ListHandler::RULE,
        captured::ItemHandler::RULE,
        captured::CapturedHandler::RULE,
        captured::VisibleHandler::RULE,
        passed_on::ByPathHandler::RULE,
        passed_on::RawHandler::RULE,
        ShopListHandler::RULE,
        tryTypeHandler::RULE,
    ] {
        assert_eq!(rule.roles(), ["admin"], "{rule:?}");
    }
}
