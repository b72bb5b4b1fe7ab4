//! The expansion of `client!`: the trait, whose one method to write sends what the others put together.

use std::collections::HashSet;
use std::path::Path;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Ident, LitStr};

use crate::client::args::Client;
use crate::client::methods::{Method, Methods};
use crate::definition::{Body, Operation, document};

pub(super) fn items(
    client: &Client,
    description: Option<&str>,
    methods: &Methods,
    read_from: &Path,
) -> TokenStream {
    let Client { visibility, name, definition, .. } = client;
    let mut attributes = client.attributes.clone();
    let described =
        description.map_or_else(|| format!("The API of {:?}.", definition.value()), str::to_owned);
    document(&mut attributes, Some(&described), definition.span());
    let outbound = outbound(client);
    let mut asked = HashSet::new();
    let methods: Vec<TokenStream> =
        methods.0.iter().map(|method| method_item(client, method, &mut asked)).collect();
    let read_from = read_from.display().to_string();
    let client_trait = quote! {
        #(#attributes)*
        #[allow(dead_code)]
        #visibility trait #name: ::core::marker::Sync {
            /// What the HTTP client sends as a body.
            type Body: ::core::marker::Send;
            /// What comes back of every operation.
            type Reply;
            /// Why nothing came back; of a call without a path, what is wrong with it.
            type Error: ::core::convert::From<#outbound::PathError>;

            /// Sends a call: the API's address before its path, its token as the `Authorization` header.
            fn send(
                &self,
                call: #outbound::Call<Self::Body>,
            ) -> impl ::core::future::Future<Output = ::core::result::Result<Self::Reply, Self::Error>> + ::core::marker::Send;

            #(#methods)*
        }
    };
    // Names the file to the compiler, which compiles again where it has changed.
    quote! { #client_trait const _: &[u8] = ::core::include_bytes!(#read_from); }
}

fn method_item<'a>(
    client: &Client,
    Method { name, arguments, operation }: &'a Method,
    asked: &mut HashSet<&'a str>,
) -> TokenStream {
    let span = client.definition.span();
    let mut attributes = Vec::new();
    document(&mut attributes, operation.description.as_deref(), span);
    let line = line(operation, !attributes.is_empty());
    let deprecated = operation.is_deprecated.then(|| quote!(#[deprecated]));
    let Operation { id, path, .. } = operation;
    let (outbound, http_method) = (outbound(client), http_method(client, operation));
    let token = operation.scopes.as_ref().map(|scopes| token_type(client, scopes, asked));
    let token = token.map(|token| quote!(token: &#token,));
    let query = operation.takes_query.then(|| quote!(query: &[(&str, &str)],));
    let body = match operation.body {
        Body::None => None,
        Body::Optional => Some(quote!(body: ::core::option::Option<Self::Body>,)),
        Body::Required => Some(quote!(body: Self::Body,)),
    };
    let with_token = token.is_some().then(|| quote!(.with_token(token)));
    let with_query = query.is_some().then(|| quote!(.with_query(query)));
    let with_body = body.is_some().then(|| quote!(.with_body(body)));
    let completed = (token.is_some() || query.is_some() || body.is_some())
        .then(|| quote!(.map(|call| call #with_token #with_query #with_body)));
    quote! {
        #(#attributes)*
        #(#[doc = #line])*
        #deprecated
        fn #name(
            &self,
            #token
            #(#arguments: impl ::core::fmt::Display,)*
            #query
            #body
        ) -> #outbound::Sending<'_, Self::Reply, Self::Error> {
            let call = #outbound::Call::to(#id, #http_method, #path, &[#(&#arguments),*])#completed;
            ::std::boxed::Box::pin(async move { self.send(call?).await })
        }
    }
}

/// `AccessToken<impl Grants<ReadProducts>>`, where each scope is found by its text in the registry.
fn token_type<'a>(client: &Client, scopes: &'a [String], asked: &mut HashSet<&'a str>) -> TokenStream {
    let span = client.definition.span();
    let (root, grants) = (client.auth_layer.root(), client.auth_layer.token("Grants", span));
    let registry = client
        .registry
        .as_ref()
        .map_or_else(|| quote_spanned!(span=> crate::scopes), |path| path.to_token_stream());
    let bounds = scopes.iter().map(|scope| {
        let text = LitStr::new(scope, span);
        let again = (!asked.insert(scope)).then(|| quote!(again));
        quote_spanned!(span=> #grants<#registry::scope!(#text [#registry] [#root] #again)>)
    });
    let mut bounds: Vec<TokenStream> = bounds.collect();
    if bounds.is_empty() {
        let authenticated = client.auth_layer.token("Authenticated", span);
        bounds.push(quote_spanned!(span=> #grants<#authenticated>));
    }
    quote_spanned!(span=> #root::AccessToken<impl #(#bounds)+*>)
}

/// Where the operation is, and what it needs, as the last lines of its documentation.
fn line(operation: &Operation, is_described: bool) -> Vec<String> {
    let place = format!(" `{} {}`", operation.method.to_uppercase(), operation.path);
    let needs = match operation.scopes.as_deref() {
        None => String::new(),
        Some([]) => ", with a token of any scope".to_owned(),
        Some(scopes) => {
            let scopes: Vec<String> =
                scopes.iter().map(|scope| format!("`{}`", scope.replace('`', "'"))).collect();
            format!(", with a token of {}", scopes.join(" and "))
        }
    };
    let line = format!("{place}{needs}.");
    if is_described { vec![String::new(), line] } else { vec![line] }
}

fn http_method(client: &Client, operation: &Operation) -> TokenStream {
    let method = client.auth_layer.private("Method", Span::call_site());
    let name = Ident::new(&operation.method.to_uppercase(), Span::call_site());
    quote!(#method::#name)
}

fn outbound(client: &Client) -> TokenStream {
    let root = client.auth_layer.root();
    quote!(#root::outbound)
}
