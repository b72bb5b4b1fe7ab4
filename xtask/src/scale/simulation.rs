//! The simulation: users who come, send requests to any instance, and leave.
//!
//! Each session is taken through its events by itself, since none of them waits for another session's.

use super::inputs::{BELIEVED, Inputs, NOTE_KEPT, ROLL_AFTER};
use super::model::Rates;
use super::random::Dice;

/// What is simulated, and for how long, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub(crate) sessions: usize,
    pub(crate) instances: usize,
    pub(crate) seconds: f64,
    pub(crate) seed: u64,
}

/// What the sampled sessions did, in all.
#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    refreshes: u64,
    rolls: u64,
    look_ups: u64,
    first_seen: u64,
    /// Seconds for which notes were kept.
    kept: f64,
}

impl Sample {
    /// Simulates, and returns what a session did per second.
    pub(crate) fn run(&self, inputs: &Inputs) -> Rates {
        // Nothing is counted before the first tokens and notes have come and gone.
        let begin = 2.0 * (inputs.token + inputs.away() + NOTE_KEPT);
        let mut counts = Counts::default();
        let mut session = Session::new(self.instances);
        for number in 0..self.sessions {
            session.begin();
            let dice = Dice::new(self.seed ^ (number as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
            session.live(inputs, dice, begin, begin + self.seconds, &mut counts);
        }
        let seconds = self.sessions as f64 * self.seconds;
        let rate = |count: u64| count as f64 / seconds;
        Rates {
            requests: rate(counts.requests),
            refreshes: rate(counts.refreshes),
            rolls: rate(counts.rolls),
            look_ups: rate(counts.look_ups),
            first_seen: rate(counts.first_seen),
            notes: counts.kept / seconds,
        }
    }
}

/// A session as its browser, the store and the instances know it.
struct Session {
    issued_at: f64,
    rolled_at: f64,
    refreshes: u64,
    /// When the note of the last refresh was written, until a browser has shown its cookie.
    unacknowledged: Option<f64>,
    /// Until when each instance believes that the session lives.
    believed: Vec<f64>,
    /// Which refresh each instance has seen last.
    seen: Vec<u64>,
}

impl Session {
    fn new(instances: usize) -> Self {
        Self {
            issued_at: 0.0,
            rolled_at: 0.0,
            refreshes: 0,
            unacknowledged: None,
            believed: vec![0.0; instances],
            seen: vec![0; instances],
        }
    }

    /// Makes it a new one.
    fn begin(&mut self) {
        let (mut believed, mut seen) = (std::mem::take(&mut self.believed), std::mem::take(&mut self.seen));
        believed.fill(0.0);
        seen.fill(0);
        *self = Self { issued_at: 0.0, rolled_at: 0.0, refreshes: 0, unacknowledged: None, believed, seen };
    }

    fn live(&mut self, inputs: &Inputs, mut dice: Dice, begin: f64, end: f64, counts: &mut Counts) {
        let (mut now, mut is_there) = (0.0, dice.share() < inputs.active);
        while now < end {
            let until = now + dice.wait(if is_there { inputs.stay } else { inputs.away() });
            if is_there {
                let mut next = now + dice.wait(1.0 / inputs.requests);
                while next < until.min(end) {
                    self.request(inputs, next, dice.one_of(self.seen.len()), (begin, end), counts);
                    next += dice.wait(1.0 / inputs.requests);
                }
            }
            (now, is_there) = (until, !is_there);
        }
        if let Some(written) = self.unacknowledged {
            counts.kept += overlap((written, end), (begin, end));
        }
    }

    fn request(&mut self, inputs: &Inputs, now: f64, at: usize, window: (f64, f64), counts: &mut Counts) {
        let counted = u64::from(now >= window.0);
        counts.requests += counted;
        if now >= self.believed[at] {
            self.believed[at] = now + BELIEVED;
            counts.look_ups += counted;
        }
        if self.seen[at] != self.refreshes {
            self.seen[at] = self.refreshes;
            counts.first_seen += counted;
            if let Some(written) = self.unacknowledged.take() {
                counts.kept += overlap((written, now + NOTE_KEPT), window);
            }
        }
        if now - self.issued_at >= inputs.refresh_after() {
            self.issued_at = now;
            self.refreshes += 1;
            self.unacknowledged = Some(now);
            counts.refreshes += counted;
        }
        if now - self.rolled_at >= ROLL_AFTER {
            self.rolled_at = now;
            counts.rolls += counted;
        }
    }
}

/// How long two times have in common.
fn overlap(one: (f64, f64), other: (f64, f64)) -> f64 {
    (one.1.min(other.1) - one.0.max(other.0)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formula_and_simulation_agree_to_a_tenth() {
        let usual = Inputs {
            active: 0.05,
            stay: 1_200.0,
            requests: 0.1,
            token: 3_600.0,
            session: 86_400.0,
            logouts: 0.2,
        };
        let busy = Inputs { active: 0.3, requests: 0.5, token: 600.0, ..usual };
        let rare = Inputs { active: 0.02, stay: 300.0, requests: 0.05, token: 1_800.0, ..usual };
        for (name, inputs) in [("usual", usual), ("busy", busy), ("rare", rare)] {
            for instances in [1, 3, 20] {
                let sample = Sample { sessions: 1_000, instances, seconds: 14_400.0, seed: 1 };
                let (formula, seen) = (Rates::of(&inputs, instances), sample.run(&inputs));
                for (what, formula, seen) in [
                    ("requests", formula.requests, seen.requests),
                    ("refreshes", formula.refreshes, seen.refreshes),
                    ("rolls", formula.rolls, seen.rolls),
                    ("look-ups", formula.look_ups, seen.look_ups),
                    ("first seen", formula.first_seen, seen.first_seen),
                    ("notes", formula.notes, seen.notes),
                ] {
                    let off = (seen / formula - 1.0).abs();
                    assert!(off < 0.1, "{name}, {instances} instances, {what}: {formula} and {seen}");
                }
            }
        }
    }
}
