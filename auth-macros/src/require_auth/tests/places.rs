//! The attribute above a module or an `impl`.

use quote::quote;

use super::{expansion, refusals};
use crate::require_auth::expand;

#[test]
fn a_method_of_a_trait_is_guarded_and_its_type_stands_beside_the_impl() {
    insta::assert_snapshot!(expansion(
        quote!(scopes = ["read:products"]),
        quote! {
            #[tonic::async_trait]
            #[cfg(feature = "shop")]
            impl shop_server::Shop for Shelf {
                type Stream = Names;

                async fn list(&self, request: Request<List>, token: AccessToken) -> Result<Response<Reply>, Status> {
                    self.list(token, request).await
                }

                #[require_auth(scopes = ["write:products"], max_age = 300)]
                async fn add(&self, _: Request<Add>) -> Result<Response<Reply>, Status> {
                    self.add().await
                }

                #[public]
                async fn ping(&self, _: Request<Ping>) -> Result<Response<Pong>, Status> {
                    Ok(Response::new(Pong))
                }
            }
        },
    ));
}

#[test]
fn associated_functions_of_a_type_are_handlers_where_they_say_so() {
    insta::assert_snapshot!(expansion(
        quote!(roles = ["admin"], audience = "https://api.shop.example"),
        quote! {
            impl<S> Shop<S> {
                const PAGE: usize = 20;

                pub(crate) fn new() -> Self {
                    Self
                }

                pub async fn refill(&self, token: &AccessToken<impl Grants<WriteProducts>>) {}

                #[require_auth(roles = ["clerk"])]
                pub async fn list(token: AccessToken, State(shop): State<S>) -> Json<Vec<Product>> {
                    Json(shop.list(&token).await)
                }

                #[auth_layer::require_auth]
                async fn one() {}

                #[public]
                pub(crate) async fn opening_hours() {}
            }
        },
    ));
}

#[test]
fn the_defaults_of_a_module_go_to_every_handler_within() {
    insta::assert_snapshot!(expansion(
        quote!(any_roles = ["admin", "clerk"], client, registry = shared::scopes),
        quote! {
            /// For those who work here.
            pub mod office {
                use super::*;

                const LIMITS: [u8; { 2 }] = [1, 2];

                #[require_auth]
                pub async fn list() {}

                #[auth_layer::require_auth(scopes = ["read:products"], user, any_roles = ["boss"])]
                pub(crate) async fn add(token: AccessToken) -> Page<{ 1 }, { 2 }> {}

                #[public]
                pub async fn opening_hours() {}

                async fn helper() {}

                mod further {
                    #[require_auth(registry = crate::scopes)]
                    async fn list() {}
                }

                impl Shop {
                    #[require_auth]
                    async fn list() {}
                }
            }
        },
    ));
}

#[test]
fn what_was_forgotten_in_a_guarded_place_is_refused() {
    for item in [
        quote!(
            mod admin {
                pub async fn list() {}
            }
        ),
        quote!(
            mod admin {
                mod deep {
                    pub(super) async fn list() {}
                }
            }
        ),
        quote!(
            impl Shop {
                pub async fn list(State(shop): State<Shop>) {}
            }
        ),
    ] {
        let found = refusals(quote!(), item.clone());
        let expected = "`list` says nothing of who may call it";
        assert!(matches!(&found[..], [one] if one.starts_with(expected)), "{item}: {found:?}");
    }
}

#[test]
fn what_cannot_be_guarded_is_refused() {
    let cases = [
        (
            quote!(
                mod admin;
            ),
            "in a file of its own",
        ),
        (
            quote!(
                impl Greeter for Shop {
                    async fn greet(&self, name: &str) {}
                }
            ),
            "guarded by its request",
        ),
        (
            quote!(
                impl Greeter for Shop {
                    fn greet<'a>(&'a self, request: Request<Name>) -> Pin<Box<dyn Future<Output = Result<Reply, Status>> + 'a>> {}
                }
            ),
            "`#[tonic::async_trait]` has rewritten this method",
        ),
    ];
    for (item, expected) in cases {
        let found = refusals(quote!(), item.clone());
        assert!(matches!(&found[..], [one] if one.contains(expected)), "{item}: {found:?}");
    }
}

#[test]
fn defaults_that_are_refused_are_refused_once() {
    let module = quote!(
        mod admin {
            #[require_auth]
            pub async fn list(token: AccessToken) {}
            #[require_auth(scopes = ["read:products"])]
            pub async fn one() {}
        }
    );
    let found = refusals(quote!(role = ["admin"], max_age = 0), module.clone());
    assert_eq!(found.len(), 2, "{found:?}");
    let inner = expand(quote!(role = ["admin"]), module).to_string();
    assert_eq!(inner.matches("__refused").count(), 2, "{inner}");
    let one = quote!(
        async fn one(token: AccessToken) {}
    );
    let refused = expand(quote!(__refused), one).to_string();
    assert!(refused.contains("Refused") && !refused.contains("compile_error"), "{refused}");
}
