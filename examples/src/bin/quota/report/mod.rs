//! What an audit says: to people as tables, to programs as JSON.

mod broken;

mod findings;

mod columns;
mod table;

pub(crate) use broken::Broken;
pub(crate) use findings::Findings;
pub(crate) use table::table;
