//! Instances that share a store behave as one.

mod logouts;
mod outages;
mod refreshes;
