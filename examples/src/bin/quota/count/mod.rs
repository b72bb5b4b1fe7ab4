//! What the events of a log come to: quota, what cost none, and waste.
//!
//! # Rules
//! 1. `seccft` for an external audience counts against the M2M quota; for one of the tenant's own, such as
//!    `https://TENANT/api/v2/`, it does not.
//! 2. Logins, codes, refreshes and failures do not count, whatever their audience. Token exchange (custom:
//!    `secte`, on behalf of a user: `success_on_behalf_of_token_exchange`, Token Vault: `seta`) is documented
//!    neither way, so it is shown apart and in no sum.
//! 3. A token is waste where it was fetched while one of the same client, audience, scope set and
//!    organization was living: less than a lifetime after the fetch before. All times are kept and sorted,
//!    so that the order of the log does not matter.
//! 4. What would have sufficed is the least number of tokens of which one was living at each fetch.
//! 5. An event whose `log_id` came before is counted once.
//!
//! # Limits
//! - A `log_id` is known again within the 65,536 events that follow it.
//! - 10,000 names each of clients, audiences and organizations; what is beyond is counted under "(others)",
//!   and not looked at for waste.
//! - Waste is found in 8,000,000 fetches of 100,000 sets; what is beyond is counted, and said.
//! - With all of them used up at once, and names of 512 bytes, that is about 200 MB.

mod builtin;
mod cost;
mod names;
mod seen;
mod span;

mod waste;

mod tally;

#[cfg(test)]
mod tests;

pub(crate) use builtin::Builtins;
pub(crate) use cost::{Cost, cost};
pub(crate) use names::{NONE, NameId, Names};
pub(crate) use span::Order;
pub(crate) use tally::Tally;
pub(crate) use waste::{Lifetimes, Waste, WastefulSet};
