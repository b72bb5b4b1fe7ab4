//! What strangers send: the bodies of the fuzz targets, each a function of bytes.
//!
//! # Rules
//! 1. A target is one function here, and one line in `targets/`; the function panics where an
//!    invariant does not hold, and says which.
//! 2. What a target expects is worked out apart from the library: by `serde_json`, `base64`, `url`, or by
//!    the list of what was really signed. A second copy of the library's own code would agree with it.
//! 3. Signed things are signed with the keys of the RFCs' own examples, whose private halves are
//!    published: see [`keys`]. Time stands still at [`NOW`], so that a finding can be found again.
//! 4. No target needs a network: what is fetched comes from a thread of the same process.
//!
//! # Layout
//! | where | what |
//! |---|---|
//! | `targets/` | the entries of libFuzzer |
//! | `corpus/` | seeds, written by `src/bin/seeds`, and what earlier runs found worth keeping |
//! | `dict/` | the words of each format |
//! | `found/`, `artifacts/` | what a run finds; ignored by git |

mod answers;
mod callback;
mod challenge;
mod choices;
mod claims;
mod dpop_proof;
mod gate;
mod header;
mod introspection;
mod json;
mod jwks;
mod jwt;
pub mod keys;
// Of a program, which nothing can depend on: the very files are compiled here.
#[allow(dead_code, unused_imports, reason = "the program uses the rest")]
#[path = "../../../examples/src/bin/quota/log/mod.rs"]
mod log;
mod mutation;
mod provider;
mod quota_headers;
#[cfg(test)]
mod replay;
mod session_cookie;
mod session_record;
pub mod shapes;
pub mod signed;
mod tenant_log;

use auth_layer::Timestamp;

pub use callback::callback;
pub use challenge::challenge;
pub use claims::claims;
pub use dpop_proof::{dpop_proof, nonce};
pub use header::header;
pub use introspection::introspection;
pub use jwks::jwks;
pub use jwt::jwt;
pub use mutation::mutate_token;
pub use quota_headers::quota_headers;
pub use session_cookie::session_cookie;
pub use session_record::session_record;
pub use tenant_log::tenant_log;

/// The moment at which every target is played: 2027-01-15T08:00:00Z.
pub const NOW: Timestamp = Timestamp::from_unix_seconds(NOW_SECONDS);
const NOW_SECONDS: u64 = 1_800_000_000;
/// Tolerated between two clocks.
const SKEW: u64 = 30;
/// The name of the API, and the only audience that is its own.
const API: &str = "https://api.example";
/// Trusted, and its tokens may be as Auth0, Keycloak, Okta and Entra ID write them.
const LENIENT: &str = "https://lenient.example";
/// Trusted, and its tokens keep to RFC 9068.
const STRICT: &str = "https://strict.example";
