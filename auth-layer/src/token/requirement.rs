//! What a handler requires, said in types so that the compiler can check it.

use crate::identifier::Audience;

/// What a handler requires of a request; written by `#[require_auth]`.
///
/// The constructors are `const`: a rule costs nothing at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Rule {
    pub(crate) handler: &'static str,
    pub(crate) audience: Option<&'static str>,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) any_scopes: &'static [&'static str],
}

impl Rule {
    /// Requires that a user is logged in, and nothing else; `handler` is for the log.
    pub const fn authenticated(handler: &'static str) -> Self {
        Self { handler, audience: None, scopes: &[], any_scopes: &[] }
    }

    /// The same rule for another handler.
    pub const fn with_handler(mut self, handler: &'static str) -> Self {
        self.handler = handler;
        self
    }

    /// Requires a token of this audience; `None` is the configured one.
    pub const fn with_audience(mut self, audience: Option<&'static str>) -> Self {
        self.audience = audience;
        self
    }

    /// Requires all of these scopes.
    pub const fn with_scopes(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// Requires at least one of these scopes; an empty list requires nothing.
    pub const fn with_any_scopes(mut self, any_scopes: &'static [&'static str]) -> Self {
        self.any_scopes = any_scopes;
        self
    }

    /// Returns the handler's name.
    #[must_use]
    pub const fn handler(&self) -> &'static str {
        self.handler
    }

    /// Returns the scopes that are required all together.
    #[must_use]
    pub const fn scopes(&self) -> &'static [&'static str] {
        self.scopes
    }

    /// Returns the scopes of which one is required.
    #[must_use]
    pub const fn any_scopes(&self) -> &'static [&'static str] {
        self.any_scopes
    }

    /// Returns the audience that the token must be of; `None` is the configured one.
    #[must_use]
    pub fn audience(&self) -> Option<Audience> {
        self.audience.map(Audience::from)
    }
}

/// A type that stands for what one handler requires; written by `#[require_auth]` for each handler.
pub trait Requirement: 'static {
    /// What is checked before the handler runs.
    const RULE: Rule;
}

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
    /// What a handler requires that requires this scope alone, but for its name.
    ///
    /// It is put together once, and not where each handler is: a program with a thousand of them is
    /// checked a fifth of a second sooner.
    const ALONE: Rule = Rule::authenticated("").with_audience(Self::AUDIENCE).with_scopes(&[Self::NAME]);
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not require the scope `{S}`, which this call needs",
    label = "needs a token with the scope `{S}`",
    note = "require it where the handler is written: `#[require_auth(scopes = [..])]`"
)]
pub trait Grants<S> {}

/// What every requirement grants: that a user is logged in.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated;

#[diagnostic::do_not_recommend]
impl<P: Requirement> Grants<Authenticated> for P {}

/// With one implementation to choose from, rustc takes it for what was meant, and reports a type
/// mismatch where it should name the missing scope; so there are always two.
#[diagnostic::do_not_recommend]
impl<P: Requirement> Grants<Nothing> for P {}

/// What every requirement grants as well.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nothing;

/// The requirement of an [`AccessToken`](crate::AccessToken) that no `#[require_auth]` typed: a user
/// is logged in, and no scope is granted.
#[derive(Clone, Copy, Debug)]
pub struct NoRequirement;

impl Requirement for NoRequirement {
    const RULE: Rule = Rule::authenticated("a handler without #[require_auth]");
}
