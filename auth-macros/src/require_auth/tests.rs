//! Expansions as files that one can read, and refusals by their text.

use proc_macro2::TokenStream;
use quote::quote;

use crate::require_auth::expand;

mod lost;
mod places;
mod values;

fn expansion(args: TokenStream, item: TokenStream) -> String {
    let tokens = expand(args, item);
    let file = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"));
    prettyplease::unparse(&file)
}

/// The messages of an expansion's `compile_error!`s, in order.
fn refusals(args: TokenStream, item: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(expand(args, item)).unwrap();
    let macros = file.items.into_iter().filter_map(|item| match item {
        syn::Item::Macro(item) => Some(item.mac),
        _ => None,
    });
    macros.map(|mac| mac.parse_body::<syn::LitStr>().unwrap().value()).collect()
}

#[test]
fn a_handler_with_its_token_first_gets_its_type() {
    insta::assert_snapshot!(expansion(
        quote!(scopes = ["read:products", shop::WriteProducts]),
        quote! {
            /// Lists the products.
            pub async fn products(token: AccessToken, State(shop): State<Shop>) -> Json<Vec<Product>> {
                Json(shop.list(&token).await)
            }
        },
    ));
}

#[test]
fn a_struct_stays_as_it_is_and_stands_for_a_token() {
    insta::assert_snapshot!(expansion(
        quote!(scopes = ["read:products", shop::WriteProducts]),
        quote! {
            /// What the worker does.
            #[derive(Debug)]
            #[cfg(feature = "worker")]
            pub(crate) struct KeepsStock;
        },
    ));
}

