//! Instances that share a store behave as one.

mod back_channel;
mod keys;
mod logins;
mod logouts;
mod outages;
mod refreshes;
