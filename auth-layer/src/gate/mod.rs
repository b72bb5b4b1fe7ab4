//! Who passes: from a request's credentials and a handler's [`Rule`](crate::token::Rule) to a token or a refusal.
//!
//! # Rules
//! 1. No session: 401 with `WWW-Authenticate: Bearer` and problem+json (RFC 6750 §3, RFC 9457) for a
//!    call; a page navigation is sent to login and comes back to where it was.
//! 2. A request that may change state (anything but GET, HEAD, OPTIONS, and also those where they
//!    `Upgrade` to a socket) and brings a session cookie
//!    needs proof that it comes from this origin: 403 otherwise.
//! 3. The token is expired and the provider gives no answer: 503 with `Retry-After`, the session stays.
//! 4. The provider ended the grant: the session is cleared, then as 1.
//! 5. A scope is missing: 403 `insufficient_scope`, with what is required and what is missing. So it is
//!    with permissions and roles, without an error code, since RFC 6750 has none for them; and with a
//!    token of another organization, or of a client where a user is wanted.
//! 6. Only then, the user authenticated too weakly or too long ago: 401 `insufficient_user_authentication`
//!    with `acr_values` and `max_age` (RFC 9470 §3); a page navigation is sent to a login that asks for
//!    that. A login that comes back with less is refused, so that nobody goes in circles.
//! 7. A bearer token that is present and not good is a 401 `invalid_token`, malformed credentials are a
//!    400 `invalid_request` (RFC 6750 §3.1): there is no falling back to the session. A good one needs no
//!    proof of origin, and its response sets no cookie of ours.
//! 8. The layer is missing: 500, and the log says which line to add. Never open.
//!
//! # Attacks
//! Cross-site request forgery (RFC 9700 §4.7); counter-measures that fail open.
//!
//! # Example
//! ```no_run
//! # #[cfg(all(feature = "axum", feature = "macros"))] {
//! use auth_layer::{Session, User};
//!
//! async fn home(user: Option<User>) -> String {
//!     user.map_or("nobody".into(), |user| user.subject().to_string())
//! }
//! # let _ = axum::Router::<()>::new().route("/", axum::routing::get(home));
//! # }
//! ```

mod authenticate;
mod authenticating;
mod bearer;
mod claims;
mod context;
mod navigation;
mod origin;
mod parties;
mod rejection;
mod require;
mod session;
mod shortfall;

pub(crate) use authenticate::{
    authenticate, cookie_session, introduce, session, unauthenticated, with_session,
};
#[cfg(feature = "axum")]
pub(crate) use authenticate::{no_session, user};
#[cfg(feature = "axum")]
pub(crate) use authenticating::Authenticating;
pub(crate) use context::{Context, Looking, SessionContext};
pub(crate) use navigation::{is_navigation, is_prefetch, sent_to};
pub(crate) use parties::Parties;
pub use rejection::{Rejection, RejectionKind};
pub use session::{AccessTokenRequest, Session};
