//! Every token exchange, by grant: what was asked, what came of it, and what it costs.
//!
//! The provider's tenant log says the same, a while later and in its own words; `quota audit` of the
//! examples compares the two.
//!
//! # Rules
//! 1. An exchange is counted when it is over, under the code that the tenant's log gives it:
//!
//!    | grant | token | refused | counts against an M2M quota |
//!    |---|---|---|---|
//!    | a login, which is no exchange | `s` | | no |
//!    | authorization code | `seacft` | `feacft` | no |
//!    | refresh token | `sertft` | `fertft` | no |
//!    | client credentials, for an API of yours | `seccft` | `feccft` | a token does |
//!    | client credentials, for an API of the provider's own | `seccft` | `feccft` | no |
//!    | token exchange, on behalf of | `success_on_behalf_of_token_exchange` | `failed_on_behalf_of_token_exchange` | not documented |
//!    | token exchange, of a type of one's own | `secte` | `fecte` | not documented |
//!    | token of a federated connection | `seta` | `feta` | not documented |
//!
//!    An exchange that got no answer, or was told that there are too many requests, has no code: the log
//!    may or may not know of it.
//! 2. Only tokens of the client credentials grant count, as Auth0 has it, and of those not the ones for its
//!    own APIs: management (`/api/v2/`), userinfo, `/me/`, `/my-org/` and `/mfa/` at the issuer, or at a
//!    host of `auth0.com`. A login, a code's exchange and a refresh never do, whatever their audience.
//! 3. Counts are by hours, days and months of UTC, as quotas are.
//! 4. They are of this process, since it started; where instances share a store, also of all of them, and
//!    they outlive each: see [`Ledger::report_of_fleet`].
//! 5. What counts is brought to the store at once, the rest within five seconds, and both when the
//!    application drains. It is added once, also where the store's answer was lost.
//!
//! # Limits
//! 62 days; 256 distinct lines a day, beyond which what is counted has no client, audience and organization.
//! An instance that is killed loses what it had not brought: five seconds of users' exchanges.
//! Who can write to the store can write the ledger: it is not sealed, since it holds no secret.
//!
//! # Example
//! ```
//! use auth_layer::ledger::{Grant, Outcome};
//!
//! // A machine's token is logged so, and its refusal so; one without an answer is not.
//! assert_eq!(Grant::ClientCredentials.log_code(Outcome::Token), Some("seccft"));
//! assert_eq!(Grant::ClientCredentials.log_code(Outcome::Refused), Some("feccft"));
//! assert_eq!(Grant::ClientCredentials.log_code(Outcome::NoAnswer), None);
//! ```

mod book;
mod counts;
mod exchange;
mod forecast;
mod grant;
mod quota;
mod report;
mod shared;
mod table;
mod tally;

pub use book::Ledger;
pub(crate) use exchange::Exchange;
pub(crate) use forecast::Limit;
pub use forecast::{Forecast, SetBy};
pub use grant::{Grant, Outcome};
pub use quota::Quota;
pub(crate) use quota::is_built_in;
pub use report::{LedgerLine, LedgerPeriod, LedgerReach, LedgerReport};
