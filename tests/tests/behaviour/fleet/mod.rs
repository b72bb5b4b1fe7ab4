//! Instances that share a store behave as one.

mod keys;
mod logins;
mod logouts;
mod outages;
mod refreshes;
