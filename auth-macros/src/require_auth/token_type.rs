//! The attribute above a struct: the type stands for a token that the program asks for itself.
//!
//! The struct stays as it is. Beside it stands what it requires and grants, as beside a handler's marker.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;

use crate::fallback::Refusals;
use crate::function::{Attribute, PUBLIC, REQUIRE_AUTH};
use crate::require_auth::args::Args;
use crate::require_auth::check_args::check_args;
use crate::require_auth::demand::Demand;
use crate::require_auth::requirement::judged;

/// A struct, cut into what is read of it.
struct TokenType {
    attributes: Vec<Attribute>,
    name: Ident,
    /// What it would be generic over.
    parameters: Option<TokenTree>,
}

pub(super) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let (args, mut refusals) = Args::parse(args);
    let Some(token_type) = TokenType::cut(item.clone()) else { return item };
    check_args(&args, &mut refusals);
    check(&args, &token_type, &mut refusals);
    if let Some(errors) = refusals.into_compile_errors() {
        return quote!(#errors #item);
    }
    let cfg = token_type.attributes.iter().filter(|attribute| attribute.is("cfg")).collect();
    let name = token_type.name.unraw().to_string();
    let demand = Demand::of(&args, name, cfg);
    let judged = judged(&demand, &token_type.name, None);
    let is_token_type = is_token_type(&demand, &token_type.name);
    // A type that is a parameter and nothing else is constructed by nobody, and that is no mistake.
    quote!(#[allow(dead_code)] #item #judged #is_token_type)
}

fn is_token_type(demand: &Demand<'_>, name: &Ident) -> TokenStream {
    let (cfg, token_type) = (&demand.cfg, demand.auth_layer.token("TokenType", Span::call_site()));
    quote! {
        #(#cfg)*
        #[automatically_derived]
        impl #token_type for #name {}
    }
}

impl TokenType {
    /// `None` where it is none: rustc says that.
    fn cut(item: TokenStream) -> Option<Self> {
        let mut tokens = item.into_iter().peekable();
        let attributes = Attribute::leading(&mut tokens);
        let mut rest = tokens.skip_while(|tree| !matches!(tree, TokenTree::Ident(word) if word == "struct"));
        rest.next()?;
        let TokenTree::Ident(name) = rest.next()? else { return None };
        let parameters =
            rest.next().filter(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '<'));
        Some(Self { attributes, name, parameters })
    }
}

/// A token is asked for by its scopes and its audience: what only a request can meet is no part of that.
fn check(args: &Args, token_type: &TokenType, refusals: &mut Refusals) {
    if let Some(parameters) = &token_type.parameters {
        refusals.at(
            parameters,
            format!(
                "a type that stands for one token has no parameters: write `struct {};`",
                token_type.name
            ),
        );
    }
    if let Some(any_scopes) = &args.any_scopes {
        refusals.at(
            &any_scopes.key,
            "a token is asked for with all of its scopes: write `scopes`, or a type for each",
        );
    }
    let texts = [&args.permissions, &args.any_permissions, &args.roles, &args.any_roles, &args.acr];
    let keys = texts.into_iter().flatten().map(|texts| (texts.key.span(), texts.key.to_string()));
    let keys = keys.chain(args.max_age.as_ref().map(|max_age| (max_age.span, "max_age".to_owned())));
    let keys = keys.chain(args.user.iter().map(|user| (user.span(), user.to_string())));
    for (span, key) in keys {
        let message = format!(
            "`{key}` is what a request has to meet, and this is a token that the program asks for: remove it"
        );
        refusals.add(syn::Error::new(span, message));
    }
    if let Some(organization) = &args.organization {
        refusals.at(
            &organization.key,
            "a token's organization is said where it is asked for: remove it, and write `machine.for_organization(..)`",
        );
    }
    for (name, message) in [
        (REQUIRE_AUTH, "`#[require_auth]` is here twice: write one, with all that the token is to grant"),
        (PUBLIC, "`#[public]` is for handlers: remove it"),
    ] {
        if let Some(again) = token_type.attributes.iter().find(|attribute| attribute.names(name)) {
            refusals.at(again, message);
        }
    }
}
