//! What an access token says (RFC 9068 §2.2, RFC 7519 §4), read once, under the names that providers use.
//!
//! # Rules
//! 1. A claim of another type is wrong, never absent; so is one that comes twice.
//! 2. `aud`, `scope`, `scp`, `permissions` and `gty` may be a text or a list of texts.
//! 3. `cid` (Okta), `appid`, `idtyp`, `oid` and `tid` (Entra ID) are registered nowhere: of another type,
//!    they are another provider's, and mean nothing here. `preferred_username` is no access token's.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};

use crate::clock::Timestamp;
use crate::jose::claim::{Text, TextIfAny, Time};
use crate::jose::error::VerifyError;
use crate::jose::legible::Legible;
use crate::jose::members::{Members, names, read_members};
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
    /// Whether an application or a user, as Entra ID says it on request.
    pub(crate) principal_kind: Option<Cow<'a, str>>,
    /// The subject's object at Entra ID.
    pub(crate) object: Option<Cow<'a, str>>,
    /// The name of the account, at Keycloak.
    pub(crate) username: Option<Cow<'a, str>>,
    /// Whether `tid` is there: Entra ID's tenant.
    pub(crate) has_tenant: bool,
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
        Ok(read_members(payload)?)
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

names!(Claim {
    "iss" => Issuer,
    "sub" => Subject,
    "aud" => Audience,
    "exp" => Expires,
    "nbf" => NotBefore,
    "iat" => Issued,
    "client_id" => ClientId,
    "azp" => AuthorizedParty,
    "cid" => Cid,
    "appid" => Appid,
    "jti" => Jti,
    "scope" => Scope,
    "scp" => Scp,
    "permissions" => Permissions,
    "cnf" => Confirmation,
    "gty" => GrantType,
    "org_id" => Organization,
    "typ" => Kind,
    "idtyp" => PrincipalKind,
    "oid" => Object,
    "preferred_username" => Username,
    "tid" => Tenant,
    "nonce" => Nonce,
    "at_hash" => AccessTokenHash,
    "c_hash" => CodeHash,
    "events" => Events,
});

impl<'de> Members<'de> for AccessTokenClaims<'de> {
    type Name = Claim;

    fn read<A: MapAccess<'de>>(&mut self, claim: Claim, access: &mut A) -> Result<(), A::Error> {
        match claim {
            Claim::Issuer => self.issuer = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Subject => self.subject = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Audience => self.audience = Some(access.next_value()?),
            Claim::Expires => self.expires = Some(access.next_value::<Time>()?.0),
            Claim::NotBefore => self.not_before = Some(access.next_value::<Time>()?.0),
            Claim::Issued => self.issued = Some(access.next_value::<Time>()?.0),
            Claim::ClientId => self.client_id = Some(access.next_value::<Text<'_>>()?.0),
            Claim::AuthorizedParty => self.authorized_party = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Cid => self.cid = access.next_value::<TextIfAny<'_>>()?.0,
            Claim::Appid => self.appid = access.next_value::<TextIfAny<'_>>()?.0,
            Claim::Jti => self.jti = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Scope => self.scope = Some(access.next_value()?),
            Claim::Scp => self.scp = Some(access.next_value()?),
            Claim::Permissions => self.permissions = Some(access.next_value()?),
            Claim::Confirmation => self.confirmation = Some(access.next_value()?),
            Claim::GrantType => self.grant_type = Some(access.next_value()?),
            Claim::Organization => self.organization = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Kind => self.kind = Some(access.next_value::<Text<'_>>()?.0),
            Claim::PrincipalKind => self.principal_kind = access.next_value::<TextIfAny<'_>>()?.0,
            Claim::Object => self.object = access.next_value::<TextIfAny<'_>>()?.0,
            Claim::Username => self.username = access.next_value::<TextIfAny<'_>>()?.0,
            Claim::Tenant => self.has_tenant = is_there(access)?,
            Claim::Nonce => self.has_nonce = is_there(access)?,
            Claim::AccessTokenHash | Claim::CodeHash => self.has_hash = is_there(access)?,
            Claim::Events => self.has_events = is_there(access)?,
        }
        Ok(())
    }
}

/// Whatever it says, it is there.
fn is_there<'de, A: MapAccess<'de>>(access: &mut A) -> Result<bool, A::Error> {
    access.next_value::<Legible>().map(|_| true)
}

impl<'de: 'a, 'a> Deserialize<'de> for Confirmation<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ConfirmationVisitor)
    }
}

struct ConfirmationVisitor;

impl<'de> Visitor<'de> for ConfirmationVisitor {
    type Value = Confirmation<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of unique members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let (mut confirmation, mut names) = (Confirmation::default(), Vec::new());
        while let Some(Text(name)) = access.next_key()? {
            if name == "jkt" {
                confirmation.jkt = Some(access.next_value::<Text<'_>>()?.0);
            } else {
                access.next_value::<Legible>()?;
                confirmation.has_others = true;
            }
            if names.contains(&name) || names.len() == MAX_METHODS {
                return Err(A::Error::custom("a member comes twice, or there are too many"));
            }
            names.push(name);
        }
        Ok(confirmation)
    }
}

/// Ways in which one token may be bound; there are five (RFC 7800 §6.2).
const MAX_METHODS: usize = 16;

#[cfg(test)]
mod tests;
