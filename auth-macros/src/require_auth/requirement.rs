//! What stands beside the item: a marker type, what it requires and grants.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, LitStr};

use crate::function::{Written, written_at};
use crate::require_auth::args::Organization;
use crate::require_auth::demand::{Demand, Required};
use crate::require_auth::grants;
use crate::require_auth::model::Model;
use crate::require_auth::values::Seconds;

/// The marker type of a handler, and what it requires and grants.
pub(super) fn requirement(model: &Model<'_>, marker: &Ident, proof: Option<&Written>) -> TokenStream {
    let (visibility, cfg) = (visibility(model), &model.demand.cfg);
    let judged = judged(&model.demand, marker, proof);
    quote! {
        #[doc(hidden)]
        #(#cfg)*
        #[allow(dead_code, unreachable_pub, missing_copy_implementations, missing_debug_implementations)]
        #visibility struct #marker;
        #judged
    }
}

/// What a type requires and grants, beside it.
pub(super) fn judged(demand: &Demand<'_>, marker: &Ident, proof: Option<&Written>) -> TokenStream {
    let cfg = &demand.cfg;
    let aliases = demand.required().filter(|required| required.imported().is_none()).map(
        |Required { entry, alias, .. }| {
            let scope = demand.scope_type(entry);
            quote_spanned!(entry.span()=> type #alias = #scope;)
        },
    );
    let one_audience = one_audience(demand);
    let rule = rule(demand, marker, proof);
    let granted = grants::granted(demand, marker);
    let judged = grants::with_imports(
        demand,
        quote! {
            #(#aliases)*
            #one_audience
            #rule
            #granted
        },
    );
    quote! {
        #(#cfg)*
        const _: () = { #judged };
    }
}

/// The marker of a trait's method is of the method's module: it is in no signature.
fn visibility(model: &Model<'_>) -> TokenStream {
    match model.block {
        Some(block) if block.is_of_trait => TokenStream::new(),
        _ => model.function.visibility.clone(),
    }
}

fn rule(demand: &Demand<'_>, marker: &Ident, proof: Option<&Written>) -> TokenStream {
    let name = &demand.name;
    let span = Span::call_site();
    let (requirement, rule) =
        (demand.auth_layer.token("Requirement", span), demand.auth_layer.token("Rule", span));
    let others = others(demand);
    let handler = quote!(::core::concat!(::core::module_path!(), "::", #name));
    let rule_of_scopes = match (&*demand.scopes, &*demand.any_scopes, &demand.args.audience) {
        ([alone], [], None) => {
            let (span, alias) = (alone.entry.span(), &alone.alias);
            let required = demand.auth_layer.token("RequiredAlone", span);
            let alone = quote_spanned!(span=> <#alias as #required>::RULE);
            quote!(#alone.with_handler(#handler))
        }
        _ => {
            let audience = audience(demand).map(|audience| quote!(.with_audience(#audience)));
            let scopes = names(demand, &demand.scopes).map(|names| quote!(.with_scopes(#names)));
            let any_scopes = names(demand, &demand.any_scopes).map(|names| quote!(.with_any_scopes(#names)));
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
fn others(demand: &Demand<'_>) -> TokenStream {
    let args = demand.args;
    let token = |item| demand.auth_layer.token(item, Span::call_site());
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
    let organization = args.organization.as_ref().map(|Organization { name, .. }| {
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

/// The audience that was said, or else the one of the API that declares the scopes.
fn audience(demand: &Demand<'_>) -> Option<TokenStream> {
    if let Some(audience) = &demand.args.audience {
        return Some(quote!(::core::option::Option::Some(#audience)));
    }
    demand.required().next().map(|first| constant(demand, first, "AUDIENCE"))
}

/// A token has one audience: each scope's API must be of it.
fn one_audience(demand: &Demand<'_>) -> TokenStream {
    let Some(audience) = audience(demand) else { return TokenStream::new() };
    let said = demand.args.audience.as_ref().map(LitStr::value);
    let mut required = demand.required();
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
                    "`{first}` and `{written}` are scopes of two APIs with two audiences, and a token has one: require them in two handlers, or two structs"
                ),
            ),
        };
        let helper = demand.auth_layer.private(helper, span);
        let declared = constant(demand, scope, "AUDIENCE");
        quote_spanned!(span=> const _: () = ::core::assert!(#helper(#audience, #declared), #message);)
    });
    checks.collect()
}

fn names(demand: &Demand<'_>, scopes: &[Required<'_>]) -> Option<TokenStream> {
    if scopes.is_empty() {
        return None;
    }
    let names = scopes.iter().map(|scope| constant(demand, scope, "NAME"));
    Some(quote!(&[#(#names),*]))
}

fn constant(demand: &Demand<'_>, Required { entry, alias, .. }: &Required<'_>, name: &str) -> TokenStream {
    let span = entry.span();
    let declared_scope = demand.auth_layer.token("DeclaredScope", span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> <#alias as #declared_scope>::#name)
}
