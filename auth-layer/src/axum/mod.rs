//! axum's router, for handlers that say who may call them: a forgotten route does not compile.
//!
//! Two lines of a program of axum's change: `use axum::Router` and `use axum::routing::get` become
//! `use auth_layer::axum::Router` and `use auth_layer::axum::routing::get`.
//! All else is as it was, and each handler that lacks its attribute is an error at its route.
//!
//! # Rules
//! 1. A handler says who may call it by its first extractor: `#[require_auth]` and `#[public]` put one
//!    there. A [`Session`](crate::Session) or a [`User`](crate::User) that stands first says it too, since
//!    each refuses a stranger. An `Option` of them says nothing, nor does an `AccessToken` without an
//!    attribute, nor an extractor of your own.
//! 2. That holds for every handler: of a route, of a nested or merged router, of each fallback.
//! 3. A service has no attribute: whoever routes one writes [`public_service`] around it, or
//!    [`danger_guarded_elsewhere`] where it authenticates its callers itself. So does whoever nests or
//!    merges a router of axum's.
//! 4. [`Router::access_table`] tells of each route who may call it: as text, Markdown, JSON, as `security`
//!    in an OpenAPI document, as an API for Auth0; and where a definition says another thing, or says it for
//!    another audience ([`AccessTable::drift`]).
//! 5. axum gets the same handlers as without it: a request costs what it costs there, and is answered as
//!    it is answered there.
//!
//! # Attacks
//! A route that nobody thought to protect (broken access control, OWASP A01:2021; a fallback or a nested
//! router is one too). An `impl FromRequest` of the application's own for a `Session`, for axum to run in
//! place of the check: [`RunIn`].
//!
//! # Limits
//! - A layer may answer in a handler's place, and its answer is not judged. Nor are the routes of the
//!   [`AuthLayer`](crate::AuthLayer) itself: those of login and logout are in no table.
//! - axum lets anyone implement `Handler`: an implementation by hand that names a `Session` among its
//!   extractors, and never runs it, is believed. [`ProtectedHandler`] itself cannot be implemented.
//! - What is added to a router after [`Router::into_axum`] is not judged.
//! - Without the layer around it a protected handler answers 500, and the log says which line to add.
//!
//! # Example
//! ```
//! # #[cfg(feature = "macros")]
//! # {
//! use auth_layer::axum::{Router, routing::get};
//! use auth_layer::{AccessToken, public, require_auth};
//!
//! #[public]
//! async fn home() -> &'static str {
//!     "anyone may read this"
//! }
//!
//! #[require_auth]
//! async fn whoami(token: AccessToken) -> String {
//!     token.scopes().to_string()
//! }
//!
//! let app: Router = Router::new().route("/", get(home)).route("/whoami", get(whoami));
//! for row in &app.access_table() {
//!     println!("{:?} {} {:?}", row.method(), row.path(), row.access());
//! }
//! # }
//! ```
//! Without its attribute the same handler is refused: `this route is not protected: its handler does not
//! say who may call it`.
//! ```compile_fail
//! use auth_layer::axum::{Router, routing::get};
//!
//! async fn whoami(token: auth_layer::AccessToken) -> String {
//!     token.scopes().to_string()
//! }
//!
//! let app: Router = Router::new().route("/whoami", get(whoami)); // does not compile
//! ```
//!
//! # What axum has and this has not
//! | there | here |
//! |---|---|
//! | a closure as a handler | an `async fn`, which can have an attribute; or a closure that takes a `Session` or a `User` first |
//! | a value as a handler: `get("text")` | an `async fn` that returns it, under `#[public]` |
//! | `#[require_auth]` on a function of the whole `Request` alone | `(token: AccessToken, request: Request)` |
//! | a method router as a handler | `Router::route`, or `MethodRouter::merge` |
//! | `merge` of what is `Into<Router>` | `Router::from` first; a router of axum's with a word, as rule 3 has it |
//! | extension traits of other crates for axum's router | [`Router::into_axum`], last of all |
//!
//! What takes axum's router takes this one after [`Router::into_axum`], or by `From`.

mod access;
mod access_table;
mod method_router;
mod protected;
mod public;
mod report;
mod router;
mod routes;
pub mod routing;
mod row;
mod serve;
mod services;

pub use access::Access;
pub(crate) use access::Protection;
pub use access_table::AccessTable;
pub use protected::{Check, Extractors, NoExtractor, ProtectedHandler, RunIn};
#[doc(hidden)]
pub use public::{Public, PublicHandler};
pub use report::{ApiDefinition, DefinitionError, Drift};
pub use router::Router;
pub use row::{Reach, Row};
pub use services::{
    DeclaredService, GuardedElsewhere, JoinableRouter, PublicService, RoutableService,
    danger_guarded_elsewhere, public_service,
};
