//! What providers call the claims of their access tokens.

use serde_json::{Map, Value, json};

use super::access_token::{Holder, TestAccessToken};
use crate::testing::access_token::AccessTokenRecord;
use crate::testing::encoding::{random, sha256};

/// The shape of a token; see [`TestAccessToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Rfc9068,
    Auth0,
    Keycloak,
    Okta,
    EntraV2,
    EntraV1,
}

impl Shape {
    /// Returns the type in the header.
    pub(super) fn typ(self) -> Option<&'static str> {
        match self {
            Self::Rfc9068 => Some("at+jwt"),
            Self::Okta => None,
            Self::Auth0 | Self::Keycloak | Self::EntraV2 | Self::EntraV1 => Some("JWT"),
        }
    }

    /// Returns the subject of a machine's token.
    pub(super) fn subject_of_client(self, client_id: &str) -> String {
        match self {
            Self::Rfc9068 | Self::Okta => client_id.to_owned(),
            Self::Auth0 => format!("{client_id}@clients"),
            // The service account and the service principal have ids of their own.
            Self::Keycloak | Self::EntraV2 | Self::EntraV1 => uuid(client_id),
        }
    }

    /// Returns the audience: that which is asked for, and what the provider adds by itself.
    pub(super) fn audience(self, token: &TestAccessToken, issuer: &str) -> Vec<String> {
        let mut audience = token.audience.clone();
        match self {
            Self::Auth0 if token.scope.iter().any(|scope| scope == "openid") => {
                audience.push(format!("{}/userinfo", issuer.trim_end_matches('/')));
            }
            Self::Keycloak => audience.push("account".to_owned()),
            _ => {}
        }
        audience
    }

    /// Returns a new `jti`.
    pub(super) fn jti(self, holder: &Holder) -> String {
        match (self, holder) {
            (Self::Keycloak, Holder::User(_)) => format!("onrtac:{}", uuid(&random())),
            (Self::Keycloak, Holder::Client) => format!("trrtcc:{}", uuid(&random())),
            (Self::Okta, _) => format!("AT.{}", random()),
            _ => random(),
        }
    }

    /// Returns whether the shape has a claim for the permissions and roles of `token`.
    pub(super) fn can_say(self, token: &TestAccessToken) -> bool {
        let permissions = matches!(self, Self::Rfc9068 | Self::Auth0);
        let roles = !matches!(self, Self::Auth0 | Self::Okta);
        (permissions || token.permissions.is_none()) && (roles || token.roles.is_empty())
    }

    /// Returns the claims of a token.
    pub(super) fn claims(
        self,
        token: &TestAccessToken,
        record: &AccessTokenRecord,
        issuer: &str,
    ) -> Map<String, Value> {
        let claims = record.standard_claims(issuer);
        let is_machine = matches!(token.holder, Holder::Client);
        match self {
            Self::Rfc9068 => rfc9068(claims, token, is_machine),
            Self::Auth0 => auth0(claims, token, is_machine),
            Self::Keycloak => keycloak(claims, token, record, is_machine),
            Self::Okta => okta(claims, record, is_machine),
            Self::EntraV2 | Self::EntraV1 => entra(self, claims, token, record, is_machine),
        }
    }
}

type Claims = Map<String, Value>;

fn rfc9068(mut claims: Claims, token: &TestAccessToken, is_machine: bool) -> Claims {
    if let Some(permissions) = &token.permissions {
        claims.insert("permissions".to_owned(), json!(permissions));
    }
    if !token.roles.is_empty() {
        claims.insert("roles".to_owned(), json!(token.roles));
    }
    if is_machine {
        claims.insert("gty".to_owned(), json!("client-credentials"));
    }
    claims
}

fn auth0(mut claims: Claims, token: &TestAccessToken, is_machine: bool) -> Claims {
    rename(&mut claims, "client_id", "azp");
    claims.remove("jti");
    let of_the_api = token.scope.iter().filter(|scope| !OPENID_SCOPES.contains(&scope.as_str()));
    let permissions = token.permissions.clone().unwrap_or_else(|| of_the_api.cloned().collect());
    claims.insert("permissions".to_owned(), json!(permissions));
    if is_machine {
        claims.insert("gty".to_owned(), json!("client-credentials"));
    }
    claims
}

