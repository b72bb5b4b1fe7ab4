//! The command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};

/// Which tokens count against a tenant's M2M quota.
#[derive(Debug, Parser)]
#[command(name = "quota")]
pub(crate) struct Settings {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads a tenant's log: what counted, what did not, and what was wasted
    Audit(AuditSettings),
    /// Logs in at an embedded provider, and shows what a user's tokens cost: nothing
    Ask,
    /// Writes a log to try the audit on
    Sample(SampleSettings),
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AuditSettings {
    /// The log: JSON lines, arrays, or pages of the Management API; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<PathBuf>,
    /// Writes JSON instead of tables
    #[arg(long)]
    pub(crate) json: bool,
    /// Compares with the ledger of an application, within the ledger's time
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// How long a token lives, of all audiences or of one; default is a day, as Auth0's
    #[arg(long = "lifetime", value_name = "[AUDIENCE=]SECONDS")]
    pub(crate) lifetimes: Vec<Lifetime>,
    /// One more audience of the tenant's own, whose tokens do not count
    #[arg(long = "builtin", value_name = "AUDIENCE")]
    pub(crate) builtins: Vec<String>,
    /// The tenant's address, where it is not at auth0.com, such as `https://login.example`
    #[arg(long, value_name = "ISSUER")]
    pub(crate) tenant: Option<String>,
    /// Looks at the events of this client only; may be given several times
    #[arg(long = "client", value_name = "CLIENT_ID")]
    pub(crate) clients: Vec<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SampleSettings {
    /// How many events
    pub(crate) events: u64,
    /// The same seed gives the same log
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// How long the tokens of one audience live, or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lifetime {
    pub(crate) audience: Option<String>,
    pub(crate) seconds: u64,
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // An audience may hold `=` itself: the last one separates.
        let (audience, seconds) = match text.rsplit_once('=') {
            Some((audience, seconds)) => (Some(audience.to_owned()), seconds),
            None => (None, text),
        };
        match seconds.parse() {
            Ok(seconds) if seconds > 0 => Ok(Self { audience, seconds }),
            _ => Err("wanted are seconds, or AUDIENCE=SECONDS".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_of_all_audiences_or_of_one() {
        let of =
            |audience: Option<&str>, seconds| Ok(Lifetime { audience: audience.map(str::to_owned), seconds });
        assert_eq!("3600".parse(), of(None, 3_600));
        assert_eq!("https://api?a=b=60".parse(), of(Some("https://api?a=b"), 60));
        for bad in ["", "0", "-1", "a day", "https://api=", "https://api"] {
            assert!(bad.parse::<Lifetime>().is_err(), "{bad}");
        }
    }
}
