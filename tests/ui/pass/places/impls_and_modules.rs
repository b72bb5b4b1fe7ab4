//! Handlers in `impl`s, in modules, and as methods of traits.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]

use auth_layer::token::{Grants, Principal, RequiredOrganization, Requirement};
use auth_layer::{AccessToken, require_auth};
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::{Request, Response};
use scopes::{ReadProducts, WriteProducts};
use std::time::Duration;

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Products = "https://api.shop.example" {
            ReadProducts = "read:products",
            WriteProducts = "write:products",
        }
    }
}

fn read(_: &AccessToken<impl Grants<ReadProducts>>) {}
fn write(_: &AccessToken<impl Grants<WriteProducts>>) {}

/// A shop of some goods.
#[derive(Clone, Debug)]
pub struct Shop<G>(G);

#[require_auth(scopes = ["read:products"], user)]
impl<G: Clone + Send + Sync + 'static> Shop<G> {
    /// A name.
    pub const NAME: &'static str = "shop";

    /// Makes one.
    pub fn new(goods: G) -> Self {
        Self(goods)
    }

    /// A method that is no handler.
    pub async fn refill(&self) {}

    /// With the defaults.
    #[require_auth]
    pub async fn list(token: AccessToken, State(_shop): State<Self>) -> String {
        read(&token);
        Self::NAME.to_owned()
    }

    /// With a list of its own.
    #[require_auth(scopes = ["read:products", WriteProducts])]
    pub(crate) async fn add(State(_): State<Self>, token: AccessToken, Path(_): Path<u32>) {
        read(&token);
        write(&token);
    }

    #[cfg(any())]
    #[require_auth]
    async fn absent(token: Absent) {}

    async fn helper() {}
}

/// What is called with a request.
pub trait Service {
    /// Answers.
    fn answer(&self, request: Request<String>) -> impl Future<Output = Response<String>> + Send;
    /// Anyone may ask.
    fn ping(&self, request: Request<String>) -> impl Future<Output = Response<String>> + Send;
}

#[require_auth(scopes = ["write:products"])]
impl<G: Send + Sync> Service for Shop<G> {
    async fn answer(&self, request: Request<String>, token: AccessToken) -> Response<String> {
        write(&token);
        Response::new(request.into_body())
    }

    #[public]
    async fn ping(&self, request: Request<String>) -> Response<String> {
        Response::new(request.into_body())
    }
}

/// For those who work here.
#[require_auth(any_roles = ["admin", "clerk"], organization, max_age = 300, acr = "gold")]
pub mod office {
    use super::{AccessToken, read, require_auth};

    const LIMITS: [u8; 2] = [1, 2];

    /// With the defaults.
    #[require_auth]
    pub async fn list() {
        let _ = LIMITS;
    }

    /// With more.
    #[auth_layer::require_auth(scopes = ["read:products"], organization = "org_1")]
    pub async fn products(token: AccessToken) {
        read(&token);
    }

    pub(crate) mod machines {
        #[auth_layer::require_auth(client, permissions = ["a"])]
        #[cfg(any())]
        pub(crate) async fn absent() {}

        #[super::require_auth(any_roles = ["robot"])]
        pub(crate) async fn work() {}
    }

    #[allow(dead_code)]
    async fn helper() {}
}

fn main() {
    let shop = Shop::new(7_u8);
    let _: Router = Router::new()
        .route("/", get(Shop::<u8>::list).post(Shop::<u8>::add))
        .route("/office", get(office::list))
        .route("/products", get(office::products))
        .route("/work", post(office::machines::work))
        .with_state(shop.clone());
    drop((shop.refill(), Shop::<u8>::helper()));

    let list = ShopListHandler::RULE;
    assert_eq!((list.scopes(), list.principal()), (&["read:products"][..], Some(Principal::User)));
    assert!(list.handler().ends_with("::Shop::list"), "{}", list.handler());
    assert_eq!(ShopAddHandler::RULE.scopes(), ["read:products", "write:products"]);
    assert_eq!(ShopServiceAnswerHandler::RULE.scopes(), ["write:products"]);
    let office = office::ListHandler::RULE;
    assert_eq!((office.any_roles(), office.acr()), (&["admin", "clerk"][..], &["gold"][..]));
    assert_eq!(office.max_age(), Some(Duration::from_secs(300)));
    assert_eq!(office.organization(), Some(RequiredOrganization::Any));
    let products = office::ProductsHandler::RULE;
    assert_eq!(products.organization(), Some(RequiredOrganization::Named("org_1")));
    assert_eq!(products.any_roles(), ["admin", "clerk"]);
    assert_eq!(office::machines::WorkHandler::RULE.any_roles(), ["robot"]);
}

/// Another type that is called so, by a method of the same name.
#[derive(Debug)]
pub struct Kiosk;

#[require_auth]
impl Service for Kiosk {
    async fn answer(&self, request: Request<String>) -> Response<String> {
        Response::new(request.into_body())
    }

    #[require_auth(client)]
    async fn ping(&self, request: Request<String>) -> Response<String> {
        Response::new(request.into_body())
    }
}
