//! Whether a bearer token is good: the provider is asked (RFC 7662), and its answer is judged.

use std::time::Duration;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use reqwest::Client;
use serde::Deserialize;

use super::challenge::Challenge;
use crate::error::StartError;

/// Where a resource server asks about tokens, and as whom.
///
/// `Debug` is not derived: it holds a secret.
#[derive(Clone)]
pub(crate) struct Introspection {
    pub(crate) endpoint: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

/// Asks the provider about each token that comes.
///
/// Nothing is cached: a token that was revoked is refused at once, at the price of one request.
#[derive(Clone)]
pub(crate) struct Introspector {
    introspection: Introspection,
    audience: &'static str,
    client: Client,
}

impl Introspector {
    pub(crate) fn new(introspection: Introspection, audience: &'static str) -> Result<Self, StartError> {
        let builder = Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = builder.timeout(PATIENCE).build().map_err(StartError::Client)?;
        Ok(Self { introspection, audience, client })
    }

    /// Lets a request pass whose token has `scope`.
    pub(crate) async fn require(&self, headers: &HeaderMap, scope: &'static str) -> Result<(), Challenge> {
        let token = bearer(headers)?;
        let answer = self.ask(token).await.map_err(|error| {
            tracing::warn!(%error, "the introspection endpoint gave no answer");
            Challenge::Undecided
        })?;
        judge(&answer, self.audience, scope)
    }

    async fn ask(&self, token: &str) -> Result<Answer, reqwest::Error> {
        let Introspection { endpoint, client_id, client_secret } = &self.introspection;
        let form = [("token", token), ("token_type_hint", "access_token")];
        let request = self.client.post(endpoint).basic_auth(client_id, Some(client_secret)).form(&form);
        request.send().await?.error_for_status()?.json().await
    }
}

/// An answer of the introspection endpoint; what is not needed is not read.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    active: bool,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    aud: Audiences,
}

/// `aud` is one string or many (RFC 7662 §2.2).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Many(Vec<String>),
}

impl Default for Audiences {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Audiences {
    fn contains(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Many(many) => many.iter().any(|one| one == audience),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Challenge> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (values.next(), values.next());
    let Some(value) = first else { return Err(Challenge::NoToken) };
    let value = value.to_str().map_err(|_| Challenge::InvalidToken)?;
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && second.is_none() => Ok(token),
        _ => Err(Challenge::NoToken),
    }
}

fn judge(answer: &Answer, audience: &str, scope: &'static str) -> Result<(), Challenge> {
    // A token of another API is a stranger here, however good it is there (RFC 9068 §4).
    if !answer.active || !answer.aud.contains(audience) {
        return Err(Challenge::InvalidToken);
    }
    // Whole words: `read:products-admin` is not `read:products`.
    let granted = answer.scope.split(' ').any(|word| word == scope);
    if granted { Ok(()) } else { Err(Challenge::InsufficientScope(scope)) }
}

const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_an_active_token_of_this_api_with_the_scope_passes() {
        let (invalid, lacking) = (Challenge::InvalidToken, Challenge::InsufficientScope("read"));
        let cases = [
            (r#"{"active":true,"aud":"api","scope":"read write"}"#, Ok(())),
            (r#"{"active":true,"aud":["other","api"],"scope":"read"}"#, Ok(())),
            (r#"{"active":false,"aud":"api","scope":"read"}"#, Err(invalid)),
            (r#"{"active":true,"scope":"read"}"#, Err(invalid)),
            (r#"{"active":true,"aud":"other","scope":"read"}"#, Err(invalid)),
            (r#"{"active":true,"aud":"api","scope":"reader write"}"#, Err(lacking)),
            (r#"{"active":true,"aud":"api"}"#, Err(lacking)),
        ];
        for (json, expected) in cases {
            let answer: Answer = serde_json::from_str(json).unwrap();
            assert_eq!(judge(&answer, "api", "read"), expected, "{json}");
        }
    }

    #[test]
    fn a_token_comes_in_one_authorization_header_or_not_at_all() {
        let cases: &[(&[&str], Result<&str, Challenge>)] = &[
            (&[], Err(Challenge::NoToken)),
            (&["Bearer t"], Ok("t")),
            (&["bearer t"], Ok("t")),
            (&["Basic t"], Err(Challenge::NoToken)),
            (&["Bearer t", "Bearer u"], Err(Challenge::NoToken)),
        ];
        for (values, expected) in cases {
            let mut headers = HeaderMap::new();
            for value in *values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            assert_eq!(bearer(&headers), *expected, "{values:?}");
        }
    }
}