#[test]
fn what_only_a_request_can_meet_is_refused_of_a_token() {
    let item = quote!(
        struct Reads<T>(T);
    );
    let found =
        refusals(quote!(any_scopes = ["a"], roles = ["b"], acr = "c", max_age = 5, user, organization), item);
    let what_is_wrong = [
        "has no parameters: write `struct Reads;`",
        "a token is asked for with all of its scopes",
        "`roles` is what a request has to meet",
        "`acr` is what a request has to meet",
        "`max_age` is what a request has to meet",
        "`user` is what a request has to meet",
        "`machine.for_organization(..)`",
    ];
    assert_eq!(found.len(), what_is_wrong.len(), "{found:?}");
    for (found, expected) in found.iter().zip(what_is_wrong) {
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn the_defaults_of_a_module_are_for_its_handlers_and_not_for_its_tokens() {
    let module = quote! {
        mod admin {
            #[require_auth(scopes = ["read:products"])]
            pub(crate) struct Reads;
        }
    };
    let expanded = expand(quote!(roles = ["admin"]), module).to_string();
    assert!(!expanded.contains("roles"), "{expanded}");
}

#[test]
fn a_handler_without_a_token_gets_a_guard() {
    insta::assert_snapshot!(expansion(
        quote!(),
        quote!(
            async fn home(State(shop): State<Shop>) {}
        )
    ));
}

#[test]
fn a_token_that_is_not_first_gets_a_guard_before_all() {
    insta::assert_snapshot!(expansion(
        quote!(
            any_scopes = ["read:products", "admin"],
            audience = "https://api.shop.example",
            registry = shared::scopes,
            crate = framework::auth
        ),
        quote! {
            #[cfg(feature = "shop")]
            async fn products<S: Shop>(State(shop): State<S>, token: auth::AccessToken) where S: Send {}
        },
    ));
}

#[test]
fn a_function_over_a_request_loses_the_parameter_of_its_token() {
    insta::assert_snapshot!(expansion(
        quote!(scopes = ["read:products"]),
        quote! {
            async fn products<B: Send>(mut request: http::Request<B>, shop: &Shop, token: AccessToken) -> Response<String> {
                shop.list(&token).await
            }
        },
    ));
}

#[test]
fn a_request_of_tonic_is_first_and_other_requests_may_be_anywhere() {
    let wrong = "a function over `tonic::Request` takes it first";
    let cases = [
        (quote!(token: AccessToken, request: tonic::Request<List>), quote!(Reply), Some(wrong)),
        (
            quote!(token: AccessToken, request: Request<List>),
            quote!(Result<Response<Reply>, Status>),
            Some(wrong),
        ),
        (
            quote!(shop: &Shop, request: Request<List>),
            quote!(Result<Response<Reply>, tonic::Status>),
            Some(wrong),
        ),
        (
            quote!(&self, request: Request<List>),
            quote!(Pin<Box<dyn Future<Output = Result<Reply, Status>>>>),
            Some("above its `impl` too"),
        ),
        (quote!(&self, request: Request<List>), quote!(Reply), Some("above its `impl` too")),
        (quote!(&self, shop: State<Shop>), quote!(Reply), Some("take what `self` holds as `State(..)`")),
        (
            quote!(request: tonic::Request<List>, token: AccessToken),
            quote!(Result<Response<Reply>, Status>),
            None,
        ),
        (quote!(token: AccessToken, request: Request<List>), quote!(Result<Reply, StatusCode>), None),
        (quote!(token: AccessToken, request: Request<Body>), quote!(Result<Reply, Status>), None),
        (quote!(token: AccessToken, request: Request), quote!(Result<Reply, Status>), None),
    ];
    for (inputs, output, expected) in cases {
        let found = refusals(quote!(), quote!(async fn list(#inputs) -> #output {}));
        assert_eq!(found.len(), usize::from(expected.is_some()), "{inputs}: {found:?}");
        let found = found.first().map_or("", String::as_str);
        assert!(found.contains(expected.unwrap_or_default()), "{inputs}: {found}");
    }
}

#[test]
fn a_refused_handler_stays_with_a_token_that_grants_everything() {
    insta::assert_snapshot!(expansion(
        quote!(scope = ["read:products"]),
        quote!(
            fn products(token: AccessToken) {
                list(&token).await
            }
        ),
    ));
}

#[test]
fn all_refusals_are_told_at_once() {
    let found = refusals(
        quote!(scopes = [], audience = "", colour = "red", any_scopes = ["a", 7, "b c"] registry = "x"),
        quote!(
            fn products(&self, one: AccessToken, other: AccessToken) {}
        ),
    );
    let expected = [
        "unknown key `colour`",
        "a scope is a string",
        "expected `,`",
        "`scopes` is empty",
        "a list of scopes in one string: write \"b\", \"c\"",
        "an audience cannot be empty",
        "a handler is async",
        "axum calls a handler without `self`",
        "a handler has one token",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{found} / {expected}");
    }
}

#[test]
fn arguments_that_break_off_are_refused_and_never_panic() {
    let item = quote!(
        async fn products(token: AccessToken) {}
    );
    for args in [
        "scopes",
        "scopes =",
        "scopes = [",
        "= 7",
        ",",
        "scopes = [,]",
        "crate",
        "crate = 7",
        "audience = x y",
        "r#scopes = []",
        "scopes = [a::]",
    ] {
        let Ok(args) = args.parse::<TokenStream>() else { continue };
        assert!(!refusals(args.clone(), item.clone()).is_empty(), "{args}");
    }
}

#[test]
fn an_item_that_is_no_function_stays_as_it_is() {
    for item in [
        quote!(
            enum Wrong {}
        ),
        quote!(
            pub const WRONG: fn() = f;
        ),
        quote!(
            async fn wrong();
        ),
        quote!(fn),
    ] {
        let tokens = expand(quote!(), item.clone()).to_string();
        assert!(tokens.contains("compile_error") && tokens.ends_with(&item.to_string()), "{tokens}");
    }
}

#[test]
fn the_type_of_a_handler_reads_as_its_name() {
    for (name, expected) in [
        ("products", "ProductsHandler"),
        ("list_all_products", "ListAllProductsHandler"),
        ("r#type", "TypeHandler"),
        ("_v2_x", "V2XHandler"),
    ] {
        let name: TokenStream = name.parse().unwrap();
        let tokens = expansion(quote!(), quote!(async fn #name() {}));
        assert!(tokens.contains(&format!("struct {expected};")), "{tokens}");
    }
}
