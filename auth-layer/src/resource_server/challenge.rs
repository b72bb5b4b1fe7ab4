//! What a refused caller is told to bring: `WWW-Authenticate` (RFC 6750 §3, RFC 9449 §7.1, RFC 9728 §5.1).

use std::fmt;

use http::HeaderValue;

use crate::algorithm::ALL;
use crate::config::ResourceServerConfig;

/// The parameters of every challenge of one resource server.
#[derive(Debug)]
pub(crate) struct Challenge {
    /// `realm` and `resource_metadata`, quoted.
    common: String,
    takes_bearer: bool,
    /// `algs`, where DPoP is taken.
    dpop: Option<String>,
}

/// What was wrong, for the challenge: an error code, and what would do.
///
/// Where no credentials came there is none, so that no `error` is said (RFC 6750 §3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChallengeError {
    pub(crate) code: &'static str,
    /// `scope`, or `acr_values` and `max_age` (RFC 9470 §3).
    pub(crate) parameters: Vec<(&'static str, String)>,
}

impl Challenge {
    pub(super) fn new(config: &ResourceServerConfig) -> Self {
        let mut common = format!("realm=\"{}\"", quoted(config.realm.as_str()));
        if let Some(published) = &config.published {
            let metadata = published.base_url.well_known(WELL_KNOWN);
            common.push_str(&format!(", resource_metadata=\"{}\"", quoted(&metadata)));
        }
        let dpop = config.dpop.as_ref().map(|_| {
            let names: Vec<_> = ALL.iter().map(|algorithm| algorithm.name()).collect();
            format!("algs=\"{}\"", names.join(" "))
        });
        Self { common, takes_bearer: !config.dpop.as_ref().is_some_and(|dpop| dpop.is_required), dpop }
    }

    /// The value of a service that takes no bearer token, and whose users log in.
    pub(crate) fn of_sessions(error: Option<&ChallengeError>) -> Option<HeaderValue> {
        match error {
            None => Some(HeaderValue::from_static("Bearer")),
            Some(error) => HeaderValue::try_from(format!("Bearer {error}")).ok(),
        }
    }

    /// The values of `WWW-Authenticate`, one for each scheme that is taken.
    pub(crate) fn values(&self, error: Option<&ChallengeError>, is_dpop: bool) -> Vec<HeaderValue> {
        let error_text = error.map_or_else(String::new, |error| format!(", {error}"));
        let mut values = Vec::with_capacity(2);
        // The scheme that was tried is told what was wrong; the other one that it is there.
        if let Some(algorithms) = &self.dpop {
            let error = if is_dpop || !self.takes_bearer { error_text.as_str() } else { "" };
            values.push(format!("DPoP {}{error}, {algorithms}", self.common));
        }
        if self.takes_bearer {
            let error = if is_dpop { "" } else { error_text.as_str() };
            values.push(format!("Bearer {}{error}", self.common));
        }
        // The realm is visible ASCII by the configuration's judgement, and quoted.
        values.into_iter().filter_map(|value| HeaderValue::try_from(value).ok()).collect()
    }
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error=\"{}\"", self.code)?;
        self.parameters.iter().try_for_each(|(name, value)| write!(f, ", {name}=\"{}\"", quoted(value)))
    }
}

/// Escapes what would end a quoted string (RFC 9110 §5.6.4).
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Where the metadata of a protected resource is (RFC 9728 §3).
pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
