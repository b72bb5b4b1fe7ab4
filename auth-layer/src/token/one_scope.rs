//! A requirement of one scope, for tokens that no handler was given.

use std::marker::PhantomData;

use crate::token::requirement::{DeclaredScope, Grants, RequiredAlone, Requirement};
use crate::token::rule::Rule;

/// Requires one scope of its API, and grants it: the type of a token that is got for a call.
///
/// `auth.exchange_for::<OneScope<ReadInvoices>>(&token)` brings a token that a function with
/// `&AccessToken<impl Grants<ReadInvoices>>` takes.
#[derive(Debug)]
pub struct OneScope<S>(PhantomData<fn() -> S>);

impl<S: DeclaredScope> Requirement for OneScope<S> {
    const RULE: Rule = <S as RequiredAlone>::RULE.with_handler("a token with one scope");
}

#[diagnostic::do_not_recommend]
impl<S: DeclaredScope> Grants<S> for OneScope<S> {
    type WrittenByRequireAuth = ();
}
