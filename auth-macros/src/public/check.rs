//! Every refusal of `#[public]`.

use syn::FnArg;

use crate::fallback::Refusals;
use crate::function::{Function, PUBLIC, REQUIRE_AUTH, is_attribute};
use crate::require_auth::{Mention, mention};

pub(super) fn check(function: &Function) -> Refusals {
    let mut refusals = Refusals::default();
    let Function { attributes, signature, .. } = function;
    if signature.asyncness.is_none() {
        refusals.at(signature.fn_token, format!("a handler is async: write `async fn {}`", signature.ident));
    }
    if let Some(again) = attributes.iter().find(|attribute| is_attribute(attribute, PUBLIC)) {
        refusals.at(again, "`#[public]` is here twice: write one");
    }
    if let Some(guard) = attributes.iter().find(|attribute| is_attribute(attribute, REQUIRE_AUTH)) {
        refusals.at(
            guard,
            "`#[public]` lets in anyone, and `#[require_auth]` who meets it: remove one of the two",
        );
        // What it says of the token is then about the other attribute.
        return refusals;
    }
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => refusals.at(
                receiver,
                "a handler is a free function: take what `self` holds as `State(..)`, or capture it in a closure",
            ),
            FnArg::Typed(parameter) if matches!(mention(input), Mention::Token | Mention::Typed) => refusals.at(
                &parameter.ty,
                "anyone may call this handler, and a stranger has no token: write `Option<AccessToken>`, or `#[require_auth]` in place of `#[public]`",
            ),
            FnArg::Typed(_) => {}
        }
    }
    refusals
}
