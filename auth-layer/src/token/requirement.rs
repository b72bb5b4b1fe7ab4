//! What a handler requires, said in types so that the compiler can check it.

use crate::token::rule::Rule;

/// A type that stands for what one handler requires; written by `#[require_auth]` for each handler.
pub trait Requirement: 'static {
    /// What is checked before the handler runs.
    const RULE: Rule;
}

/// A token that a program asks for itself, by scopes and an audience; written by `#[require_auth]` above a struct.
///
/// ```
/// # mod scopes { auth_layer::scopes! { pub api Products = "https://api.shop.example" { ReadProducts = "read:products" } } }
/// #[auth_layer::require_auth(scopes = [scopes::ReadProducts])]
/// struct CountsStock;
/// # fn is_one<R: auth_layer::token::TokenType>() {}
/// # is_one::<CountsStock>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no token that a program asks for itself",
    label = "not a struct under `#[require_auth]`",
    note = "write a type for it: `#[require_auth(scopes = [..])] struct CountsStock;`"
)]
pub trait TokenType: Requirement {}

/// A scope of an API; written by [`scopes!`](crate::scopes!) for each scope that is declared.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scope",
    label = "not declared by `scopes!`",
    note = "name a type that `scopes!` declares, or the text of the scope, as in \"read:products\""
)]
pub trait DeclaredScope: 'static {
    /// The scope as the provider writes it (RFC 6749 §3.3).
    const NAME: &'static str;
    /// The audience of the API that declares it; `None` is the configured one.
    const AUDIENCE: Option<&'static str>;
}

/// What a handler requires that requires one scope alone, but for its name; nobody can say otherwise.
///
/// It is put together once, and not where each handler is: a program with a thousand of them is checked a
/// fifth of a second sooner.
#[doc(hidden)]
pub trait RequiredAlone: DeclaredScope {
    /// The rule.
    const RULE: Rule;
}

#[diagnostic::do_not_recommend]
impl<S: DeclaredScope> RequiredAlone for S {
    const RULE: Rule = Rule::authenticated("").with_audience(S::AUDIENCE).with_scopes(&[S::NAME]);
}

/// What a scope includes; written by [`scopes!`](crate::scopes!), for each scope at a place of its own.
///
/// The handler `P` changes nothing: that it is of the caller's crate tells rustc that no other crate can
/// add an implementation.
pub trait Includes<P, const PLACE: usize>: DeclaredScope {
    /// The scope at this place.
    type Scope: DeclaredScope;
}

/// Implemented for the requirement of a handler, for each scope that the handler requires.
///
/// A function that needs a scope says so in its signature, and whoever calls it without having
/// required that scope does not compile:
/// ```
/// # use auth_layer::{AccessToken, token::Grants};
/// # struct ReadProducts;
/// async fn list(token: &AccessToken<impl Grants<ReadProducts>>) { /* ... */ }
/// ```
///
/// `#[require_auth]` implements it, together with the rule that the gate judges each request by.
/// An implementation by hand would grant what nobody judged, so it lacks an item and does not compile
/// (E0046); whoever writes that item down has said `WrittenByRequireAuth` where it was not, which no
/// reviewer overlooks. What it gains is a call that compiles: the API behind it judges the token itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not require the scope `{S}`, which this call needs",
    label = "needs a token with the scope `{S}`",
    note = "require it above the handler, or above the struct that the token is of: `#[require_auth(scopes = [.., {S}])]`"
)]
pub trait Grants<S> {
    /// Written by the attribute, and by nobody else.
    #[doc(hidden)]
    type WrittenByRequireAuth;
}

/// What every requirement grants: that a user is logged in.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated;

#[diagnostic::do_not_recommend]
impl<P: Requirement> Grants<Authenticated> for P {
    type WrittenByRequireAuth = ();
}

#[diagnostic::do_not_recommend]
impl Grants<Authenticated> for NoRequirement {
    type WrittenByRequireAuth = ();
}

/// With one implementation to choose from, rustc takes it for what was meant, and reports a type
/// mismatch where it should name the missing scope; so there are always two.
#[diagnostic::do_not_recommend]
impl<P: Requirement> Grants<Nothing> for P {
    type WrittenByRequireAuth = ();
}

#[diagnostic::do_not_recommend]
impl Grants<Nothing> for NoRequirement {
    type WrittenByRequireAuth = ();
}

/// What every requirement grants as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nothing;

/// What an [`AccessToken`](crate::AccessToken) has that no `#[require_auth]` typed: a user is logged in,
/// and no scope is granted.
///
/// It is deliberately no [`Requirement`]: nobody said who may call a handler with such a token, so the
/// guarded router does not take it.
///
/// Where rustc expects it and finds the type of a handler (E0308), a function takes `&AccessToken`. Say
/// what it needs of the token, and every handler that grants it may call:
/// ```
/// # use auth_layer::{AccessToken, token::{Authenticated, Grants}};
/// # struct ReadProducts;
/// async fn list(token: &AccessToken<impl Grants<ReadProducts>>) { /* ... */ }
/// async fn greet(token: &AccessToken<impl Grants<Authenticated>>) { /* needs no scope */ }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NoRequirement;

impl NoRequirement {
    /// What the gate judges a request by where nobody said who may call.
    pub(crate) const RULE: &'static Rule = &Rule::authenticated("a handler without #[require_auth]");
}

/// Returns where the rule of a requirement is in the program.
pub(crate) const fn rule_of<P: Requirement>() -> &'static Rule {
    const { &P::RULE }
}
