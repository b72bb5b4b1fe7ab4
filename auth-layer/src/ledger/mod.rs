//! Every token exchange, by grant: what was asked, what came of it, and what it costs.
//!
//! # Rules
//! 1. An exchange is counted when the provider has answered, under the code that the tenant's log
//!    gives it: `seacft` and `feacft`, `sertft` and `fertft`; a login is `s`.
//! 2. Only client credentials exchanges count against an M2M quota. A login, the exchange of a code
//!    and a refresh never do, whatever their audience.
//! 3. The counts are of this process, since it started.
//!
//! # Limits
//! 1,024 distinct lines; what is beyond is counted without its audience.

mod book;
mod exchange;

pub use book::{Ledger, LedgerLine, LedgerReport};
pub(crate) use exchange::Exchange;
pub use exchange::Grant;
