//! The command line.

use clap::Args;

use super::inputs::Inputs;
use super::model::Rates;
use super::simulation::Sample;
use super::table::Fleet;

/// Which fleets, and how exactly they are simulated.
#[derive(Args, Debug)]
pub(crate) struct Scale {
    /// Only a fleet of so many sessions
    #[arg(long, requires = "instances")]
    sessions: Option<f64>,
    /// On so many instances
    #[arg(long, requires = "sessions", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    instances: Option<u32>,
    /// How many sessions are simulated
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(100..))]
    sample: u32,
    /// For how many seconds
    #[arg(long, default_value_t = 14_400.0)]
    seconds: f64,
    /// The same seed throws the same dice
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    inputs: Inputs,
}

impl Scale {
    pub(crate) fn run(self) -> Result<(), String> {
        self.inputs.judge()?;
        let fleets = match (self.sessions, self.instances) {
            (Some(sessions), Some(instances)) if sessions >= 1.0 => {
                vec![Fleet { sessions, instances: instances as usize }]
            }
            (Some(sessions), _) => return Err(format!("--sessions {sessions} is nothing: choose 1 or more")),
            _ => FLEETS.to_vec(),
        };
        println!(
            "{} sessions simulated for {:.0} s; {:.1} % in use, for {:.0} s at a time, with {} requests per second; \
             access tokens of {:.0} s\n",
            self.sample,
            self.seconds,
            self.inputs.active * 100.0,
            self.inputs.stay,
            self.inputs.requests,
            self.inputs.token,
        );
        for fleet in fleets {
            let sample = Sample {
                sessions: self.sample as usize,
                instances: fleet.instances,
                seconds: self.seconds,
                seed: self.seed,
            };
            let formula = Rates::of(&self.inputs, fleet.instances);
            println!("{}", fleet.table(&self.inputs, &formula, &sample.run(&self.inputs)));
        }
        Ok(())
    }
}

const FLEETS: [Fleet; 3] = [
    Fleet { sessions: 1e6, instances: 3 },
    Fleet { sessions: 1e7, instances: 10 },
    Fleet { sessions: 1e8, instances: 100 },
];
