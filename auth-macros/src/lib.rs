//! The macros of auth-layer; use them as `auth_layer::require_auth`, `auth_layer::public`,
//! `auth_layer::scopes` and `auth_layer::client`.
//!
//! # Rules
//! 1. Each macro is a pipeline: `args` parses, `model` says what is meant, `check` refuses, `expand`
//!    emits, and `fallback` keeps what was written alive beside an error.
//! 2. Every refusal stands at the user's token, says what is wrong and the line to write; all are
//!    told at once.
//! 3. An expansion is small and names absolute paths only; what it calls is in `auth_layer::__private`.
//! 4. A handler is cut where its tokens say, and never parsed: rustc reads it before and after.

mod client;
mod definition;
mod fallback;
mod function;
mod paths;
mod public;
mod require_auth;
mod scope_grammar;
mod scopes;
mod suggest;

use proc_macro::TokenStream;

/// Lets only authenticated requests reach a handler, and types its token by what it requires.
///
/// ```standalone_crate
/// use auth_layer::token::Grants;
/// use auth_layer::{AccessToken, require_auth};
/// use axum::extract::State;
/// use scopes::ReadProducts;
///
/// mod scopes {
///     auth_layer::scopes! {
///         pub api Products = "https://api.shop.example" {
///             ReadProducts = "read:products",
///             WriteProducts = "write:products",
///         }
///     }
/// }
///
/// #[derive(Clone)]
/// struct Backend;
///
/// impl Backend {
///     async fn list(&self, token: &AccessToken<impl Grants<ReadProducts>>) -> String {
///         /* sends `token.authorization()` */
/// #       token.scopes().to_string()
///     }
/// }
///
/// #[require_auth(scopes = ["read:products"])]
/// async fn products(token: AccessToken, State(backend): State<Backend>) -> String {
///     backend.list(&token).await
/// }
///
/// fn app() -> axum::Router<Backend> {
///     axum::Router::new().route("/products", axum::routing::get(products))
/// }
/// # fn main() {}
/// ```
/// Without `"read:products"` in its list, `products` would not compile: `` `ProductsHandler` does not
/// require the scope `ReadProducts`, which this call needs ``.
///
/// # Keys
/// | key | requires |
/// |---|---|
/// | (none) | that a user is logged in, or that a client brings a good token |
/// | `scopes = ["read:products", WriteProducts]` | all of these scopes; to the compiler it grants what they include too |
/// | `any_scopes = ["read:products", "admin"]` | at least one of these scopes; to the compiler it grants none of them |
/// | `permissions = ["products:write"]`, `any_permissions = [..]` | all of these permissions, at least one of them: the claim `permissions` (Auth0's RBAC) |
/// | `roles = ["admin"]`, `any_roles = [..]` | all of these roles, at least one of them: the claims `roles` and `realm_access.roles` |
/// | `acr = "urn:example:mfa"`, or a list, the best first | one of these classes of authentication (RFC 9470): the claim `acr` |
/// | `max_age = 300`, `max_age = 5 * 60` | that the user authenticated no longer ago than these seconds (RFC 9470): the claim `auth_time` |
/// | `organization`, `organization = "org_abc"` | that the user logged in to an organization, or to this one: Auth0's `org_id` and `org_name` |
/// | `user`, `client` | that the token stands for a user, or for a client |
/// | `audience = "https://api.shop.example"` | a token of this audience; default: the one of the API that declares the scopes, or else the configured one |
/// | `registry = crate::scopes` | where the text of a scope is looked up: the module of [`scopes!`]; default: `crate::scopes` |
/// | `crate = ::auth_layer` | where auth-layer is found, if it was renamed or re-exported |
///
/// All keys together are required.
/// A scope is its text, looked up in the registry, or the path of its type.
/// `scopes` and `any_scopes` together require both.
/// A token has one audience, so all scopes of one attribute are of APIs with one audience.
/// A list is not empty and names nothing twice.
///
/// Claims are those of the bearer token, or of its introspection; with a session they are the user's, from
/// the id token of the login, since the session's access token is opaque here (RFC 6749 §1.4).
/// Where a provider writes them elsewhere, `with_roles_claims` and the like of `TrustedIssuer` and
/// `AuthConfigBuilder` say so.
///
/// # What a request gets
/// A request that does not meet the rule never reaches the handler.
/// Nobody logged in: a page is redirected to the login, a call gets 401.
/// A scope missing: 403 `insufficient_scope`, with the scopes required and missing.
/// A permission, a role, the organization missing, or a token of another principal: 403.
/// Authenticated too weakly or too long ago: 401 `insufficient_user_authentication` with `acr_values` and
/// `max_age`; a page is redirected to a login that asks for that, and comes back.
/// See `auth_layer::gate`.
///
/// # Rules
/// 1. The handler is a free `async fn`, or one in an `impl` that has the attribute too; its name, generics,
///    attributes and documentation stay.
/// 2. Its token is a parameter `token: AccessToken`, at most one, at any place before an extractor of the
///    body, since axum takes the body last; it may be left out.
/// 3. Authentication runs before every other extractor: where the token is not the first parameter,
///    a guard is put before the first.
/// 4. The token's type becomes `AccessToken<ProductsHandler>`, of a type that the attribute writes
///    beside the handler `products`, with its visibility. It implements `Grants` for each of `scopes`.
///    Of `any_scopes` it grants none, so what needs `Grants` of one does not compile: which of them is
///    there is known at run time only, and `token.scopes()` says it.
/// 5. Other attributes that read the signature, such as `#[axum::debug_handler]`, stand below
///    `#[require_auth]`: above it they see the function before the token has its type, and before the
///    guard is there.
///
/// # Above a module or an `impl`
/// There the attribute guards nothing by itself: its keys are the defaults of the handlers within, and a
/// key of a handler's own takes the place of the same key (`user` and `client` are one key).
/// ```standalone_crate
/// # fn main() {}
/// # mod scopes { auth_layer::scopes! { pub(crate) api Products { ReadProducts = "read:products" } } }
/// use auth_layer::{AccessToken, require_auth};
/// use axum::routing::get;
///
/// #[require_auth(roles = ["admin"], max_age = 300)]
/// mod admin {
///     use auth_layer::require_auth;
///
///     #[require_auth] // an administrator, who has just logged in
///     pub(crate) async fn orders() {}
///
///     #[require_auth(roles = ["clerk"])] // a clerk, who has just logged in
///     pub(crate) async fn stock() {}
/// }
///
/// struct Catalogue;
///
/// #[require_auth(scopes = ["read:products"])]
/// impl Catalogue {
///     #[require_auth]
///     async fn list(token: AccessToken) {} // an `AccessToken<CatalogueListHandler>`
/// }
///
/// fn app() -> axum::Router {
///     axum::Router::new().route("/", get(Catalogue::list)).route("/orders", get(admin::orders))
/// }
/// ```
/// 1. In a module, and among the functions without `self` of an `impl`, an `async fn` that others see and
///    that has neither `#[require_auth]` nor `#[public]` is refused: it was forgotten.
/// 2. In the `impl` of a trait every `async fn` is called from outside, so each is guarded, with the
///    defaults where it says nothing; `#[public]` above one says that anyone may call it. A method that the
///    trait itself answers and the `impl` leaves out is not seen from here, and is as open as the trait
///    leaves it; one that a macro would write is refused.
/// 3. A handler in an `impl` needs the attribute above the `impl`, with or without keys: what it writes has
///    its place there. On a method alone rustc says that a struct is not supported in an `impl`.
/// 4. The handlers of a module in a file of its own are out of reach: the attribute stands above each.
///    So are those in a function, in what a macro is given, and behind `cfg_attr`, which are refused where
///    there are defaults. Of what a macro writes, and of an attribute under another name
///    (`use .. require_auth as guard`), nothing is seen: such a handler has what it says itself.
///
/// # Above a struct
/// There it names a token that the program asks for itself, as a machine or by exchange: the type grants the
/// scopes, as a handler's does, and `auth_layer::ClientCredentials` gets a token of it.
/// ```standalone_crate
/// # fn main() {}
/// # mod scopes { auth_layer::scopes! { pub api Products = "https://api.shop.example" { ReadProducts = "read:products" } } }
/// use auth_layer::machine::MachineTokenError;
/// use auth_layer::token::Grants;
/// use auth_layer::{AccessToken, ClientCredentials, require_auth};
///
/// /// The worker that counts the stock.
/// #[require_auth(scopes = ["read:products"])]
/// struct CountsStock;
///
/// async fn list(token: &AccessToken<impl Grants<scopes::ReadProducts>>) { /* .. */ }
///
/// async fn count(machine: &ClientCredentials) -> Result<(), MachineTokenError> {
///     list(&machine.token::<CountsStock>().await?).await; // one exchange, however often this runs
///     Ok(())
/// }
/// ```
/// It takes `scopes`, `audience`, `registry` and `crate`; what only a request can meet is refused.
///
/// # Without axum
/// A function whose first parameter is a `Request` is called with it, and the attribute takes the
/// token's parameter away.
/// It returns an `http::Response<B>` with `B: Default`, a `Result` of one, or what implements
/// `auth_layer::layer::FromRejection`, so that a refused request can be answered.
/// Other parameters stay as they are.
/// ```
/// use auth_layer::{AccessToken, require_auth};
/// use http::{Request, Response};
///
/// #[require_auth]
/// async fn whoami<B>(request: Request<B>, token: AccessToken) -> Response<String> {
///     Response::new(format!("{}: {}", request.uri(), token.scopes()))
/// }
///
/// let response = whoami(Request::new(())); // a future of a response, without the token
/// # drop(response);
/// ```
/// A handler of axum's that takes the whole `Request` names its token first:
/// `async fn upload(token: AccessToken, request: Request)`.
///
/// # With tonic
/// The attribute goes above the `impl` of a service, before `#[tonic::async_trait]`: every method is guarded,
/// and may take a token, which the trait does not know. A refused call gets a `Status`. It needs the feature
/// `tonic` of auth-layer.
/// ```
/// # struct Shelf;
/// # #[tonic::async_trait]
/// # trait Shop {
/// #     async fn list(&self, request: Request<String>) -> Result<Response<String>, Status>;
/// #     async fn ping(&self, request: Request<()>) -> Result<Response<()>, Status>;
/// # }
/// use auth_layer::{AccessToken, require_auth};
/// use tonic::{Request, Response, Status};
///
/// #[require_auth(user)]
/// #[tonic::async_trait]
/// impl Shop for Shelf {
///     #[require_auth(max_age = 300)]
///     async fn list(&self, request: Request<String>, token: AccessToken) -> Result<Response<String>, Status> {
///         Ok(Response::new(format!("{} for {:?}", request.get_ref(), token.subject())))
///     }
///
///     #[public]
///     async fn ping(&self, _: Request<()>) -> Result<Response<()>, Status> {
///         Ok(Response::new(()))
///     }
/// }
/// # fn main() {}
/// ```
/// A free function over `tonic::Request` takes the attribute as one over any `Request` does, and the method
/// calls it: `list(request, self).await`.
/// It returns `Result<tonic::Response<T>, E>` of an `E` that is `From<Rejection>`, as `Status` is.
/// See `auth_layer::grpc`.
///
/// # What does not compile
/// A text of a scope where there is no registry:
/// ```text
/// error[E0433]: cannot find `scopes` in `crate`
///    |
///    | #[require_auth(scopes = ["read:products"])]
///    |                          ^^^^^^^^^^^^^^^ could not find `scopes` in the crate root
/// ```
/// Put a module `scopes` that holds [`scopes!`] at the root of the crate, or say where it is:
/// `registry = crate::auth::scopes`.
///
/// A scope that no API declares:
/// ```standalone_crate,compile_fail
/// # fn main() {}
/// # use auth_layer::{AccessToken, require_auth};
/// # mod scopes { auth_layer::scopes! { pub api Products { ReadProducts = "read:products" } } }
/// #[require_auth(scopes = ["read:prodcts"])] // unknown scope, did you mean "read:products"?
/// async fn products(token: AccessToken) {}
/// ```
/// Nor do: `max_age = 0`, a `client` that is to log in (`acr`, `max_age`), a token behind an extractor of
/// the body (`Json`, `Form`, `Bytes`, `String`, `Multipart`, `Request`), an empty list, a scope twice, a malformed scope, an unknown key, two tokens, an
/// `Option<AccessToken>`, `self`, a function that is not async, a `tonic::Request` that is not first.
#[proc_macro_attribute]
pub fn require_auth(args: TokenStream, item: TokenStream) -> TokenStream {
    require_auth::expand(args.into(), item.into()).into()
}

