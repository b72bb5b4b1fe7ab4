//! The function that is emitted: its token has its type, or a guard stands first.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;

use crate::function::{Function, Mention, Written, written_at};
use crate::require_auth::model::{Form, Model};
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
fn type_of_proof(model: &Model<'_>, marker: &Ident) -> Option<Written> {
    match (model.form, model.token, &*model.function.parameters) {
        (Form::Extractors, Some(0), [token, ..]) => token.ty().map(|ty| ty.with_argument(marker)),
        _ => None,
    }
}

/// Emits the function alone, with a token that grants everything: it stands beside a compile error.
pub(super) fn despite_refusal(model: &Model<'_>) -> TokenStream {
    function(model, &Marker::Refused(model.demand.auth_layer.private("Refused", Span::call_site())))
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
    function.take_ours();
    // A method stays as its trait declares it, and `#[tonic::async_trait]` has made it.
    if !model.is_made_by_tonic() && !model.is_of_trait() {
        function.make_async();
    }
    for parameter in &mut function.parameters {
        if parameter.mention() == Mention::Token
            && let Some(typed) = &mut parameter.typed
        {
            typed.ty = typed.ty.with_argument(marker);
        }
    }
    match model.form {
        Form::Extractors => {
            // Before the token too, if it is not first: no extractor runs for a stranger.
            if model.token != Some(0) && function.receiver().is_none() && !model.is_of_trait() {
                let guard = model.demand.auth_layer.private("Guard", Span::call_site());
                function.put_first(quote!(_: #guard<#marker>));
            }
            function.into_token_stream()
        }
        Form::Request(place) => {
            let prologue = admission(model, place, &mut function, marker);
            let (head, body) = (function.head(), &function.body);
            quote! { #head { #prologue #body } }
        }
    }
}

/// Takes the token out of the parameters, and binds it and the request in the body instead.
fn admission(
    model: &Model<'_>,
    place_of_request: usize,
    function: &mut Function,
    marker: &Marker,
) -> TokenStream {
    let request = Ident::new("__auth_request", Span::mixed_site());
    let token = Ident::new("__auth_token", Span::mixed_site());
    let (mut bind_request, mut bind_token) = (TokenStream::new(), TokenStream::new());
    if let Some(parameter) = function.parameters.get_mut(place_of_request) {
        let attributes = std::mem::take(&mut parameter.attributes);
        let pattern = std::mem::replace(&mut parameter.pattern, request.to_token_stream());
        bind_request = quote!(#(#attributes)* let #pattern = #request;);
    }
    if let Some(place) = model.token {
        let mut parameter = function.parameters.remove(place);
        let attributes = std::mem::take(&mut parameter.attributes);
        bind_token = quote!(#(#attributes)* let #parameter = #token;);
    }
    let token = if bind_token.is_empty() { quote!(_) } else { token.into_token_stream() };
    let admitted = admitted(model, marker, &request);
    quote! { let (#request, #token) = #admitted; #bind_request #bind_token }
}

fn admitted(model: &Model<'_>, marker: &Marker, request: &Ident) -> TokenStream {
    let private = |item| model.demand.auth_layer.private(item, Span::call_site());
    let (Some(output), Marker::Written(marker)) = (&model.function.output, marker) else {
        let admit_refused = private("admit_refused");
        return quote!(#admit_refused(#request));
    };
    let admit = private("admit");
    let span = written_at(output.span());
    let from_rejection = model.demand.auth_layer.private("FromRejection", span);
    // A type within which there is one without a name cannot be written here: it is inferred.
    let refused = if output.holds("impl") {
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
