//! Whom a token stands for, in the words of the providers (RFC 9068 §2.2, §5).

use crate::jose::AccessTokenClaims;
use crate::token::Principal;

/// Whom a token stands for; see [`AccessToken::principal`](crate::AccessToken::principal).
pub(super) fn principal(claims: &AccessTokenClaims<'_>) -> Principal {
    let Some(subject) = claims.subject.as_deref() else { return Principal::Client };
    let by_grant = claims
        .grant_type
        .as_ref()
        .is_some_and(|grants| grants.iter().any(|grant| grant.replace('_', "-") == "client-credentials"));
    // Auth0 names the client so in the subject of its own token; others may have clients of such a name.
    let by_subject = claims
        .client()
        .is_some_and(|client| subject == client || subject.strip_suffix("@clients") == Some(client));
    if by_grant || by_subject || is_service_account(subject, claims) {
        return Principal::Client;
    }
    Principal::User
}

/// Whether the subject is an account that a client has for itself, in the words of those providers that
/// have such accounts.
fn is_service_account(subject: &str, claims: &AccessTokenClaims<'_>) -> bool {
    if let Some(kind) = claims.principal_kind.as_deref() {
        return kind == "app";
    }
    // Entra ID, without that optional claim: a person's subject is another one for each client, and only
    // an application's is its own object.
    if claims.has_tenant && claims.object.as_deref() == Some(subject) {
        return true;
    }
    // Keycloak. Of this very client, since a person may choose such a name too.
    let account = claims.username.as_deref().and_then(|name| name.strip_prefix("service-account-"));
    account.zip(claims.client()).is_some_and(|(account, client)| account.eq_ignore_ascii_case(client))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_known_however_its_claims_are_written_and_a_person_is_none() {
        for (more, expected) in [
            (r#""name":"Ada""#, Principal::User),
            (r#""preferred_username":"ada\n""#, Principal::User),
            (r#""idtyp":"user","tid":"t","oid":"7""#, Principal::User),
            (r#""idtyp":"app""#, Principal::Client),
            (r#""id\u0074yp":"\u0061pp""#, Principal::Client),
            (r#""azp":"shop","preferred_username":"service-account-shop""#, Principal::Client),
            (r#""azp":"shop","preferred_username":"service\u002daccount\u002dshop""#, Principal::Client),
            (r#""azp":"shop","preferred_username":"service-account-of-mine""#, Principal::User),
            (r#""tid":"t","oid":"7""#, Principal::Client),
            (r#""tid":"t","\u006fid":"7""#, Principal::Client),
            (r#""oid":"7""#, Principal::User),
            (r#""client_id":"7""#, Principal::Client),
            (r#""client_id":"7","gty":"password""#, Principal::Client),
            (r#""gty":"client-credentials""#, Principal::Client),
            (r#""gty":["client_credentials"]"#, Principal::Client),
        ] {
            let text = format!(r#"{{"sub":"7",{more}}}"#);
            let claims = AccessTokenClaims::read(text.as_bytes()).unwrap();
            assert_eq!(principal(&claims), expected, "{more}");
        }
    }

    #[test]
    fn a_client_whose_name_ends_as_subjects_do_at_auth0_is_itself() {
        for (subject, client, expected) in [
            ("7@clients", "7", Principal::Client),
            ("7@clients", "7@clients", Principal::Client),
            ("7", "7@clients", Principal::User),
            ("@clients", "7", Principal::User),
        ] {
            let text = format!(r#"{{"sub":"{subject}","client_id":"{client}"}}"#);
            let claims = AccessTokenClaims::read(text.as_bytes()).unwrap();
            assert_eq!(principal(&claims), expected, "{text}");
        }
    }
}