fn keycloak(
    mut claims: Claims,
    token: &TestAccessToken,
    record: &AccessTokenRecord,
    is_machine: bool,
) -> Claims {
    rename(&mut claims, "client_id", "azp");
    let mut roles = vec!["offline_access", "uma_authorization", "default-roles-test"];
    roles.extend(token.roles.iter().map(String::as_str));
    let account = ["manage-account", "manage-account-links", "view-profile"];
    extend(
        &mut claims,
        json!({
            "typ": record.token_type(),
            "acr": "1",
            "allowed-origins": ["/*"],
            "realm_access": { "roles": roles },
            "resource_access": { "account": { "roles": account } },
            "email_verified": !is_machine,
        }),
    );
    let more = match is_machine {
        true => json!({
            "client_id": record.client_id,
            "clientHost": "127.0.0.1",
            "clientAddress": "127.0.0.1",
            "preferred_username": format!("service-account-{}", record.client_id),
        }),
        false => json!({
            "sid": uuid(&format!("session of {}", record.subject)),
            "auth_time": record.issued.unix_seconds(),
            "preferred_username": record.subject,
        }),
    };
    extend(&mut claims, more);
    claims
}

fn okta(mut claims: Claims, record: &AccessTokenRecord, is_machine: bool) -> Claims {
    rename(&mut claims, "client_id", "cid");
    claims.remove("scope");
    extend(&mut claims, json!({ "ver": 1, "scp": record.scope }));
    if !is_machine {
        extend(&mut claims, json!({ "uid": record.subject, "auth_time": record.issued.unix_seconds() }));
    }
    claims
}

fn entra(
    shape: Shape,
    mut claims: Claims,
    token: &TestAccessToken,
    record: &AccessTokenRecord,
    is_machine: bool,
) -> Claims {
    // How the client authenticated: 0 is a public one, 1 is one with a secret.
    let method = if is_machine { "1" } else { "0" };
    let (client, client_method, version) = match shape {
        Shape::EntraV1 => ("appid", "appidacr", "1.0"),
        _ => ("azp", "azpacr", "2.0"),
    };
    rename(&mut claims, "client_id", client);
    rename(&mut claims, "jti", "uti");
    claims.remove("scope");
    let oid = if is_machine { record.subject.clone() } else { uuid(&record.subject) };
    extend(&mut claims, json!({ "ver": version, "tid": uuid("tenant"), "oid": oid }));
    claims.insert(client_method.to_owned(), json!(method));
    claims.entry("nbf").or_insert_with(|| json!(record.issued.unix_seconds()));
    let mut roles = token.roles.clone();
    if is_machine {
        // A machine is granted roles of the API; scopes are what a person consents to.
        roles.extend(token.scope.iter().cloned());
    } else {
        claims.insert("scp".to_owned(), json!(record.scope.join(" ")));
    }
    if !roles.is_empty() {
        claims.insert("roles".to_owned(), json!(roles));
    }
    claims
}

fn rename(claims: &mut Claims, from: &str, to: &str) {
    if let Some(value) = claims.remove(from) {
        claims.insert(to.to_owned(), value);
    }
}

fn extend(claims: &mut Claims, more: Value) {
    if let Value::Object(more) = more {
        claims.extend(more);
    }
}

/// Returns a name in the form of a UUID, the same for the same text.
fn uuid(text: &str) -> String {
    let hex: String = sha256(text.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

const OPENID_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_and_roles_are_not_lost_in_a_shape_that_has_no_claim_for_them() {
        for (shape, permissions, roles) in [
            (Shape::Rfc9068, true, true),
            (Shape::Auth0, true, false),
            (Shape::Keycloak, false, true),
            (Shape::Okta, false, false),
            (Shape::EntraV2, false, true),
            (Shape::EntraV1, false, true),
        ] {
            let ada = || TestAccessToken::new("ada");
            assert!(shape.can_say(&ada()), "{shape:?}");
            assert_eq!(shape.can_say(&ada().with_permissions(&[])), permissions, "{shape:?}");
            assert_eq!(shape.can_say(&ada().with_roles(&["admin"])), roles, "{shape:?}");
        }
    }
}
