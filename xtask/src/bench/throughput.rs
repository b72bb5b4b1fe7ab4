//! Throughput over loopback: each rival beside the bare server, in paired runs.

use clap::Args;

use super::server::Served;
use super::wrk::{self, Load, Seen, Wrk};

/// How often, how long, and with how many.
#[derive(Args, Debug)]
pub(crate) struct Throughput {
    /// How often each server is loaded
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds, each time
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Threads of each server
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    workers: u32,
    /// Open connections
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// Hot tokens, sent in turn
    #[arg(long, default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..))]
    tokens: u32,
}

/// One server in one round.
#[derive(Clone, Copy, Debug)]
struct Run {
    per_second: f64,
    /// Seconds of processor time a second, and microseconds a request.
    busy: Option<(f64, f64)>,
}

impl Throughput {
    pub(crate) fn run(self) -> Result<(), String> {
        wrk::is_there()?;
        let served = Served::start(self.workers, self.tokens)?;
        let wrk = Wrk::with(&served.authorizations)?;
        for server in &served.servers {
            wrk.load(&server.url, Load { seconds: 1, connections: self.connections })?;
        }
        let mut runs = vec![Vec::new(); served.servers.len()];
        for round in 0..self.rounds {
            for at in turns(round, served.servers.len()) {
                let run = self.once(&wrk, &served, at)?;
                println!(
                    "round {}: {:<24} {:>8.0} a second",
                    round + 1,
                    served.servers[at].name,
                    run.per_second
                );
                runs[at].push(run);
            }
        }
        println!(
            "\n{} thread(s) a server, {} connections, {} hot token(s), {} rounds of {} s",
            self.workers, self.connections, self.tokens, self.rounds, self.seconds
        );
        println!(
            "{:<24} {:>9} {:>7} {:>15} {:>6} {:>11}",
            "", "a second", "x bare", "", "busy", "us/request"
        );
        for (server, of_this) in served.servers.iter().zip(&runs) {
            println!("{:<24} {}", server.name, line(of_this, &runs[0]));
        }
        Ok(())
    }

    fn once(&self, wrk: &Wrk, served: &Served, at: usize) -> Result<Run, String> {
        let before = served.processor_seconds();
        let load = Load { seconds: self.seconds, connections: self.connections };
        let Seen { requests, per_second } = wrk.load(&served.servers[at].url, load)?;
        let spent = before.zip(served.processor_seconds()).map(|(before, after)| after - before);
        let busy = spent.map(|spent| (spent * per_second / requests, spent * 1e6 / requests));
        Ok(Run { per_second, busy })
    }
}

/// Forwards and backwards by turns, so that a machine that slows down is unfair to none.
pub(super) fn turns(round: u32, servers: usize) -> Vec<usize> {
    if round.is_multiple_of(2) { (0..servers).collect() } else { (0..servers).rev().collect() }
}

fn line(runs: &[Run], bare: &[Run]) -> String {
    let ratios: Vec<f64> =
        runs.iter().zip(bare).map(|(run, bare)| run.per_second / bare.per_second).collect();
    let (least, most) = ratios
        .iter()
        .fold((f64::MAX, f64::MIN), |(least, most), ratio| (least.min(*ratio), most.max(*ratio)));
    let rate = median(runs.iter().map(|run| run.per_second));
    let busy = median(runs.iter().filter_map(|run| run.busy).map(|(share, _)| share));
    let cost = median(runs.iter().filter_map(|run| run.busy).map(|(_, cost)| cost));
    let shown = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |value| format!("{value:.2}"));
    format!(
        "{:>9.0} {:>7} {:>15} {:>6} {:>11}",
        rate.unwrap_or_default(),
        shown(median(ratios.iter().copied())),
        format!("({least:.2} to {most:.2})"),
        shown(busy),
        shown(cost),
    )
}

pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let (below, above) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some(below.midpoint(*above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_one_of_neighbours_and_not_of_two_medians() {
        // The machine halves its speed after the first round: the ratios do not notice.
        let of = |rates: [f64; 3]| rates.map(|per_second| Run { per_second, busy: None });
        let (bare, rival) = (of([100.0, 50.0, 40.0]), of([90.0, 45.0, 30.0]));
        let line = line(&rival, &bare);
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>(),
            ["45", "0.90", "(0.75", "to", "0.90)", "?", "?"]
        );
    }

    #[test]
    fn every_second_round_goes_the_other_way() {
        assert_eq!([turns(0, 3), turns(1, 3)], [vec![0, 1, 2], vec![2, 1, 0]]);
    }

    #[test]
    fn a_median_lies_between_the_two_in_the_middle() {
        for (values, expected) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![4.0, 1.0], Some(2.5)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
        ] {
            assert_eq!(median(values.iter().copied()), expected, "{values:?}");
        }
    }
}
