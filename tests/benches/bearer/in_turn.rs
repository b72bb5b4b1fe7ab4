//! Ratios of rows that take turns, a millisecond each, round after round.
//!
//! Criterion measures one row for seconds and then the next: on a machine that others use too, what
//! happens in those seconds is taken for the row's own. A ratio from one short round is of two
//! neighbours in time, and the median of many rounds is no outlier's.

use std::time::Duration;

use crate::rows::scenario::Scenario;

/// What each row took for a request, in each round.
pub(crate) struct InTurn<'a> {
    rows: Vec<(&'a str, Vec<f64>)>,
}

impl<'a> InTurn<'a> {
    /// Lets the rows take turns.
    pub(crate) async fn measure(scenarios: impl Iterator<Item = &'a Scenario>) -> Self {
        let mut rows = Vec::new();
        for scenario in scenarios {
            let trial = scenario.run(TRIAL).await.as_secs_f64() / TRIAL as f64;
            let requests = (TURN.as_secs_f64() / trial) as u64 + 1;
            rows.push((scenario, requests, Vec::with_capacity(ROUNDS)));
        }
        for _ in 0..ROUNDS {
            for (scenario, requests, times) in &mut rows {
                // The first requests find the tables of another row in the caches: not counted.
                scenario.run(*requests / 2).await;
                times.push(scenario.run(*requests).await.as_secs_f64() / *requests as f64);
            }
        }
        Self { rows: rows.into_iter().map(|(scenario, _, times)| (scenario.name.as_str(), times)).collect() }
    }

    /// The median, over all rounds, of what a row took in the time of another.
    pub(crate) fn ratio(&self, name: &str, other: &str) -> Option<f64> {
        let times = |name| self.rows.iter().find(|(row, _)| *row == name).map(|(_, times)| times);
        let mut ratios: Vec<f64> =
            times(name)?.iter().zip(times(other)?).map(|(took, other)| took / other).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ROUNDS / 2).copied()
    }
}

const TRIAL: u64 = 256;
const TURN: Duration = Duration::from_millis(1);
const ROUNDS: usize = 301;
