//! The command `audit`: reads logs, and says what counted.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};

use crate::count::{Builtins, Lifetimes, Tally};
use crate::ledger::Ledger;
use crate::log::{self, Event, Sink};
use crate::report::{Broken, Findings, table};
use crate::settings::AuditSettings;
use crate::{Failure, Outcome};

/// Reads the logs, writes what was found, and returns whether the ledger agrees.
pub(crate) fn run(settings: &AuditSettings, output: &mut impl Write) -> Result<Outcome, Failure> {
    let ledger = settings.ledger.as_deref().map(read_ledger).transpose()?;
    let mut audit = Audit::new(settings, ledger)?;
    let bar = progress(&settings.logs)?;
    for path in &settings.logs {
        if path == Path::new("-") {
            audit.read("standard input", bar.wrap_read(io::stdin().lock()))?;
        } else {
            let name = path.display().to_string();
            let file = File::open(path).map_err(|error| format!("{name} cannot be opened: {error}"))?;
            audit.read(&name, bar.wrap_read(file))?;
        }
    }
    bar.finish_and_clear();
    let findings = audit.finish();
    is_a_log(&findings)?;
    let text = match settings.json {
        true => serde_json::to_string_pretty(&findings)? + "\n",
        false => table(&findings),
    };
    // A reader that has seen enough, such as `head`, is no failure.
    let _ = output.write_all(text.as_bytes());
    is_a_whole_log(&findings)?;
    let agrees = findings.comparison.as_ref().is_none_or(|comparison| comparison.agrees());
    Ok(if agrees { Outcome::Good } else { Outcome::Bad })
}

/// A page of an error and a packed file are no log without quota: 0 would be taken for an answer.
fn is_a_log(findings: &Findings) -> Result<(), Failure> {
    let Some(first) = findings.broken.first.first().filter(|_| findings.all_events() == 0) else {
        return Ok(());
    };
    Err(format!("nothing that was read is an event: give it a log as JSON, unpacked ({first})").into())
}

/// What half a log says may be looked at, and is no answer.
fn is_a_whole_log(findings: &Findings) -> Result<(), Failure> {
    let (events, broken) = (findings.all_events(), findings.broken.count);
    if broken <= events {
        return Ok(());
    }
    let more = format!("{broken} places were no events, and {events} were");
    Err(format!("{more}: do not take these figures for the tenant's, and export the log anew").into())
}

/// An audit on its way.
pub(crate) struct Audit {
    tally: Tally,
    broken: Broken,
    logs: usize,
    lifetimes: Lifetimes,
    ledger: Option<Ledger>,
}

impl Audit {
    pub(crate) fn new(settings: &AuditSettings, ledger: Option<Ledger>) -> Result<Self, Failure> {
        let builtins = Builtins::new(settings.tenant.as_deref(), settings.builtins.clone())?;
        let span = ledger.as_ref().map(Ledger::span);
        let tally = Tally::new(builtins, settings.clients.clone(), span);
        let lifetimes = Lifetimes::new(&settings.lifetimes);
        Ok(Self { tally, broken: Broken::default(), logs: 0, lifetimes, ledger })
    }

    /// Reads one log.
    pub(crate) fn read(&mut self, name: &str, log: impl Read) -> Result<(), Failure> {
        self.logs += 1;
        let mut reading = Reading { tally: &mut self.tally, broken: &mut self.broken, name };
        log::read(log, &mut reading).map_err(|error| format!("{name} cannot be read: {error}").into())
    }

    pub(crate) fn finish(self) -> Findings {
        Findings::new(self.tally, self.broken, self.logs, &self.lifetimes, self.ledger.as_ref())
    }
}

struct Reading<'a> {
    tally: &'a mut Tally,
    broken: &'a mut Broken,
    name: &'a str,
}

impl Sink for Reading<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.tally.add(event);
    }

    fn broken(&mut self, line: u64, why: &str) {
        self.broken.add(self.name, line, why);
    }
}

fn read_ledger(path: &Path) -> Result<Ledger, Failure> {
    let name = path.display();
    let text = std::fs::read(path).map_err(|error| format!("{name} cannot be read: {error}"))?;
    Ok(serde_json::from_slice(&text)
        .map_err(|error| format!("{name} is no ledger: {error}: give it the JSON of `ledger().report()`"))?)
}

/// Returns a bar on standard error, which nobody sees where that is no terminal.
fn progress(logs: &[impl AsRef<Path>]) -> Result<ProgressBar, Failure> {
    let sizes = logs.iter().map(|log| Some(log.as_ref().metadata().ok()?.len()));
    Ok(match sizes.sum::<Option<u64>>() {
        Some(bytes) => {
            let template = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
            ProgressBar::new(bytes).with_style(ProgressStyle::with_template(template)?)
        }
        // How long standard input is nobody knows.
        None => {
            let template = "{spinner} {bytes} {bytes_per_sec}";
            ProgressBar::no_length().with_style(ProgressStyle::with_template(template)?)
        }
    })
}
