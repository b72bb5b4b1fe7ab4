//! What `#[require_auth]` calls; not public API.

use http::Request;
use http::request::Parts;

use crate::gate::{Rejection, RejectionKind, authenticate, introduce};
use crate::token::{AccessToken, DeclaredScope, Grants, Requirement, Rule, rule_of};

#[cfg(feature = "axum")]
pub use crate::axum::{Public, PublicHandler};
#[cfg(feature = "axum")]
pub use crate::extract::Guard;
pub use crate::layer::FromRejection;
#[cfg(feature = "macros")]
pub use crate::{__auth_grant as grant, __auth_scope_alone as scope_alone};
#[cfg(feature = "macros")]
pub use auth_macros::{granted, unknown_scope};
#[cfg(feature = "macros")]
pub use http::Method;

/// Says of a scope that it includes no other: what `#[require_auth]` finds beside a type that has no macro.
#[cfg(feature = "macros")]
#[doc(hidden)]
#[macro_export]
macro_rules! __auth_scope_alone {
    ($scope:ident $grants:tt [$($granted:tt)*] [$($next:tt)*] [$($asked:tt)*] $($more:tt)*) => {
        $($next)*! { $($asked)* [$($granted)* $grants] $($more)* }
    };
}

/// Emits what a handler grants, as it was gathered: where nothing can come twice, as it is.
#[cfg(feature = "macros")]
#[doc(hidden)]
#[macro_export]
macro_rules! __auth_grant {
    ($auth_layer:tt $handler:ident [$({ $($grants:tt)* })*]) => { $($($grants)*)* };
    ($($gathered:tt)*) => { $crate::__private::granted! { $($gathered)* } };
}

/// A request that a plain function may be given: its head is judged, the rest is only carried along.
#[diagnostic::on_unimplemented(
    message = "`#[require_auth]` cannot judge a `{Self}`",
    label = "take an `http::Request<B>` first, or a `tonic::Request<T>` with the feature `tonic` of auth-layer",
    note = "for a handler that axum calls, put `token: AccessToken` first"
)]
pub trait Admissible: Sized {
    /// What is not looked at.
    type Rest;
    /// Takes the request apart.
    fn into_head(self) -> (Parts, Self::Rest);
    /// Puts it together again.
    fn from_head(head: Parts, rest: Self::Rest) -> Self;
}

impl<B> Admissible for Request<B> {
    type Rest = B;

    fn into_head(self) -> (Parts, B) {
        self.into_parts()
    }

    fn from_head(head: Parts, body: B) -> Self {
        Self::from_parts(head, body)
    }
}

/// Lets a request through with its token, or says why not.
///
/// # Errors
/// The request does not meet the rule of `P`.
pub async fn admit<P: Requirement, R: Admissible>(request: R) -> Result<(R, AccessToken<P>), Rejection> {
    let (parts, rest) = request.into_head();
    let token = authenticate(&parts, rule_of::<P>()).await.inspect_err(|rejection| {
        // A function has no route, and a request of tonic's no address: its name is all that there is to find it.
        if rejection.kind() == RejectionKind::LayerMissing {
            let function = P::RULE.handler();
            tracing::error!(function, "called outside of an AuthLayer: put `auth.layer()` around its server");
        }
    })?;
    let parts = introduce(parts, &token).await?;
    Ok((R::from_head(parts, rest), AccessToken::from_any(token)))
}

/// Whether two APIs have one audience; `None` is the configured one, an empty one is not judged.
#[must_use]
pub const fn is_same_audience(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.is_empty() || other.is_empty() || is_same(one.as_bytes(), other.as_bytes())
        }
        (Some(unknown), None) | (None, Some(unknown)) => unknown.is_empty(),
    }
}

/// Whether an API can have the audience that an attribute names; one without an audience can have any.
#[must_use]
pub const fn is_of_audience(named: Option<&str>, declared: Option<&str>) -> bool {
    declared.is_none() || is_same_audience(named, declared)
}

/// `==` of strings is not const.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([first, one @ ..], [second, other @ ..]) => *first == *second && is_same(one, other),
        _ => false,
    }
}

/// Stands where `#[require_auth]` was refused: it grants every scope, so that the compile error
/// beside it is the only one.
#[derive(Debug)]
pub struct Refused;

impl Requirement for Refused {
    // Nobody meets it: whoever writes this type by hand gets a handler that never runs.
    const RULE: Rule = Rule::authenticated("refused").with_scopes(&[""]);
}

impl<S: DeclaredScope> Grants<S> for Refused {
    type WrittenByRequireAuth = ();
}

#[cfg(feature = "axum")]
impl PublicHandler for Refused {
    const NAME: &'static str = "refused";
}

/// What `admit` returns where `#[require_auth]` was refused; never runs, since that does not compile.
///
/// # Panics
/// Always.
#[must_use]
pub fn admit_refused<R>(_: R) -> (R, AccessToken<Refused>) {
    unreachable!("a refused attribute does not compile")
}

/// The audience of a scope that no API declares: no audience that was written is empty.
const UNKNOWN: Option<&str> = Some("");

/// Stands for a scope that no API declares, beside the compile error that says so.
#[derive(Debug)]
pub struct UnknownScope<const ERROR: usize>;

#[diagnostic::do_not_recommend]
impl<const ERROR: usize> DeclaredScope for UnknownScope<ERROR> {
    const NAME: &'static str = "";
    const AUDIENCE: Option<&'static str> = UNKNOWN;
}

/// rustc puts `()` where a registry's macro is not found, and says so itself.
#[diagnostic::do_not_recommend]
impl DeclaredScope for () {
    const NAME: &'static str = "";
    const AUDIENCE: Option<&'static str> = UNKNOWN;
}
