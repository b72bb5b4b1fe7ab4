//! Access tokens that were issued, opaque or not: what the provider knows of each.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::encoding::random;
use super::state::State;
use crate::clock::Timestamp;

/// An access token that was issued; kept by the token itself.
#[derive(Clone)]
pub(super) struct AccessTokenRecord {
    pub(super) jti: String,
    pub(super) client_id: String,
    pub(super) subject: String,
    pub(super) scope: Vec<String>,
    pub(super) audience: Vec<String>,
    pub(super) issued: Timestamp,
    pub(super) not_before: Option<Timestamp>,
    pub(super) expires: Timestamp,
    /// The thumbprint of the key that it is bound to (RFC 9449 §6).
    pub(super) key: Option<String>,
    /// The grant that it lives by; a client's own token has none.
    pub(super) grant: Option<String>,
    /// What it says, or would say if it was not opaque.
    pub(super) claims: Map<String, Value>,
    /// Claims that it does not have, though every token has them.
    pub(super) without: Vec<String>,
}

impl AccessTokenRecord {
    /// Returns whether the token is good at `now` (RFC 7662 §4).
    pub(super) fn is_active(&self, state: &State, now: Timestamp) -> bool {
        now < self.expires
            && self.not_before.is_none_or(|not_before| not_before <= now)
            && self.grant.as_deref().is_none_or(|grant| state.living_grant(grant, now).is_some())
    }

    /// Returns the claims of RFC 9068 §2.2 and RFC 9449 §6, which are also the members of RFC 7662
    /// §2.2; those that have no value are not there.
    pub(super) fn standard_claims(&self, issuer: &str) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        claim("iss", json!(issuer));
        claim("sub", json!(self.subject));
        claim("client_id", json!(self.client_id));
        claim("iat", json!(self.issued.unix_seconds()));
        claim("exp", json!(self.expires.unix_seconds()));
        claim("jti", json!(self.jti));
        match self.audience.as_slice() {
            [] => {}
            [audience] => drop(claim("aud", json!(audience))),
            several => drop(claim("aud", json!(several))),
        }
        if !self.scope.is_empty() {
            claim("scope", json!(self.scope.join(" ")));
        }
        if let Some(not_before) = self.not_before {
            claim("nbf", json!(not_before.unix_seconds()));
        }
        if let Some(key) = &self.key {
            claim("cnf", json!({ "jkt": key }));
        }
        claims
    }

    /// Returns the token type (RFC 6749 §7.1, RFC 9449 §5).
    pub(super) fn token_type(&self) -> &'static str {
        token_type(self.key.as_deref())
    }
}

/// Returns the type of a token that is bound to the key of this thumbprint, or to none.
pub(super) fn token_type(key: Option<&str>) -> &'static str {
    match key {
        Some(_) => "DPoP",
        None => "Bearer",
    }
}

/// Returns a new opaque token.
pub(super) fn opaque() -> String {
    // Two words, so that nobody takes it for a JWT.
    format!("opaque.{}", random())
}

/// The access tokens of one provider.
pub(super) struct AccessTokens {
    records: HashMap<String, AccessTokenRecord>,
    prune_at: usize,
}

impl AccessTokens {
    pub(super) fn new() -> Self {
        Self { records: HashMap::new(), prune_at: PRUNE_FROM }
    }

    pub(super) fn find(&self, token: &str) -> Option<&AccessTokenRecord> {
        self.records.get(token)
    }

    pub(super) fn insert(&mut self, token: String, record: AccessTokenRecord, now: Timestamp) {
        if self.records.len() >= self.prune_at {
            self.records.retain(|_, record| now < record.expires);
            // Doubled, so that a flood of living tokens is not swept once for each of them.
            self.prune_at = PRUNE_FROM.max(2 * self.records.len());
        }
        self.records.insert(token, record);
    }

    pub(super) fn remove(&mut self, token: &str) {
        self.records.remove(token);
    }
}

/// From this many access tokens on, those that have expired are swept out now and then.
const PRUNE_FROM: usize = 100_000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn record(expires: Timestamp) -> AccessTokenRecord {
        AccessTokenRecord {
            jti: String::new(),
            client_id: String::new(),
            subject: String::new(),
            scope: Vec::new(),
            audience: Vec::new(),
            issued: Timestamp::default(),
            not_before: None,
            expires,
            key: None,
            grant: None,
            claims: Map::new(),
            without: Vec::new(),
        }
    }

    #[test]
    fn expired_tokens_are_swept_out_and_a_flood_of_living_ones_is_not_swept_each_time() {
        let now = Timestamp::from_unix_seconds(1_000);
        let later = now.plus(Duration::from_secs(60));
        let mut tokens = AccessTokens { records: HashMap::new(), prune_at: 2 };
        for (name, expires) in [("a", now), ("b", later), ("c", later)] {
            tokens.insert(name.to_owned(), record(expires), now);
        }
        assert!(tokens.find("a").is_none() && tokens.find("b").is_some() && tokens.find("c").is_some());
        assert_eq!(tokens.prune_at, PRUNE_FROM);
        tokens.prune_at = 2;
        tokens.records.extend((0..PRUNE_FROM).map(|number| (number.to_string(), record(later))));
        tokens.insert("d".to_owned(), record(later), now);
        assert_eq!(tokens.prune_at, 2 * (PRUNE_FROM + 2));
    }
}
