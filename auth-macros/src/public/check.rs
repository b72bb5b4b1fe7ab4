//! Every refusal of `#[public]`.

use crate::fallback::Refusals;
use crate::function::{Function, Mention, PUBLIC, REQUIRE_AUTH};

pub(super) fn check(function: &Function) -> Refusals {
    let mut refusals = Refusals::default();
    if !function.is_async() {
        refusals.at(&function.fn_token, format!("a handler is async: write `async fn {}`", function.name));
    }
    if let Some(again) = function.attributes.iter().find(|attribute| attribute.names(PUBLIC)) {
        refusals.at(again, "`#[public]` is here twice: write one");
    }
    if let Some(guard) = function.attributes.iter().find(|attribute| attribute.names(REQUIRE_AUTH)) {
        refusals.at(
            guard,
            "`#[public]` lets in anyone, and `#[require_auth]` who meets it: remove one of the two",
        );
        // What it says of the token is then about the other attribute.
        return refusals;
    }
    for parameter in &function.parameters {
        match (parameter.ty(), parameter.mention()) {
            (None, _) => refusals.at(
                parameter,
                "a handler is a free function: take what `self` holds as `State(..)`, or capture it in a closure",
            ),
            (Some(ty), Mention::Token | Mention::Typed) => refusals.at(
                ty,
                "anyone may call this handler, and a stranger has no token: write `Option<AccessToken>`, or `#[require_auth]` in place of `#[public]`",
            ),
            (Some(_), _) => {}
        }
    }
    refusals
}
