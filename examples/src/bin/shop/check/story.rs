//! The steps in their order, and the line that each of them prints.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use auth_layer::testing::User;

use super::outcome::{Failure, Seen};
use super::visitor::Visitor;
use super::{access, login, outages, refresh};
use crate::demo::Demo;
use crate::settings::Settings;
use crate::start::Running;

/// Who and what the steps are about.
pub(super) struct Story {
    pub(super) demo: Demo,
    pub(super) base_url: String,
    pub(super) api_url: String,
    pub(super) ada: Visitor,
    pub(super) bob: Visitor,
    pub(super) carol: Visitor,
}

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
            "20 runs of the shop's worker, and nobody's token" => access::worker(self),
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

const PATIENCE: Duration = Duration::from_secs(10);
