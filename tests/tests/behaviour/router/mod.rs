//! The guarded router: it answers as axum's does, and its table tells what is served.

mod access_table;
mod definitions;
mod program;
mod reports;
mod same_answers;
mod served;
