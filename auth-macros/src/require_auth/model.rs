//! What the attribute means for this function; borrows the tokens that were parsed.

use syn::Ident;

use crate::function::{Attribute, Function, Mention, Parameter};
use crate::require_auth::args::Args;
use crate::require_auth::demand::Demand;

/// A handler and its requirement.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) function: &'a Function,
    /// The `impl` whose attribute it is that reads this.
    pub(super) block: Option<&'a Block>,
    pub(super) form: Form,
    /// Where the parameter `token: AccessToken` stands.
    pub(super) token: Option<usize>,
    pub(super) demand: Demand<'a>,
}

/// An `impl` with the attribute above it.
#[derive(Debug)]
pub(super) struct Block {
    /// What the types of its handlers begin with: its own name and the trait's.
    pub(super) name: String,
    /// As a path has it: `Shop`, `<Shelf as Shop>`.
    pub(super) shown: String,
    pub(super) is_of_trait: bool,
    pub(super) cfg: Vec<Attribute>,
}

/// How the handler is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// By axum, through extractors.
    Extractors,
    /// With a request of `http`'s or `tonic`'s, which is the parameter at this place: the first after
    /// `self`, or it is refused.
    Request(usize),
}

impl<'a> Model<'a> {
    pub(super) fn of(args: &'a Args, function: &'a Function, block: Option<&'a Block>) -> Self {
        let parameters = &function.parameters;
        let first = usize::from(function.receiver().is_some());
        let request = match parameters.get(first) {
            Some(parameter) if parameter.is_named("Request") => Some(first),
            _ => parameters.iter().position(|parameter| is_request_of_tonic(parameter, function)),
        };
        let form = request.map_or(Form::Extractors, Form::Request);
        let token = parameters.iter().position(|parameter| parameter.mention() == Mention::Token);
        let name = function.shown(block.map(|block| block.shown.as_str()));
        let cfg = block.into_iter().flat_map(|block| &block.cfg).chain(function.cfg()).collect();
        let demand = Demand::of(args, name, cfg);
        Self { function, block, form, token, demand }
    }

    /// Returns the name of the type that stands for the requirement: `ProductsHandler` for `products`.
    pub(super) fn marker(&self) -> Ident {
        self.function.marker(self.block.map(|block| block.name.as_str()))
    }

    /// Returns the place of the first parameter that is not `self`.
    pub(super) fn first(&self) -> usize {
        usize::from(self.function.receiver().is_some())
    }

    /// Whether this is a method of a service, and `#[tonic::async_trait]` was there first.
    pub(super) fn is_made_by_tonic(&self) -> bool {
        matches!(self.form, Form::Request(_))
            && self.function.receiver().is_some()
            && !self.function.is_async()
            && self.function.returns("Pin")
    }

    /// Whether a trait declares what this is called with.
    pub(super) fn is_of_trait(&self) -> bool {
        self.block.is_some_and(|block| block.is_of_trait)
    }
}

/// Whether a parameter is a `Request` of tonic's: by its path, or else by what is returned, since a
/// handler of axum's may take the whole `Request` too.
fn is_request_of_tonic(parameter: &Parameter, function: &Function) -> bool {
    parameter.ty().is_some_and(|ty| {
        ty.is_named_with_arguments("Request")
            && (ty.holds("tonic") || function.returns("Status") && !ty.holds("Body"))
    })
}
