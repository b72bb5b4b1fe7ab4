//! The issue of a token that a test described.

use serde_json::{Map, Value};

use super::access_token::{Change, Expiry, Form, Holder, TestAccessToken};
use crate::clock::Timestamp;
use crate::testing::access_token::{self, AccessTokenRecord};
use crate::testing::keys::KeyRing;
use crate::testing::settings::Settings;
use crate::testing::state::State;

/// Issues a token, and remembers it.
pub(in crate::testing) fn issue(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    token: &TestAccessToken,
) -> String {
    let record = record(settings, now, token);
    let value = value(&state.keys, token, &record.claims);
    state.access_tokens.insert(value.clone(), record, now);
    value
}

/// Signs a token, and forgets it.
pub(in crate::testing) fn sign(
    settings: &Settings,
    state: &State,
    now: Timestamp,
    token: &TestAccessToken,
) -> String {
    value(&state.keys, token, &record(settings, now, token).claims)
}

fn record(settings: &Settings, now: Timestamp, token: &TestAccessToken) -> AccessTokenRecord {
    let shape = token.shape;
    assert!(shape.can_say(token), "{shape:?} has no claim for these permissions or roles: use with_claim");
    let issued = token.issued.unwrap_or(now);
    let mut record = AccessTokenRecord {
        jti: shape.jti(&token.holder),
        client_id: token.client_id.clone(),
        subject: match &token.holder {
            Holder::User(subject) => subject.clone(),
            Holder::Client => shape.subject_of_client(&token.client_id),
        },
        scope: token.scope.clone(),
        audience: shape.audience(token, &settings.issuer),
        issued,
        not_before: token.not_before,
        expires: match token.expiry {
            Expiry::Default => issued.plus(settings.access_token_lifetime),
            Expiry::After(lifetime) => issued.plus(lifetime),
            Expiry::At(time) => time,
        },
        key: token.key.clone(),
        grant: None,
        claims: Map::new(),
        without: Vec::new(),
    };
    let mut claims = shape.claims(token, &record, &settings.issuer);
    apply(&token.claims, &mut claims);
    let removed = token.claims.iter().map(|(name, _)| name).filter(|name| !claims.contains_key(*name));
    record.without = removed.cloned().collect();
    record.claims = claims;
    record
}

fn value(keys: &KeyRing, token: &TestAccessToken, claims: &Map<String, Value>) -> String {
    match token.form {
        Form::Opaque => access_token::opaque(),
        Form::Jwt => {
            let key = keys.of(token.algorithm);
            let key = key.expect("the provider has a key of the algorithm: add_signing_key adds one");
            let mut header = keys.header(key, token.shape.typ());
            apply(&token.header, &mut header);
            key.sign(&Value::Object(header), &Value::Object(claims.clone()))
        }
    }
}

pub(super) fn apply(changes: &[Change], members: &mut Map<String, Value>) {
    for (name, value) in changes {
        match value {
            Some(value) => drop(members.insert(name.clone(), value.clone())),
            None => drop(members.remove(name)),
        }
    }
}
