//! What operations of sessions cost a store, counted by the store's own server.
//!
//! # Rules
//! 1. Counted is what the server says it was sent: `MONITOR` of Redis, `pg_stat_statements` of PostgreSQL.
//!    What a script of ours does inside Redis is no command that anyone waits for on the wire.
//! 2. Everything is done twice, and counted the second time: the first one teaches Redis the scripts and
//!    prepares the statements.
//! 3. Each row is at an instance that has not seen the session before, so that nothing is believed; a row
//!    says so where it is otherwise.
//! 4. What an instance sends after it has answered, such as the note that a browser has its new cookie, is
//!    waited for and counted with the request.

mod engine;
mod life;

pub use engine::Engine;
pub use life::{
    AFTER_LOGOUT, AFTER_REFRESH, BACK_CHANNEL, Cost, LOGIN, LOGOUT, REFRESH, REQUEST, ROLL, TEN_MORE,
    commands_of,
};