/// Says that anyone may call a handler, for the guarded router of `auth_layer::axum`.
///
/// That router takes only handlers that say who may call them: [`macro@require_auth`] says who, and this
/// says that it does not matter.
/// ```
/// use auth_layer::axum::{Router, routing::get};
/// use auth_layer::{User, public};
///
/// #[public]
/// async fn home(user: Option<User>) -> String {
///     user.map_or("nobody is logged in".into(), |user| format!("hello {}", user.subject()))
/// }
///
/// let app: Router = Router::new().route("/", get(home));
/// # drop(app);
/// ```
///
/// # Rules
/// 1. The handler is a free `async fn`; its name, generics, attributes and documentation stay.
/// 2. A marker is put before its first parameter, which costs nothing and refuses nobody.
/// 3. It may ask who calls: `Option<User>`, `Option<Session>`, `Option<AccessToken>`. An `AccessToken`
///    that has to be there is refused.
/// 4. `#[public]` and `#[require_auth]` on one handler are refused.
///    In a module or an `impl` under `#[require_auth]` it is for the handlers that anyone may call; in an
///    `impl` of a trait it writes nothing.
/// 5. Other attributes that read the signature, such as `#[axum::debug_handler]`, stand below it.
///
/// Its one argument is `crate = ::auth_layer`: where auth-layer is found, if it was renamed or re-exported.
#[proc_macro_attribute]
pub fn public(args: TokenStream, item: TokenStream) -> TokenStream {
    public::expand(args.into(), item.into()).into()
}

#[doc = include_str!("scopes/scopes.md")]
#[proc_macro]
pub fn scopes(tokens: TokenStream) -> TokenStream {
    scopes::expand(tokens.into()).into()
}

#[doc = include_str!("client/client.md")]
#[proc_macro]
pub fn client(tokens: TokenStream) -> TokenStream {
    client::expand(tokens.into()).into()
}

/// Writes what a handler grants, each scope once; called where scopes include each other.
#[doc(hidden)]
#[proc_macro]
pub fn granted(tokens: TokenStream) -> TokenStream {
    scopes::granted(tokens.into()).into()
}

/// Reports the text of a scope that no API declares; called by what `scopes!` writes.
#[doc(hidden)]
#[proc_macro]
pub fn unknown_scope(tokens: TokenStream) -> TokenStream {
    scopes::unknown(tokens.into()).into()
}
