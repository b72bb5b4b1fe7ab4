//! The whole story without a browser: each step does something, looks, and can fail.
//!
//! # Rules
//! 1. Everything goes over HTTP, as a browser would send it; the provider's own counts are the judge.
//! 2. A step that fails says what was expected and what was seen, and the others go on.
//! 3. Nothing sleeps until a token expires: the demo's clock is moved.

mod access;
mod login;
mod outages;
mod refresh;
mod visitor;

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use auth_layer::testing::{BrowserError, User};

use crate::demo::Demo;
use crate::error::StartError;
use crate::settings::Settings;
use crate::start::Running;
use visitor::Visitor;

/// Who and what the steps are about.
struct Story {
    demo: Demo,
    base_url: String,
    api_url: String,
    ada: Visitor,
    bob: Visitor,
    carol: Visitor,
}

/// What a step saw, or why it failed.
type Seen = Result<String, Failure>;

/// Runs all steps and prints one line for each.
pub(crate) async fn run() -> ExitCode {
    let begun = Instant::now();
    let running = match Running::start(Settings::ephemeral()).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("shop: {error}");
            return ExitCode::FAILURE;
        }
    };
    let (failed, steps) = match Story::open(&running) {
        Ok(story) => story.tell().await,
        Err(failure) => {
            eprintln!("shop: {failure}");
            (1, 1)
        }
    };
    let farewell = running.until(std::future::ready(())).await;
    let seconds = begun.elapsed().as_secs_f64();
    println!("\n{} of {steps} steps passed in {seconds:.1} s", steps - failed);
    if failed == 0 && farewell.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the steps in order, and counts those that fail and all.
macro_rules! steps {
    ($($what:literal => $step:expr,)*) => {{
        let (mut failed, mut all) = (0, 0);
        $(
            all += 1;
            failed += usize::from(!told($what, tokio::time::timeout(PATIENCE, $step).await));
        )*
        (failed, all)
    }};
}

impl Story {
    fn open(running: &Running) -> Result<Self, Failure> {
        let (Some(demo), Some(api_url)) = (running.demo.clone(), running.api_url.clone()) else {
            return Err(Failure("the embedded provider was not started".to_owned()));
        };
        let visitor = |user| Visitor::new(user, &running.base_url, demo.provider.browser());
        let (ada, bob, carol) = (visitor(User::ada())?, visitor(User::bob())?, visitor(User::carol())?);
        Ok(Self { base_url: running.base_url.clone(), demo, api_url, ada, bob, carol })
    }

    async fn tell(&self) -> (usize, usize) {
        steps! {
            "nobody is logged in" => login::anonymous(self),
            "log in as ada" => login::log_in(&self.ada, "local|ada"),
            "log in as bob" => login::log_in(&self.bob, "local|bob"),
            "log in as carol, through Acme Social" => login::log_in(&self.carol, "acme|carol"),
            "the access token stays on the server" => login::no_token_in_the_browser(self),
            "50 parallel requests with an expired token" => refresh::in_parallel(self, 50),
            "200 parallel requests with an expired token" => refresh::in_parallel(self, 200),
            "two users refresh at the same instant" => refresh::two_users(self),
            "force a refresh" => refresh::forced(self),
            "a late request with the old cookie" => refresh::late(self),
            "20 clients hang up, 10 in the middle of a refresh and 10 by chance" => refresh::hang_ups(self),
            "ada may write products" => access::may_write(self),
            "bob may not" => access::may_not_write(self),
            "a POST from another site" => access::cross_site(self),
            "the products API, asked directly" => access::api_believes_nobody(self),
            "the token endpoint is down, the token lives" => outages::living_token(self),
            "the token endpoint is down, the token expired" => outages::expired_token(self),
            "log out" => login::log_out(self),
            "the ledger and the provider's own log" => access::ledger(self),
        }
    }
}

/// Prints a step's line, and returns whether it passed.
fn told(what: &str, outcome: Result<Seen, tokio::time::error::Elapsed>) -> bool {
    match &outcome {
        Ok(Ok(seen)) => println!("ok    {what}: {seen}"),
        Ok(Err(failure)) => println!("FAIL  {what}: {failure}"),
        Err(_) => println!("FAIL  {what}: no end after {} s", PATIENCE.as_secs()),
    }
    matches!(outcome, Ok(Ok(_)))
}

/// Why a step failed.
struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self(format!("no answer: {error}"))
    }
}

impl From<BrowserError> for Failure {
    fn from(error: BrowserError) -> Self {
        Self(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self(error.to_string())
    }
}

/// Fails a step unless what was seen is what was expected.
fn same<T: PartialEq + fmt::Debug>(what: &str, seen: T, expected: T) -> Result<(), Failure> {
    if seen == expected {
        return Ok(());
    }
    Err(Failure(format!("{what}: expected {expected:?}, saw {seen:?}")))
}

const PATIENCE: Duration = Duration::from_secs(10);
