//! What stands beside the function: a marker type, what it requires and grants.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, LitStr};

use crate::function::{Written, written_at};
use crate::require_auth::args::Organization;
use crate::require_auth::grants;
use crate::require_auth::model::{Model, Required};
use crate::require_auth::values::Seconds;

pub(super) fn requirement(model: &Model<'_>, marker: &Ident, proof: Option<&Written>) -> TokenStream {
    let (visibility, cfg) = (visibility(model), model.cfg().collect::<Vec<_>>());
    let name = model.name();
    let aliases = model.required().filter(|required| required.imported().is_none()).map(
        |Required { entry, alias, .. }| {
            let scope = model.scope_type(entry);
            quote_spanned!(entry.span()=> type #alias = #scope;)
        },
    );
    let one_audience = one_audience(model);
    let rule = rule(model, marker, proof, &name);
    let granted = grants::granted(model, marker);
    let marker_type = quote! {
        #[doc(hidden)]
        #(#cfg)*
        #[allow(dead_code, unreachable_pub, missing_copy_implementations, missing_debug_implementations)]
        #visibility struct #marker;
    };
    let judged = grants::with_imports(
        model,
        quote! {
            #(#aliases)*
            #one_audience
            #rule
            #granted
        },
    );
    quote! {
        #marker_type
        #(#cfg)*
        const _: () = { #judged };
    }
}

fn rule(model: &Model<'_>, marker: &Ident, proof: Option<&Written>, name: &str) -> TokenStream {
    let span = Span::call_site();
    let (requirement, rule) =
        (model.auth_layer.token("Requirement", span), model.auth_layer.token("Rule", span));
    let others = others(model);
    let handler = quote!(::core::concat!(::core::module_path!(), "::", #name));
    let rule_of_scopes = match (&*model.scopes, &*model.any_scopes, &model.args.audience) {
        ([alone], [], None) => {
            let (span, alias) = (alone.entry.span(), &alone.alias);
            let required = model.auth_layer.token("RequiredAlone", span);
            let alone = quote_spanned!(span=> <#alias as #required>::RULE);
            quote!(#alone.with_handler(#handler))
        }
        _ => {
            let audience = audience(model).map(|audience| quote!(.with_audience(#audience)));
            let scopes = names(model, &model.scopes).map(|names| quote!(.with_scopes(#names)));
            let any_scopes = names(model, &model.any_scopes).map(|names| quote!(.with_any_scopes(#names)));
            quote!(#rule::authenticated(#handler) #audience #scopes #any_scopes)
        }
    };
    let whole = quote!(#rule_of_scopes #others);
    // A type of another crate may have the token's name, and would prove nothing: it has no such function.
    // A bound that says so takes rustc as long as all the rest.
    let whole = proof.map_or_else(
        || whole.clone(),
        |ty| quote_spanned!(written_at(ty.span())=> <#ty>::of_auth_layer(#whole)),
    );
    quote! {
        #[automatically_derived]
        impl #requirement for #marker {
            const RULE: #rule = #whole;
        }
    }
}

/// What is required beside scopes.
fn others(model: &Model<'_>) -> TokenStream {
    let args = model.args;
    let token = |item| model.auth_layer.token(item, Span::call_site());
    let texts = [
        (&args.permissions, "with_permissions"),
        (&args.any_permissions, "with_any_permissions"),
        (&args.roles, "with_roles"),
        (&args.any_roles, "with_any_roles"),
        (&args.acr, "with_acr"),
    ];
    let texts = texts.into_iter().filter_map(|(texts, method)| {
        let (entries, method) = (&texts.as_ref()?.entries, Ident::new(method, Span::call_site()));
        Some(quote!(.#method(&[#(#entries),*])))
    });
    let max_age = args
        .max_age
        .as_ref()
        .map(|Seconds { number, .. }| quote!(.with_max_age(::core::time::Duration::from_secs(#number))));
    let organization = args.organization.as_ref().map(|Organization { name }| {
        let required = token("RequiredOrganization");
        let variant = name.as_ref().map_or_else(|| quote!(Any), |name| quote!(Named(#name)));
        quote!(.with_organization(#required::#variant))
    });
    let principal =
        [(&args.user, "User"), (&args.client, "Client")].into_iter().find_map(|(flag, variant)| {
            let (principal, variant) = (token("Principal"), Ident::new(variant, flag.as_ref()?.span()));
            Some(quote!(.with_principal(#principal::#variant)))
        });
    quote!(#(#texts)* #max_age #organization #principal)
}

/// The marker of a trait's method is of the method's module: it is in no signature.
fn visibility(model: &Model<'_>) -> TokenStream {
    match model.block {
        Some(block) if block.is_of_trait => TokenStream::new(),
        _ => model.function.visibility.clone(),
    }
}

/// The audience that was said, or else the one of the API that declares the scopes.
fn audience(model: &Model<'_>) -> Option<TokenStream> {
    if let Some(audience) = &model.args.audience {
        return Some(quote!(::core::option::Option::Some(#audience)));
    }
    model.required().next().map(|first| constant(model, first, "AUDIENCE"))
}

/// A token has one audience: each scope's API must be of it.
fn one_audience(model: &Model<'_>) -> TokenStream {
    let Some(audience) = audience(model) else { return TokenStream::new() };
    let said = model.args.audience.as_ref().map(LitStr::value);
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

fn names(model: &Model<'_>, scopes: &[Required<'_>]) -> Option<TokenStream> {
    if scopes.is_empty() {
        return None;
    }
    let names = scopes.iter().map(|scope| constant(model, scope, "NAME"));
    Some(quote!(&[#(#names),*]))
}

fn constant(model: &Model<'_>, Required { entry, alias, .. }: &Required<'_>, name: &str) -> TokenStream {
    let span = entry.span();
    let declared_scope = model.auth_layer.token("DeclaredScope", span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> <#alias as #declared_scope>::#name)
}
