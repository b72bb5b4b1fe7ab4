//! Tokens: access tokens (RFC 9068, or opaque) and ID tokens (OpenID Connect Core 1.0 §2).

use serde_json::{Map, Value, json};

use super::encoding::{base64url, random, sha256};
use super::registration::User;
use super::settings::Settings;
use super::state::{Grant, State};
use super::targets;
use crate::clock::Timestamp;

/// An access token that was issued, opaque or not; kept by the token itself.
#[derive(Clone)]
pub(super) struct AccessTokenRecord {
    pub(super) jti: String,
    pub(super) client_id: String,
    pub(super) subject: String,
    pub(super) scope: Vec<String>,
    pub(super) audience: Option<String>,
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
    /// The grant that it lives by; a client's own token has none.
    pub(super) grant: Option<String>,
}

impl AccessTokenRecord {
    /// Returns whether the token is good at `now`.
    pub(super) fn is_active(&self, state: &State, now: Timestamp) -> bool {
        now < self.expires
            && self.grant.as_deref().is_none_or(|grant| state.living_grant(grant, now).is_some())
    }
}

/// Issues an access token on behalf of a person, for `audience` and with `scope`.
pub(super) fn issue_user_access_token(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    (grant_name, grant): (&str, &Grant),
    audience: Option<&str>,
    scope: &[String],
) -> String {
    let record = AccessTokenRecord {
        jti: random(),
        client_id: grant.client_id.clone(),
        subject: grant.session.subject.clone(),
        scope: scope.to_vec(),
        audience: audience.map(str::to_owned),
        issued: now,
        expires: now.plus(settings.access_token_lifetime),
        grant: Some(grant_name.to_owned()),
    };
    let mut more = session_claims(grant);
    if let (Some(user), Some(audience)) = (state.user(&record.subject), audience) {
        more.insert("permissions".to_owned(), json!(targets::permissions(settings, user, audience)));
        add_roles(&mut more, user);
    }
    issue(settings, state, record, more)
}

/// Issues an access token to a client as itself.
pub(super) fn issue_client_access_token(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    client_id: &str,
    audience: &str,
    scope: &[String],
    organization: Option<&str>,
) -> String {
    let record = AccessTokenRecord {
        jti: random(),
        client_id: client_id.to_owned(),
        // RFC 9068 §2.2: without a person, the subject is the client.
        subject: client_id.to_owned(),
        scope: scope.to_vec(),
        audience: Some(audience.to_owned()),
        issued: now,
        expires: now.plus(settings.access_token_lifetime),
        grant: None,
    };
    let mut more = Map::new();
    more.insert("gty".to_owned(), json!("client-credentials"));
    more.insert("permissions".to_owned(), json!(scope));
    if let Some(organization) = organization {
        more.insert("org_id".to_owned(), json!(organization));
    }
    issue(settings, state, record, more)
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
    state.keys.current().sign("JWT", &Value::Object(claims))
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

fn issue(
    settings: &Settings,
    state: &mut State,
    record: AccessTokenRecord,
    mut claims: Map<String, Value>,
) -> String {
    let token = match &record.audience {
        // Two words, so that nobody takes it for a JWT.
        None => format!("opaque.{}", random()),
        Some(audience) => {
            let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
            claim("iss", json!(settings.issuer));
            claim("aud", json!(audience));
            claim("sub", json!(record.subject));
            claim("client_id", json!(record.client_id));
            claim("scope", json!(record.scope.join(" ")));
            claim("iat", json!(record.issued.unix_seconds()));
            claim("exp", json!(record.expires.unix_seconds()));
            claim("jti", json!(record.jti));
            state.keys.current().sign("at+jwt", &Value::Object(claims))
        }
    };
    if state.access_tokens.len() >= PRUNE_ABOVE {
        let now = record.issued;
        state.access_tokens.retain(|_, record| now < record.expires);
    }
    state.access_tokens.insert(token.clone(), record);
    token
}

/// From this many access tokens on, each new one sweeps out those that have expired.
const PRUNE_ABOVE: usize = 100_000;
