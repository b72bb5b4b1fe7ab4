//! What an access token says (RFC 9068 §2.2, RFC 7519 §4), read once, under the names that providers use.
//!
//! # Rules
//! 1. A claim of another type is wrong, never absent; so is one that comes twice.
//! 2. `aud`, `scope`, `scp`, `permissions` and `gty` may be a text or a list of texts.
//! 3. `cid` (Okta) and `appid` (Entra ID) are registered nowhere: of another type, they are another
//!    provider's, and mean nothing here.

use std::borrow::Cow;

use crate::clock::Timestamp;
use crate::jose::error::VerifyError;
use crate::jose::members::{Json, read_members};
use crate::jose::times::numeric_date;
use crate::jose::words::Words;
use crate::scope::ScopeSet;

/// The claims of an access token; who signed them, and whether they are good, is asked elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccessTokenClaims<'a> {
    pub(crate) issuer: Option<Cow<'a, str>>,
    pub(crate) subject: Option<Cow<'a, str>>,
    pub(crate) audience: Option<Words<'a>>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) issued: Option<Timestamp>,
    pub(crate) client_id: Option<Cow<'a, str>>,
    pub(crate) authorized_party: Option<Cow<'a, str>>,
    /// Okta's name of the client.
    pub(crate) cid: Option<Cow<'a, str>>,
    /// Entra ID's name of the client, in tokens of version 1.0.
    pub(crate) appid: Option<Cow<'a, str>>,
    pub(crate) jti: Option<Cow<'a, str>>,
    pub(crate) scope: Option<Words<'a>>,
    /// The scopes of Okta (a list) and of Entra ID (a text).
    pub(crate) scp: Option<Words<'a>>,
    pub(crate) permissions: Option<Words<'a>>,
    pub(crate) confirmation: Option<Confirmation<'a>>,
    /// The grant type at Auth0.
    pub(crate) grant_type: Option<Words<'a>>,
    pub(crate) organization: Option<Cow<'a, str>>,
    /// The kind of token, as Keycloak says it.
    pub(crate) kind: Option<Cow<'a, str>>,
    pub(crate) has_nonce: bool,
    /// Whether `at_hash` or `c_hash` is there.
    pub(crate) has_hash: bool,
    pub(crate) has_events: bool,
}

/// The key that a token is bound to (RFC 7800 §3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Confirmation<'a> {
    /// The thumbprint of a DPoP key (RFC 9449 §6.1).
    pub(crate) jkt: Option<Cow<'a, str>>,
    /// Whether it is bound in another way too, as to a certificate (RFC 8705 §3.1).
    pub(crate) has_others: bool,
}

impl<'a> AccessTokenClaims<'a> {
    /// Reads a payload.
    pub(crate) fn read(payload: &'a [u8]) -> Result<Self, VerifyError> {
        #[rustfmt::skip]
        let [
            iss, sub, aud, exp, nbf, iat, client_id, azp, cid, appid, jti, scope, scp, permissions,
            cnf, gty, org_id, typ, nonce, at_hash, c_hash, events,
        ] = read_members(payload, place)
            .ok_or_else(|| VerifyError::claims("they are no object of at most 256 unique members"))?;
        Ok(Self {
            issuer: claim("iss", iss, text)?,
            subject: claim("sub", sub, text)?,
            audience: claim("aud", aud, Words::of)?,
            expires: claim("exp", exp, time)?,
            not_before: claim("nbf", nbf, time)?,
            issued: claim("iat", iat, time)?,
            client_id: claim("client_id", client_id, text)?,
            authorized_party: claim("azp", azp, text)?,
            cid: cid.and_then(text),
            appid: appid.and_then(text),
            jti: claim("jti", jti, text)?,
            scope: claim("scope", scope, Words::of)?,
            scp: claim("scp", scp, Words::of)?,
            permissions: claim("permissions", permissions, Words::of)?,
            confirmation: claim("cnf", cnf, confirmation)?,
            grant_type: claim("gty", gty, Words::of)?,
            organization: claim("org_id", org_id, text)?,
            kind: claim("typ", typ, text)?,
            has_nonce: nonce.is_some(),
            has_hash: at_hash.or(c_hash).is_some(),
            has_events: events.is_some(),
        })
    }

    /// The client that the token was issued to, under the first of its names.
    pub(crate) fn client(&self) -> Option<&str> {
        let names = [&self.client_id, &self.authorized_party, &self.cid, &self.appid];
        names.into_iter().find_map(Option::as_deref)
    }

    /// The scopes, of `scope` or else of `scp`.
    pub(crate) fn scopes(&self) -> ScopeSet {
        self.scope.as_ref().or(self.scp.as_ref()).map(Words::scopes).unwrap_or_default()
    }
}

/// The place of a claim in what [`read_members`] returns.
fn place(name: &str) -> Option<usize> {
    Some(match name {
        "iss" => 0,
        "sub" => 1,
        "aud" => 2,
        "exp" => 3,
        "nbf" => 4,
        "iat" => 5,
        "client_id" => 6,
        "azp" => 7,
        "cid" => 8,
        "appid" => 9,
        "jti" => 10,
        "scope" => 11,
        "scp" => 12,
        "permissions" => 13,
        "cnf" => 14,
        "gty" => 15,
        "org_id" => 16,
        "typ" => 17,
        "nonce" => 18,
        "at_hash" => 19,
        "c_hash" => 20,
        "events" => 21,
        _ => return None,
    })
}

fn claim<'a, T>(
    name: &str,
    value: Option<Json<'a>>,
    read: impl FnOnce(Json<'a>) -> Option<T>,
) -> Result<Option<T>, VerifyError> {
    let wrong = || VerifyError::claims(format!("{name} is of the wrong type"));
    value.map(|value| read(value).ok_or_else(wrong)).transpose()
}

fn text(value: Json<'_>) -> Option<Cow<'_, str>> {
    match value {
        Json::Text(text) => Some(text),
        _ => None,
    }
}

fn time(value: Json<'_>) -> Option<Timestamp> {
    match value {
        Json::Number(seconds) => numeric_date(seconds),
        _ => None,
    }
}

fn confirmation(value: Json<'_>) -> Option<Confirmation<'_>> {
    let Json::Object(members) = value else { return None };
    let mut confirmation = Confirmation::default();
    for (name, value) in members {
        if name == "jkt" {
            confirmation.jkt = Some(text(value)?);
        } else {
            confirmation.has_others = true;
        }
    }
    Some(confirmation)
}

#[cfg(test)]
mod tests;
