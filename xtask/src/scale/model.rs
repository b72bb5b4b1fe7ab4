//! The closed formulas: what one session does per second, on average.
//!
//! A user stays and is away for times without a memory, and sends requests meanwhile without one either.
//! So the time from one refresh to the next is what a token's age must be, and then the wait for a request:
//! short where the user is there, and long where not.

use super::inputs::{BELIEVED, Inputs, NOTE_KEPT, ROLL_AFTER};

/// What a session does per second, on average; times the sessions it is what the fleet does.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    pub(crate) requests: f64,
    pub(crate) refreshes: f64,
    pub(crate) rolls: f64,
    /// Requests of a cookie session for which its tombstones are looked for.
    pub(crate) look_ups: f64,
    /// Instances that see the new cookie of a refresh for the first time.
    pub(crate) first_seen: f64,
    /// Notes of refreshes that are kept at a moment, for each session.
    pub(crate) notes: f64,
}

impl Rates {
    pub(crate) fn of(inputs: &Inputs, instances: usize) -> Self {
        let instances = instances as f64;
        let requests = inputs.active * inputs.requests;
        let refreshes = 1.0 / cycle(inputs, inputs.refresh_after());
        // Of the time that a user is there, an instance believes for a while and then waits for a request.
        let at_each = inputs.requests / instances;
        let look_ups = requests / (1.0 + at_each * BELIEVED);
        Self {
            requests,
            refreshes,
            rolls: 1.0 / cycle(inputs, ROLL_AFTER),
            look_ups,
            first_seen: refreshes * instances_that_see(inputs, instances),
            notes: refreshes * (NOTE_KEPT + wait_when_there(inputs)),
        }
    }
}

/// From one refresh, or roll, to the next, where one is due at this age.
fn cycle(inputs: &Inputs, age: f64) -> f64 {
    let (leaving, coming) = (1.0 / inputs.stay, 1.0 / inputs.away());
    // It was a request that began the cycle: the user was there.
    let is_there = inputs.active + (1.0 - inputs.active) * (-(leaving + coming) * age).exp();
    age + wait_when_there(inputs) + (1.0 - is_there) * inputs.away()
}

/// Until the next request of a user who is there, and may leave before.
fn wait_when_there(inputs: &Inputs) -> f64 {
    (1.0 + inputs.away() / inputs.stay) / inputs.requests
}

/// How many instances get a request between two refreshes.
///
/// Each misses every request while the token is too young to be refreshed, and then the one that refreshes,
/// which still brings the cookie of the refresh before.
fn instances_that_see(inputs: &Inputs, instances: f64) -> f64 {
    let (leaving, coming, at_each) = (1.0 / inputs.stay, 1.0 / inputs.away(), inputs.requests / instances);
    // The chance to be missed decays at two speeds: that of who stays, and that of who is away meanwhile.
    let sum = leaving + coming + at_each;
    let root = (sum * sum - 4.0 * coming * at_each).sqrt();
    let (slow, fast) = ((root - sum) / 2.0, -(root + sum) / 2.0);
    let slowly = (-at_each - fast) / root;
    let age = inputs.refresh_after();
    let missed = slowly * (slow * age).exp() + (1.0 - slowly) * (fast * age).exp();
    instances * (1.0 - missed * (1.0 - 1.0 / instances))
}
