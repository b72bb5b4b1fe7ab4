//! The command `sample`: a plausible log of a tenant, newest event first, as the Management API gives it.
//!
//! A web application with users, an app, a worker and a nightly report which fetch a token with every process,
//! and a batch that fetches one for every call: most of the quota is its.

use std::io::{self, BufWriter, Write};

use time::OffsetDateTime;

use crate::settings::SampleSettings;
use crate::{Failure, Outcome};

/// Writes the sample.
pub(crate) fn run(settings: &SampleSettings) -> Result<Outcome, Failure> {
    let mut output = BufWriter::with_capacity(256 * 1024, io::stdout().lock());
    match write(&mut output, settings).and_then(|()| output.flush()) {
        // A reader that has seen enough is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Outcome::Good),
    }
}

/// Writes so many events, one a line.
pub(crate) fn write(output: &mut impl Write, settings: &SampleSettings) -> io::Result<()> {
    let mut chance = Chance(settings.seed);
    let mut millis = NEWEST;
    for number in (1..=settings.events).rev() {
        millis = millis.saturating_sub(chance.below(2 * MILLIS_BETWEEN));
        event(output, &mut chance, number, millis)?;
    }
    Ok(())
}

fn event(output: &mut impl Write, chance: &mut Chance, number: u64, millis: u64) -> io::Result<()> {
    let kind = chance.one_of(&KINDS);
    let Kind { code, client, audience, scope, .. } = *kind;
    let (client_id, client_name) = CLIENTS[client];
    let date = date(millis);
    let ip = chance.below(250) + 1;
    write!(
        output,
        r#"{{"date":"{date}","type":"{code}","description":"{}","connection_id":"","client_id":"{client_id}","client_name":"{client_name}","ip":"203.0.113.{ip}","user_agent":"node-fetch/1.0 (+https://github.com/bitinn/node-fetch)","hostname":"acme.eu.auth0.com","#,
        kind.description,
    )?;
    if kind.has_user {
        let user = chance.below(5_000);
        write!(output, r#""user_id":"auth0|{user:024x}","user_name":"user{user}@acme.example","#)?;
    } else {
        write!(output, r#""user_id":"","user_name":"","#)?;
    }
    write!(output, r#""audience":"{audience}","scope":"{scope}","#)?;
    if client == WORKER && chance.below(4) == 0 {
        let organization = chance.below(3) + 1;
        write!(
            output,
            r#""organization_id":"org_{organization}","organization_name":"customer-{organization}","#
        )?;
    }
    let digits: String = date.chars().filter(char::is_ascii_digit).collect();
    writeln!(
        output,
        r#""auth0_client":{{"name":"nextjs-auth0","version":"4.11.0","env":{{"node":"v22.11.0"}}}},"details":{{"actions":{{"executions":[]}},"stats":{{"loginsCount":{ip}}}}},"environment_name":"default","log_id":"900{digits}{number:034}","_id":"900{digits}{number:034}","isMobile":false}}"#
    )
}

fn date(millis: u64) -> String {
    let seconds = i64::try_from(millis / 1_000).unwrap_or_default();
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, hour, minute, second) = (time.date(), time.hour(), time.minute(), time.second());
    format!("{date}T{hour:02}:{minute:02}:{second:02}.{:03}Z", millis % 1_000)
}

/// A kind of event, and how often it is met among the others.
struct Kind {
    weight: u64,
    code: &'static str,
    description: &'static str,
    client: usize,
    audience: &'static str,
    scope: &'static str,
    has_user: bool,
}

const fn of_user(weight: u64, code: &'static str, description: &'static str, client: usize) -> Kind {
    let scope = "openid profile email offline_access read:products";
    Kind { weight, code, description, client, audience: SHOP, scope, has_user: true }
}

const fn of_client(weight: u64, client: usize, audience: &'static str, scope: &'static str) -> Kind {
    let description = "Client Credentials for Access Token";
    Kind { weight, code: "seccft", description, client, audience, scope, has_user: false }
}

/// Chances that are the same each time (SplitMix64: it has no secret to keep).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<'a>(&mut self, kinds: &'a [Kind]) -> &'a Kind {
        let mut at = self.below(kinds.iter().map(|kind| kind.weight).sum());
        for kind in kinds {
            if at < kind.weight {
                return kind;
            }
            at -= kind.weight;
        }
        &kinds[0]
    }
}

const SHOP: &str = "https://api.acme.example";
const BILLING: &str = "https://billing.acme.example";
const MANAGEMENT: &str = "https://acme.eu.auth0.com/api/v2/";

/// 2026-11-28T00:00:00Z.
const NEWEST: u64 = 1_795_824_000_000;

/// 30 days have 10^6 events.
const MILLIS_BETWEEN: u64 = 2_592;

const WORKER: usize = 2;

const CLIENTS: [(&str, &str); 6] = [
    ("k3v8bWJZtQnYhR5xD0aLs7uFmP2cEgT1", "Acme Web"),
    ("p9XzLr4VdCq7NfTjH2yKsB6wMa8uGe0E", "Acme App"),
    ("q1WsEd3RfTg5YhUj7KiLo9PzXcVbNmA2", "Order Worker"),
    ("r8TyUi0OpAs2DfGh4JkLz6XcVbNm1QwE", "Nightly Report"),
    ("m5NbVc7XzLk9JhGf1DsAp3OiUyTr0EwQ", "Price Batch"),
    ("z2XcVb4NmAs6DfGh8JkLq0WeRtYu1IoP", "Deploy CLI"),
];

const KINDS: [Kind; 18] = [
    of_user(150, "s", "Successful login", 0),
    of_user(150, "seacft", "Authorization Code for Access Token", 0),
    of_user(330, "sertft", "Refresh Token for Access Token", 0),
    of_user(60, "s", "Successful login", 1),
    of_user(60, "seacft", "Authorization Code for Access Token", 1),
    of_user(90, "sertft", "Refresh Token for Access Token", 1),
    of_user(20, "ssa", "Successful Silent Auth", 1),
    of_user(25, "slo", "User successfully logged out", 0),
    of_user(12, "fp", "Wrong password", 0),
    of_user(6, "ferrt", "Rotating refresh token was reused", 1),
    of_user(3, "feacft", "Invalid authorization code", 0),
    of_user(4, "secte", "Successful custom token exchange", 1),
    of_client(6, WORKER, SHOP, "read:orders write:orders"),
    of_client(2, 3, BILLING, "read:invoices"),
    of_client(70, 4, SHOP, "read:products write:prices"),
    of_client(10, 5, MANAGEMENT, "read:clients update:clients"),
    Kind { weight: 2, code: "feccft", description: "Unauthorized", scope: "", ..of_client(0, 5, SHOP, "") },
    Kind { weight: 3, code: "api_limit", description: "You passed the limit", ..of_client(0, 4, SHOP, "") },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(events: u64, seed: u64) -> String {
        let mut output = Vec::new();
        write(&mut output, &SampleSettings { events, seed }).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_log_and_another_one_another() {
        assert_eq!(sample(100, 7), sample(100, 7));
        assert_ne!(sample(100, 7), sample(100, 8));
        assert_eq!(sample(100, 7).lines().count(), 100);
    }
}
