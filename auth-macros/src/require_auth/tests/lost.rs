//! Places where a handler could lose what its module or its `impl` requires, without a word.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::{expansion, refusals};

/// What a `macro_rules!` puts around a `$vis`, a `$meta` or an `$item`.
fn captured(tokens: TokenStream) -> TokenTree {
    Group::new(Delimiter::None, tokens).into()
}

/// How often the role that all of `admin` require is asked for.
fn roles(item: TokenStream) -> usize {
    let (args, whole) = (quote!(roles = ["admin"]), item.to_string());
    let expanded = crate::require_auth::expand(args, item).to_string();
    assert!(!expanded.contains("compile_error"), "{whole}: {expanded}");
    expanded.matches("roles").count() - whole.matches("roles").count()
}

#[test]
fn the_first_handler_after_an_inner_attribute_gets_the_defaults() {
    for inner in [quote!(#![doc = "For administrators."]), quote!(#![allow(dead_code)] #![doc = "Both."])] {
        let item = quote!(mod admin { #inner #[require_auth] pub async fn list() {} });
        assert_eq!(roles(item.clone()), 1, "{item}");
        let method = quote!(
            impl Shop for Shelf {
                #inner
                async fn list(&self, request: Request<()>) -> Result<Response<()>, Status> {}
            }
        );
        assert!(expansion(quote!(roles = ["admin"]), method).contains("with_roles"), "{inner}");
    }
}

#[test]
fn arguments_in_braces_or_brackets_are_not_lost() {
    for own in [quote!({ scopes = ["write:products"] }), quote!([scopes = ["write:products"]])] {
        let module = quote!(mod admin { #[require_auth #own] pub async fn add() {} });
        let expanded = crate::require_auth::expand(quote!(roles = ["admin"]), module).to_string();
        assert!(expanded.contains("write:products") && expanded.contains("roles"), "{expanded}");
        let block = quote!(impl Shop { #[require_auth #own] pub async fn add() {} });
        let expanded = expansion(quote!(roles = ["admin"]), block);
        assert!(expanded.contains("write:products") && expanded.contains("with_roles"), "{expanded}");
    }
}

#[test]
fn what_a_macro_captured_is_read_as_it_was_written() {
    let (visible, attribute) = (captured(quote!(pub)), captured(quote!(require_auth)));
    let item = captured(quote!(
        #[require_auth]
        pub async fn list() {}
    ));
    for handler in [
        quote!(#[require_auth] #visible async fn list() {}),
        quote!(#[#attribute] pub async fn list() {}),
        quote!(#item),
    ] {
        assert_eq!(roles(quote!(#visible mod admin { #handler })), 1, "{handler}");
    }
    let forgotten = refusals(quote!(), quote!(mod admin { #visible async fn list() {} }));
    assert!(matches!(&forgotten[..], [one] if one.starts_with("`list` says nothing")), "{forgotten:?}");
    let method = captured(quote!(
        async fn list(&self, request: Request<()>) -> Result<Response<()>, Status> {}
    ));
    let expanded = expansion(quote!(roles = ["admin"]), quote!(impl Shop for Shelf { #method }));
    assert!(expanded.contains("with_roles"), "{expanded}");
}

#[test]
fn a_handler_that_the_defaults_do_not_reach_is_refused() {
    let cases = [
        (
            "in a function",
            quote!(
                pub fn routes() -> Router {
                    #[require_auth]
                    async fn list() {}
                    get(list)
                }
            ),
        ),
        (
            "in a private function",
            quote!(
                fn routes() {
                    if deep {
                        #[auth_layer::require_auth]
                        async fn list() {}
                    }
                }
            ),
        ),
        ("in a macro", quote!(handlers! { #[require_auth] async fn list() {} })),
        (
            "behind a condition",
            quote!(
                #[cfg_attr(feature = "login", require_auth)]
                async fn list() {}
            ),
        ),
        (
            "in a constant",
            quote!(
                const LIST: () = {
                    #[require_auth]
                    async fn list() {}
                };
            ),
        ),
    ];
    for (name, item) in cases {
        for place in [quote!(mod admin { #item }), quote!(mod admin { mod deep { #item } })] {
            let found = refusals(quote!(roles = ["admin"]), place);
            assert!(matches!(&found[..], [one] if one.contains("do not reach")), "{name}: {found:?}");
        }
    }
    let method = quote!(impl Shop { fn routes(&self) { #[require_auth] async fn list() {} } });
    let found = refusals(quote!(roles = ["admin"]), method);
    assert!(matches!(&found[..], [one] if one.contains("do not reach")), "{found:?}");
}

#[test]
fn an_impl_that_says_nothing_within_a_guarded_module_was_forgotten() {
    let cases = [
        ("associated", "list", quote!(impl Shop { pub async fn list() {} })),
        (
            "tonic's",
            "add",
            quote!(
                #[tonic::async_trait]
                impl Shop for Shelf {
                    async fn add(&self, request: Request<Add>) -> Result<Response<Reply>, Status> {}
                }
            ),
        ),
    ];
    for (name, method, item) in cases {
        let found = refusals(quote!(roles = ["admin"]), quote!(mod admin { #item }));
        let expected = format!("`{method}` says nothing of who may call it");
        assert!(matches!(&found[..], [one] if one.starts_with(&expected)), "{name}: {found:?}");
    }
    let fine = quote!(
        impl FromRequest<Shop> for Order {
            async fn from_request(request: Request, shop: &Shop) -> Result<Self, Refusal> {}
        }
        impl Shop {
            pub async fn refill(&self) {}
            pub async fn open(path: &str) -> Result<Self, Refusal> {}
            pub async fn close(self) -> Shop {}
            async fn helper() {}
        }
    );
    let found = refusals(quote!(roles = ["admin"]), quote!(mod admin { #fine }));
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_method_that_is_not_async_and_takes_a_request_is_no_way_around() {
    for output in [quote!(BoxFuture<Result<Response<()>, Status>>), quote!(Self::Future)] {
        let block = quote!(impl Shop for Shelf { fn list(&self, request: Request<()>) -> #output {} });
        let found = refusals(quote!(), block);
        assert!(matches!(&found[..], [one] if one.contains("write `async fn list`")), "{found:?}");
    }
}

#[test]
fn a_function_of_a_trait_without_self_is_refused_and_not_changed() {
    let block = quote!(
        impl FromRequest<Shop> for Order {
            async fn from_request(parts: &mut Parts, shop: &Shop) -> Result<Self, Refusal> {}
        }
    );
    let found = refusals(quote!(), block);
    assert!(matches!(&found[..], [one] if one.contains("guarded by its request")), "{found:?}");
}

#[test]
fn raw_names_and_captured_types_name_their_handlers() {
    let captured = captured(quote!(Shop));
    for (block, expected) in [
        (quote!(impl r#Shop { #[require_auth] async fn r#type() {} }), "ShopTypeHandler"),
        (
            quote!(impl r#Shop for X { async fn list(&self, r: Request<()>) -> Response<()> {} }),
            "XShopListHandler",
        ),
        (quote!(impl #captured { #[require_auth] async fn list() {} }), "ShopListHandler"),
    ] {
        let expanded = expansion(quote!(), block);
        assert!(expanded.contains(&format!("struct {expected};")), "{expanded}");
    }
}

#[test]
fn half_an_item_is_handed_back_and_never_a_panic() {
    let halves = [
        "",
        ";",
        "{}",
        "#",
        "#!",
        "pub",
        "fn",
        "mod",
        "mod {}",
        "mod admin { # }",
        "mod admin { #![a] # ! }",
        "mod admin { pub async }",
        "mod admin { pub async fn }",
        "mod admin { #[require_auth = \"x\"] async fn list() {} }",
        "mod admin { #[require_auth(scopes = )] pub async fn list() {} }",
        "mod admin { #[require_auth] }",
        "mod admin { #[require_auth] mod deep; impl X {} #[require_auth] struct Y; }",
        "impl",
        "impl {}",
        "impl X",
        "impl X;",
        "impl X for {}",
        "impl !Send for X {}",
        "unsafe impl Send for X { }",
        "default impl X for Y { async fn list(&self, request: Request) {} }",
        "impl X { pub async fn }",
        "impl X { #[require_auth] }",
        "impl X { #[require_auth] const A: u8 = 1; }",
        "impl X for Y { async fn (self) {} }",
        "impl X for Y { async fn list(&self, request: Request) ; }",
        "impl<const N: usize> X<{ N }, { N + 1 }> where [u8; { N }]: Sized { #[require_auth] async fn f() {} }",
        "pub(in a::b) async unsafe extern \"C\" fn f(_: AccessToken) {}",
        "async fn f(",
        "async fn r#fn(r#mod: r#impl) {}",
        "trait X { async fn f(); }",
    ];
    for half in halves {
        let Ok(item) = half.parse::<TokenStream>() else { continue };
        for args in [quote!(), quote!(roles = ["admin"]), quote!(= = ,), quote!(__refused)] {
            let expanded = crate::require_auth::expand(args.clone(), item.clone()).to_string();
            assert!(expanded.len() >= item.to_string().len(), "{args} {half}: {expanded}");
        }
    }
}

#[test]
fn a_handler_is_seen_whatever_of_it_a_macro_captured() {
    let (path, raw, body) = (captured(quote!(require_auth)), quote!(r#require_auth), captured(quote!({})));
    let (nested, abi) = (captured(quote!(#path)), captured(quote!("Rust")));
    for attribute in [quote!(#nested), quote!(auth_layer::#raw), raw] {
        assert_eq!(roles(quote!(mod admin { #[#attribute] async fn list() {} })), 1, "{attribute}");
    }
    assert_eq!(
        roles(quote!(mod admin { #[require_auth] async fn a() #body #[require_auth] async fn b() {} })),
        2
    );
    let method = quote!(extern #abi fn list(&self, request: Request<()>) -> impl Future<Output = Answer> {});
    let found = refusals(quote!(), quote!(impl Shop for Shelf { #method }));
    assert!(found.iter().any(|error| error.contains("a handler is async")), "{found:?}");
}
