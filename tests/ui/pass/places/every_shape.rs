//! Signatures of every shape, in every place.
#![allow(dead_code, unused_braces)]

use std::time::Duration;

use auth_layer::token::{Principal, Requirement};
use auth_layer::{AccessToken, require_auth};
use axum::extract::{Path, State};
use axum::{Router, routing::get};
use http::{Request, Response};

mod scopes {
    auth_layer::scopes! { pub(crate) api Products { ReadProducts = "read:products" } }
}

struct Page<const A: usize, const B: usize>;

#[require_auth(scopes = ["read:products"])]
impl Page<{ 1 + 2 }, 4>
where
    [u8; { 4 }]: Sized,
{
    const LIMITS: [u8; 2] = [{ 1 } + 1, 2];

    #[require_auth]
    pub(crate) async fn list<'a, const N: usize, S>(State(_): State<S>, token: AccessToken) -> [u8; { 4 }]
    where
        S: Clone + Send + Sync + 'static,
        [u8; { N }]: Sized,
    {
        let _ = token;
        if 1 < 2 { [0; 4] } else { [1; 4] }
    }
}

#[require_auth(user)]
mod r#type {
    use super::*;

    pub(super) static NAME: &str = "a";
    pub(super) struct Unit;
    pub(super) enum Either {
        Left { a: u8 },
        Right,
    }
    unsafe impl Send for Either {}
    unsafe extern "C" {}
    macro_rules! nothing {
        () => {};
    }
    nothing! {}
    nothing!();

    #[doc = "braces { } and #[require_auth] in a text"]
    #[cfg_attr(any(), deprecated)]
    #[require_auth(max_age = 5)]
    #[must_use]
    pub(in crate) async fn r#fn(Path((_, _)): Path<(u8, u8)>, _: AccessToken) -> &'static str {
        NAME
    }

    pub(super) fn router() -> axum::Router {
        axum::Router::new().route("/", get(r#fn))
    }

    pub const fn constant() -> usize {
        3
    }
    pub trait Greeter {
        async fn greet(&self);
    }
    impl Greeter for Unit {
        async fn greet(&self) {}
    }
    impl std::fmt::Debug for Unit {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("u")
        }
    }
}

trait Shop<T> {
    type Item<'a>
    where
        Self: 'a;
    const SIZE: usize;
    fn list<'a>(
        &'a self,
        request: Request<T>,
    ) -> impl Future<Output = Result<Response<String>, auth_layer::gate::Rejection>> + Send;
}

#[require_auth(scopes = ["read:products"])]
impl<T: Send + 'static> Shop<T> for Vec<u8> {
    type Item<'a>
        = &'a u8
    where
        Self: 'a;
    const SIZE: usize = 3;
    async fn list<'a>(
        &'a self,
        mut request: Request<T>,
        token: AccessToken,
    ) -> Result<Response<String>, auth_layer::gate::Rejection> {
        let _ = request.headers_mut();
        Ok(Response::new(token.scopes().to_string()))
    }
}

fn main() {
    #[require_auth(scopes = ["read:products"])]
    async fn local(_: AccessToken) {}
    let _: Router = Router::new()
        .route("/local", get(local))
        .route("/page", get(Page::<3, 4>::list::<4, ()>))
        .merge(r#type::router());
    drop(Shop::<u8>::list(&vec![1], Request::new(1)));
    assert_eq!(PageListHandler::RULE.scopes(), ["read:products"]);
    assert_eq!(VecShopListHandler::RULE.scopes(), ["read:products"]);
    let rule = r#type::FnHandler::RULE;
    assert_eq!((rule.principal(), rule.max_age()), (Some(Principal::User), Some(Duration::from_secs(5))));
}
