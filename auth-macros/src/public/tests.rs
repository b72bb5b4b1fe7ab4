//! The expansion as a file that one can read, and refusals by their text.

use proc_macro2::TokenStream;
use quote::quote;

use crate::public::expand;

fn expansion(args: TokenStream, item: TokenStream) -> String {
    let tokens = expand(args, item);
    let file = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"));
    prettyplease::unparse(&file)
}

#[test]
fn a_handler_gets_its_marker_first() {
    insta::assert_snapshot!(expansion(
        quote!(crate = framework::auth),
        quote! {
            /// The first page.
            #[cfg(feature = "pages")]
            pub async fn home<S: Shop>(user: Option<User>, State(shop): State<S>) -> Html<String> { shop.home(user) }
        },
    ));
}

#[test]
fn what_is_refused_keeps_its_marker_and_is_told_once() {
    let cases: [(TokenStream, TokenStream, &str); 9] = [
        (
            quote!("everyone"),
            quote!(
                async fn home() {}
            ),
            "without arguments",
        ),
        (
            quote!(scopes = ["read:products"]),
            quote!(
                async fn home() {}
            ),
            "without arguments",
        ),
        (
            quote!(crate = ),
            quote!(
                async fn home() {}
            ),
            "without arguments",
        ),
        (
            quote!(),
            quote!(
                fn home() {}
            ),
            "write `async fn home`",
        ),
        (
            quote!(),
            quote!(
                async fn home(&self) {}
            ),
            "a free function",
        ),
        (
            quote!(),
            quote!(
                async fn home(token: AccessToken) {}
            ),
            "write `Option<AccessToken>`",
        ),
        (
            quote!(),
            quote!(
                async fn home(token: auth::AccessToken<HomeHandler>) {}
            ),
            "write `Option<AccessToken>`",
        ),
        (
            quote!(),
            quote!(
                #[public]
                async fn home() {}
            ),
            "twice",
        ),
        (
            quote!(),
            quote!(
                #[auth_layer::require_auth]
                async fn home(token: AccessToken) {}
            ),
            "remove one of the two",
        ),
    ];
    for (args, item, says) in cases {
        let tokens = expand(args, item.clone()).to_string();
        assert_eq!(tokens.matches("compile_error").count(), 1, "{tokens}");
        assert!(tokens.contains(says), "{item}: {tokens}");
        assert!(!tokens.contains("HomeHandler ;") && !tokens.contains("# ["), "{tokens}");
        assert!(tokens.contains("Public <") || item.to_string().contains("self"), "{tokens}");
    }
}

#[test]
fn a_token_that_may_be_missing_and_a_whole_request_are_taken() {
    for item in [
        quote!(
            async fn home(token: Option<AccessToken>) {}
        ),
        quote!(
            async fn home(session: Option<Session>, user: Option<User>) {}
        ),
        quote!(
            async fn home(request: Request) {}
        ),
        quote!(
            pub(crate) async fn home() -> impl IntoResponse {}
        ),
    ] {
        let tokens = expand(quote!(), item).to_string();
        assert!(!tokens.contains("compile_error"), "{tokens}");
    }
}

#[test]
fn an_item_that_is_no_function_stays_as_it_is() {
    for item in [
        quote!(
            struct Wrong;
        ),
        quote!(
            mod wrong {}
        ),
        quote!(
            async fn wrong();
        ),
    ] {
        let tokens = expand(quote!(), item.clone()).to_string();
        assert!(tokens.contains("`#[public]` goes on") && tokens.ends_with(&item.to_string()), "{tokens}");
    }
}
