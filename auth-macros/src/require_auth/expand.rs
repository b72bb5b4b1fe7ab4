//! The expansion of `#[require_auth]`: a marker type, what it requires and grants, and the function.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{FnArg, Ident, LitStr, PatType, PathArguments, ReturnType, Token, Type, parse_quote_spanned};

use crate::function::{PUBLIC, REQUIRE_AUTH, is_attribute, written_at};
use crate::require_auth::model::{Form, Mention, Model, Required, cooked, holds, mention};

pub(super) fn items(model: &Model<'_>) -> TokenStream {
    let marker = model.function.marker();
    let requirement = requirement(model, &marker);
    let function = function(model, &Marker::Written(marker));
    quote! { #requirement #function }
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

fn requirement(model: &Model<'_>, marker: &Ident) -> TokenStream {
    let function = model.function;
    let (visibility, cfg) = (&function.visibility, function.cfg().collect::<Vec<_>>());
    let name = function.signature.ident.unraw().to_string();
    let doc = format!("What `{name}` requires.");
    let aliases = model.required().map(|Required { entry, alias }| {
        let scope = model.scope_type(entry);
        quote_spanned!(entry.span()=> type #alias = #scope;)
    });
    let one_audience = one_audience(model);
    let rule = rule(model, marker, &name);
    let grants = grants(model, marker);
    let marker_type = quote! {
        #[doc = #doc]
        #[doc(hidden)]
        #(#cfg)*
        #[allow(dead_code, unreachable_pub)]
        #[derive(Debug)]
        #visibility struct #marker;
    };
    quote! {
        #marker_type
        #(#cfg)*
        const _: () = {
            #(#aliases)*
            #one_audience
            #rule
            #grants
        };
    }
}

fn rule(model: &Model<'_>, marker: &Ident, name: &str) -> TokenStream {
    let span = Span::call_site();
    let (requirement, rule) =
        (model.auth_layer.token("Requirement", span), model.auth_layer.token("Rule", span));
    let audience = audience(model).map(|audience| quote!(.with_audience(#audience)));
    let scopes = names(model, &model.scopes).map(|names| quote!(.with_scopes(#names)));
    let any_scopes = names(model, &model.any_scopes).map(|names| quote!(.with_any_scopes(#names)));
    quote! {
        #[automatically_derived]
        impl #requirement for #marker {
            const RULE: #rule =
                #rule::authenticated(::core::concat!(::core::module_path!(), "::", #name))
                    #audience #scopes #any_scopes;
        }
    }
}

/// The audience that was said, or else the one of the API that declares the scopes.
fn audience(model: &Model<'_>) -> Option<TokenStream> {
    if let Some(audience) = model.audience {
        return Some(quote!(::core::option::Option::Some(#audience)));
    }
    model.required().next().map(|first| constant(model, first, "AUDIENCE"))
}

/// A token has one audience: each scope's API must be of it.
fn one_audience(model: &Model<'_>) -> TokenStream {
    let Some(audience) = audience(model) else { return TokenStream::new() };
    let said = model.audience.map(LitStr::value);
    let mut required = model.required();
    let first = if said.is_some() { None } else { required.next() };
    let first = first.map(|first| first.entry.written()).unwrap_or_default();
    let checks = required.map(|scope| {
        let (span, written) = (scope.entry.span(), scope.entry.written());
        let (helper, message) = match &said {
            Some(said) => (
                "is_of_audience",
                format!(
                    "the API of `{written}` has another audience than `{said}`, and a token has one: remove `audience`, or require the scope in another handler"
                ),
            ),
            None => (
                "is_same_audience",
                format!(
                    "`{first}` and `{written}` are scopes of two APIs with two audiences, and a token has one: require them in two handlers"
                ),
            ),
        };
        let helper = model.auth_layer.private(helper, span);
        let declared = constant(model, scope, "AUDIENCE");
        quote_spanned!(span=> const _: () = ::core::assert!(#helper(#audience, #declared), #message);)
    });
    checks.collect()
}

/// One impl for each scope, where rustc points to when another one is needed.
///
/// Of `any_scopes` none is granted: which of them the token has is known at run time only.
///
/// The registry hands them back where it knows each text; where one is unknown, which is an error
/// already, it grants all, so that the body adds no other.
fn grants(model: &Model<'_>, marker: &Ident) -> TokenStream {
    let grants = model.scopes.iter().map(|Required { entry, alias }| {
        let span = entry.span();
        let grants = model.auth_layer.token("Grants", span);
        quote_spanned! {span=>
            #[automatically_derived]
            impl #grants<#alias> for #marker {}
        }
    });
    let grants: TokenStream = grants.collect();
    let texts: Vec<LitStr> = model.scopes.iter().filter_map(|scope| scope.entry.text()).map(cooked).collect();
    let Some(first) = texts.first() else { return grants };
    let (registry, root) = (model.registry(first.span()), model.auth_layer.root());
    quote_spanned! {first.span()=>
        #registry::scope!(@grants [#registry] [#root] #marker { #grants } #(#texts)*);
    }
}

fn names(model: &Model<'_>, scopes: &[Required<'_>]) -> Option<TokenStream> {
    if scopes.is_empty() {
        return None;
    }
    let names = scopes.iter().map(|scope| constant(model, scope, "NAME"));
    Some(quote!(&[#(#names),*]))
}

fn constant(model: &Model<'_>, Required { entry, alias }: &Required<'_>, name: &str) -> TokenStream {
    let span = entry.span();
    let declared_scope = model.auth_layer.token("DeclaredScope", span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> <#alias as #declared_scope>::#name)
}

fn function(model: &Model<'_>, marker: &Marker) -> TokenStream {
    let mut function = model.function.clone();
    // Of a refused item only: a second expansion would repeat the errors.
    let is_ours = |attribute: &_| is_attribute(attribute, REQUIRE_AUTH) || is_attribute(attribute, PUBLIC);
    function.attributes.retain(|attribute| !is_ours(attribute));
    // A method stays as its trait declares it, and `#[tonic::async_trait]` has made it.
    if !model.is_method_of_tonic() {
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
            if model.token != Some(0) && function.signature.receiver().is_none() {
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
