//! The function that is emitted: its token has its type, or a guard stands first.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{FnArg, Ident, PatType, PathArguments, ReturnType, Token, Type, parse_quote_spanned};

use crate::function::{PUBLIC, REQUIRE_AUTH, is_attribute, written_at};
use crate::require_auth::model::{Form, Mention, Model, holds, mention};
use crate::require_auth::requirement::requirement;

/// What stands beside the function, and the function.
pub(super) struct Items {
    pub(super) requirement: TokenStream,
    pub(super) function: TokenStream,
}

pub(super) fn items(model: &Model<'_>) -> Items {
    let marker = model.marker();
    let requirement = requirement(model, &marker, type_of_proof(model, &marker).as_ref());
    Items { requirement, function: function(model, &Marker::Written(marker)) }
}

/// The type of the token where no guard stands before it, so that it is the proof.
fn type_of_proof(model: &Model<'_>, marker: &Ident) -> Option<Type> {
    let (Form::Extractors, Some(0)) = (model.form, model.token) else { return None };
    let FnArg::Typed(PatType { ty, .. }) = model.function.signature.inputs.first()? else { return None };
    let mut ty = (**ty).clone();
    give_type(&mut ty, &Marker::Written(marker.clone()));
    Some(ty)
}

/// Emits the function alone, with a token that grants everything: it stands beside a compile error.
pub(super) fn despite_refusal(model: &Model<'_>) -> TokenStream {
    function(model, &Marker::Refused(model.auth_layer.private("Refused", Span::call_site())))
}

/// The type of the token: what the handler requires.
enum Marker {
    Written(Ident),
    Refused(TokenStream),
}

impl ToTokens for Marker {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Written(marker) => marker.to_tokens(tokens),
            Self::Refused(path) => path.to_tokens(tokens),
        }
    }
}

fn function(model: &Model<'_>, marker: &Marker) -> TokenStream {
    let mut function = model.function.clone();
    // Of a refused item only: a second expansion would repeat the errors.
    let is_ours = |attribute: &_| is_attribute(attribute, REQUIRE_AUTH) || is_attribute(attribute, PUBLIC);
    function.attributes.retain(|attribute| !is_ours(attribute));
    // A method stays as its trait declares it, and `#[tonic::async_trait]` has made it.
    if !model.is_made_by_tonic() && !model.is_of_trait() {
        function.signature.asyncness.get_or_insert_with(<Token![async]>::default);
    }
    for input in &mut function.signature.inputs {
        if mention(input) == Mention::Token
            && let FnArg::Typed(parameter) = input
        {
            give_type(&mut parameter.ty, marker);
        }
    }
    match model.form {
        Form::Extractors => {
            // Before the token too, if it is not first: no extractor runs for a stranger.
            if model.token != Some(0) && function.signature.receiver().is_none() && !model.is_of_trait() {
                let guard = model.auth_layer.private("Guard", Span::call_site());
                function
                    .signature
                    .inputs
                    .insert(0, parse_quote_spanned!(Span::call_site()=> _: #guard<#marker>));
            }
            function.into_token_stream()
        }
        Form::Request(place) => {
            let prologue = admission(model, place, &mut function.signature.inputs, marker);
            let (attributes, visibility, signature, body) =
                (&function.attributes, &function.visibility, &function.signature, &function.body);
            quote! { #(#attributes)* #visibility #signature { #prologue #body } }
        }
    }
}

/// Takes the token out of the parameters, and binds it and the request in the body instead.
fn admission(
    model: &Model<'_>,
    place_of_request: usize,
    inputs: &mut Punctuated<FnArg, Token![,]>,
    marker: &Marker,
) -> TokenStream {
    let request = Ident::new("__auth_request", Span::mixed_site());
    let token = Ident::new("__auth_token", Span::mixed_site());
    let mut rest = Punctuated::new();
    let (mut bind_request, mut bind_token) = (TokenStream::new(), TokenStream::new());
    for (place, input) in std::mem::take(inputs).into_iter().enumerate() {
        let FnArg::Typed(PatType { attrs, pat, ty, .. }) = &input else {
            rest.push(input);
            continue;
        };
        if place == place_of_request {
            bind_request = quote!(#(#attrs)* let #pat = #request;);
            rest.push(parse_quote_spanned!(ty.span()=> #request: #ty));
        } else if model.token == Some(place) {
            bind_token = quote!(#(#attrs)* let #pat: #ty = #token;);
        } else {
            rest.push(input);
        }
    }
    *inputs = rest;
    let token = if bind_token.is_empty() { quote!(_) } else { token.into_token_stream() };
    let admitted = admitted(model, marker, &request);
    quote! { let (#request, #token) = #admitted; #bind_request #bind_token }
}

fn admitted(model: &Model<'_>, marker: &Marker, request: &Ident) -> TokenStream {
    let private = |item| model.auth_layer.private(item, Span::call_site());
    let (ReturnType::Type(_, output), Marker::Written(marker)) = (&model.function.signature.output, marker)
    else {
        let admit_refused = private("admit_refused");
        return quote!(#admit_refused(#request));
    };
    let admit = private("admit");
    let span = written_at(output.span());
    let from_rejection = model.auth_layer.private("FromRejection", span);
    // A type within which there is one without a name cannot be written here: it is inferred.
    let refused = if holds(output, "impl") {
        quote_spanned!(span=> #from_rejection::from_rejection(rejection))
    } else {
        quote!(<#output as #from_rejection>::from_rejection(rejection))
    };
    quote! {
        match #admit::<#marker, _>(#request).await {
            ::core::result::Result::Ok(admitted) => admitted,
            ::core::result::Result::Err(rejection) => {
                return #refused;
            }
        }
    }
}

/// Turns `AccessToken` into `AccessToken<ProductsHandler>`.
fn give_type(ty: &mut Type, marker: &Marker) {
    let span = written_at(ty.span());
    match ty {
        Type::Group(group) => give_type(&mut group.elem, marker),
        Type::Path(path) => {
            if let Some(segment) = path.path.segments.last_mut() {
                segment.arguments = PathArguments::AngleBracketed(parse_quote_spanned!(span=> <#marker>));
            }
        }
        _ => {}
    }
}
