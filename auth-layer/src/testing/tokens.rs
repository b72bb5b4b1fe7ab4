//! Tokens: access tokens (RFC 9068, or opaque) and ID tokens (OpenID Connect Core 1.0 §2).

use serde_json::{Map, Value, json};

use super::access_token::{self, AccessTokenRecord};
use super::encoding::{base64url, random, sha256};
use super::registration::User;
use super::settings::Settings;
use super::state::{Grant, State};
use super::targets;
use crate::clock::Timestamp;

/// What an access token is issued for.
pub(super) struct Target<'a> {
    pub(super) audience: Option<&'a str>,
    pub(super) scope: &'a [String],
    /// The thumbprint of the key that the token is bound to.
    pub(super) key: Option<&'a str>,
}

/// Issues an access token on behalf of a person.
pub(super) fn issue_user_access_token(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    (grant_name, grant): (&str, &Grant),
    target: &Target<'_>,
) -> String {
    let record = AccessTokenRecord {
        grant: Some(grant_name.to_owned()),
        ..record(settings, now, (&grant.client_id, &grant.session.subject), target)
    };
    let mut more = session_claims(grant);
    if let (Some(user), Some(audience)) = (state.user(&record.subject), target.audience) {
        more.insert("permissions".to_owned(), json!(targets::permissions(settings, user, audience)));
        add_roles(&mut more, user);
    }
    issue(settings, state, now, record, more)
}

/// Issues an access token to a client as itself.
pub(super) fn issue_client_access_token(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    client_id: &str,
    target: &Target<'_>,
    organization: Option<&str>,
) -> String {
    // RFC 9068 §2.2: without a person, the subject is the client.
    let record = record(settings, now, (client_id, client_id), target);
    let mut more = Map::new();
    more.insert("gty".to_owned(), json!("client-credentials"));
    more.insert("permissions".to_owned(), json!(target.scope));
    if let Some(organization) = organization {
        more.insert("org_id".to_owned(), json!(organization));
    }
    issue(settings, state, now, record, more)
}

/// What an exchanged access token is issued for.
pub(super) struct Exchanged<'a> {
    pub(super) client_id: &'a str,
    pub(super) subject: &'a str,
    /// The grant that the subject token lives by, and so this one.
    pub(super) grant: Option<String>,
    /// What it says of the subject's login, and of who acts.
    pub(super) claims: Map<String, Value>,
}

/// Issues an access token for a token of another API (RFC 8693 §2.2.1).
pub(super) fn issue_exchanged_access_token(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    exchanged: Exchanged<'_>,
    target: &Target<'_>,
) -> String {
    let Exchanged { client_id, subject, grant, claims: mut more } = exchanged;
    let record = AccessTokenRecord { grant, ..record(settings, now, (client_id, subject), target) };
    more.insert("permissions".to_owned(), json!(target.scope));
    if let Some(user) = state.user(subject) {
        add_roles(&mut more, user);
    }
    issue(settings, state, now, record, more)
}

/// Issues an ID token for a grant, bound to `access_token` by `at_hash`.
pub(super) fn issue_id_token(
    settings: &Settings,
    state: &State,
    now: Timestamp,
    grant: &Grant,
    nonce: Option<&str>,
    access_token: &str,
) -> String {
    let mut claims = session_claims(grant);
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", json!(settings.issuer));
    claim("sub", json!(grant.session.subject));
    claim("aud", json!(grant.client_id));
    claim("iat", json!(now.unix_seconds()));
    claim("exp", json!(now.plus(settings.id_token_lifetime).unix_seconds()));
    claim("sid", json!(grant.session.sid));
    // OpenID Connect Core 1.0 §3.1.3.6: the left half of the digest.
    claim("at_hash", json!(base64url(&sha256(access_token.as_bytes())[..16])));
    if let Some(nonce) = nonce {
        claim("nonce", json!(nonce));
    }
    if let Some(user) = state.user(&grant.session.subject) {
        claims.extend(person_claims(user, &grant.scope));
    }
    state.keys.sign("JWT", &Value::Object(claims))
}

/// Returns the claims about a person which `scope` lets a client see (OpenID Connect Core §5.4).
pub(super) fn person_claims(user: &User, scope: &[String]) -> Map<String, Value> {
    let mut claims = Map::new();
    let asked = |name: &str| scope.iter().any(|scope| scope == name);
    if asked("profile") {
        claims.insert("name".to_owned(), json!(user.name));
        claims.insert("preferred_username".to_owned(), json!(user.username));
        add_roles(&mut claims, user);
    }
    if asked("email") {
        claims.insert("email".to_owned(), json!(user.email));
        claims.insert("email_verified".to_owned(), json!(true));
    }
    claims
}

fn add_roles(claims: &mut Map<String, Value>, user: &User) {
    if !user.roles.is_empty() {
        claims.insert("roles".to_owned(), json!(user.roles));
    }
}

fn session_claims(grant: &Grant) -> Map<String, Value> {
    let mut claims = Map::new();
    let auth_time = grant.session.auth_time.unix_seconds();
    claims.insert("auth_time".to_owned(), json!(auth_time));
    if let Some(acr) = &grant.session.acr {
        claims.insert("acr".to_owned(), json!(acr));
    }
    if let Some(organization) = &grant.organization {
        claims.insert("org_id".to_owned(), json!(organization));
    }
    claims
}

fn record(
    settings: &Settings,
    now: Timestamp,
    (client_id, subject): (&str, &str),
    target: &Target<'_>,
) -> AccessTokenRecord {
    AccessTokenRecord {
        jti: random(),
        client_id: client_id.to_owned(),
        subject: subject.to_owned(),
        scope: target.scope.to_vec(),
        audience: target.audience.map(str::to_owned).into_iter().collect(),
        issued: now,
        not_before: None,
        expires: now.plus(settings.access_token_lifetime),
        key: target.key.map(str::to_owned),
        grant: None,
        claims: Map::new(),
        without: Vec::new(),
    }
}

fn issue(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    mut record: AccessTokenRecord,
    more: Map<String, Value>,
) -> String {
    record.claims = more;
    record.claims.extend(record.standard_claims(&settings.issuer));
    let token = match record.audience.as_slice() {
        [] => access_token::opaque(),
        _ => state.keys.sign("at+jwt", &Value::Object(record.claims.clone())),
    };
    state.access_tokens.insert(token.clone(), record, now);
    token
}
