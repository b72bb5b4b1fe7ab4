//! Every refusal of `#[require_auth]` that needs no types; rustc judges the rest in the expansion.

use crate::fallback::Refusals;
use crate::function::{Function, Mention, PUBLIC, Parameter, REQUIRE_AUTH};
use crate::require_auth::check_args::check_args;
use crate::require_auth::model::{Form, Model};

pub(super) fn check(model: &Model<'_>) -> Refusals {
    let mut refusals = Refusals::default();
    check_args(model.demand.args, &mut refusals);
    check_function(model, &mut refusals);
    check_parameters(model, &mut refusals);
    match model.form {
        Form::Extractors => {
            if model.is_of_trait() && model.function.receiver().is_none() {
                refusals.at(&model.function.name, NO_REQUEST);
            }
            check_order(model, &mut refusals);
        }
        Form::Request(_) if model.is_made_by_tonic() => {}
        Form::Request(place) if place == model.first() => check_output(model.function, &mut refusals),
        Form::Request(place) => refusals.at(
            model.function.parameters.get(place),
            "a function over `tonic::Request` takes it first, then its token: write `(request: tonic::Request<..>, token: AccessToken, ..)`",
        ),
    }
    refusals
}

fn check_function(model: &Model<'_>, refusals: &mut Refusals) {
    let function = model.function;
    // `#[tonic::async_trait]` has made a plain function of an async method: it is refused for that.
    if !function.is_async() && !model.is_made_by_tonic() {
        refusals.at(&function.fn_token, format!("a handler is async: write `async fn {}`", function.name));
    }
    if let Some(again) = function.attributes.iter().find(|attribute| attribute.names(REQUIRE_AUTH)) {
        refusals.at(again, "`#[require_auth]` is here twice: write one, with all that the handler requires");
    }
    if let Some(public) = function.attributes.iter().find(|attribute| attribute.names(PUBLIC)) {
        refusals.at(
            public,
            "`#[require_auth]` lets in who meets it, and `#[public]` anyone: remove one of the two",
        );
    }
}

fn check_parameters(model: &Model<'_>, refusals: &mut Refusals) {
    let mut tokens = 0_usize;
    for parameter in &model.function.parameters {
        let Some(ty) = parameter.ty() else {
            refuse_receiver(model, parameter, refusals);
            continue;
        };
        let message = match parameter.mention() {
            Mention::None => continue,
            Mention::Token => {
                refuse_condition(parameter, refusals);
                tokens += 1;
                if tokens == 1 {
                    continue;
                }
                "a handler has one token: remove this parameter; for a second audience ask the `Session`"
            }
            Mention::Optional => {
                "the token is always there, because `#[require_auth]` refuses a request without one: write `token: AccessToken`, or remove `#[require_auth]`"
            }
            Mention::Typed => "`#[require_auth]` fills in what the token grants: write `token: AccessToken`",
            Mention::Within => "`#[require_auth]` hands over the token itself: write `token: AccessToken`",
        };
        refusals.at(ty, message);
    }
}

/// rustc would take the parameter away after the attribute, and the proof of authentication with it.
fn refuse_condition(token: &Parameter, refusals: &mut Refusals) {
    let condition =
        token.attributes.iter().find(|attribute| ["cfg", "cfg_attr"].iter().any(|name| attribute.is(name)));
    if let Some(condition) = condition {
        let message =
            "a handler is guarded on every condition: put this above the handler, and not on its token";
        refusals.at(condition, message);
    }
}

/// Only where the attribute stands above the `impl` too is there a place for what it writes.
fn refuse_receiver(model: &Model<'_>, receiver: &Parameter, refusals: &mut Refusals) {
    let message = match (model.form, model.block) {
        (Form::Request(_), Some(_)) if !model.is_made_by_tonic() => return,
        (Form::Request(_), Some(_)) => {
            "`#[tonic::async_trait]` has rewritten this method: put `#[require_auth]` above it, over the `impl`"
        }
        (Form::Request(_), None) => {
            "this is a method: write `#[require_auth]` above its `impl` too, before any `#[tonic::async_trait]`"
        }
        (Form::Extractors, Some(block)) if block.is_of_trait => NO_REQUEST,
        (Form::Extractors, _) => {
            "axum calls a handler without `self`: take what `self` holds as `State(..)`, or capture it in a closure"
        }
    };
    refusals.at(receiver, message);
}

/// axum gives the body to the last parameter, and says nothing helpful where it is another.
fn check_order(model: &Model<'_>, refusals: &mut Refusals) {
    let parameters = &model.function.parameters;
    let Some((place, token)) = model.token.and_then(|place| Some((place, parameters.get(place)?.ty()?)))
    else {
        return;
    };
    if parameters.iter().take(place).any(takes_the_body) {
        refusals
            .at(token, "an extractor of the body is the last parameter: put `token: AccessToken` before it");
    }
}

fn takes_the_body(parameter: &Parameter) -> bool {
    const EXTRACTORS: [&str; 6] = ["Json", "Form", "Bytes", "String", "Multipart", "Request"];
    EXTRACTORS.iter().any(|name| parameter.is_named(name))
}

/// A refused request gets its response from the attribute, so there must be one to make.
fn check_output(function: &Function, refusals: &mut Refusals) {
    let line = format!(
        "`{}` takes a `Request` first, so `#[require_auth]` answers a refused request with what it returns: write `-> http::Response<B>`, or put `token: AccessToken` first if axum calls it",
        function.name
    );
    match &function.output {
        None => refusals.add(syn::Error::new(function.name.span(), line)),
        Some(output) if output.begins_with("impl") => refusals.at(output, line),
        Some(_) => {}
    }
}

const NO_REQUEST: &str = "a method of a trait is guarded by its request: take `request: http::Request<..>` or `tonic::Request<..>`, or say that anyone may call it: `#[public]`";
