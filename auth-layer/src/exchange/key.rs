//! Under what an exchanged token is kept: whose it is, and what was asked for.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::config::ClientAuthentication;
use crate::exchange::request::{ExchangeRequest, FederatedConnection};
use crate::identifier::{ClientId, Issuer};
use crate::secret::SecretText;
use crate::token::RefreshKey;

/// Whose token it is: a hash of the token that was exchanged, or of the session, and of who exchanged it where.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SubjectKey([u8; 32]);

/// What was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TargetKey([u8; 32]);

/// Deliberately nothing less than both: keyed by audience and scope, one user would be handed another's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) subject: SubjectKey,
    pub(crate) target: TargetKey,
}

impl Key {
    /// Names and seals the token in a store; derived from the token that was exchanged, and from the client's secret.
    ///
    /// Deliberately from both: each caller of an API has a token for it, and alone could not exchange it.
    pub(crate) fn in_store(&self, client: &ClientAuthentication) -> RefreshKey {
        RefreshKey(hash(&[b"shared", client.secret().as_bytes(), &self.subject.0, &self.target.0]))
    }
}

impl SubjectKey {
    pub(crate) fn of_token(token: &str, client: &ClientId, issuer: &Issuer) -> Self {
        Self(hash(&[b"token", token.as_bytes(), client.as_str().as_bytes(), issuer.as_str().as_bytes()]))
    }

    /// By its id, since its refresh token changes and its connections do not.
    pub(crate) fn of_session(id: &SecretText, client: &ClientId, issuer: &Issuer) -> Self {
        Self(hash(&[b"session", id.as_bytes(), client.as_str().as_bytes(), issuer.as_str().as_bytes()]))
    }

    /// What a pause after a failure is spread by, so that users do not come back in step.
    pub(crate) const fn spread(&self) -> RefreshKey {
        RefreshKey(self.0)
    }
}

impl TargetKey {
    pub(crate) fn of_request(request: &ExchangeRequest) -> Self {
        let kind = request.subject_token_type.as_deref().unwrap_or_default();
        let actor = request.actor.as_ref().map_or("", |actor| actor.expose());
        let (audience, scopes) = (request.audience.as_str(), request.scopes.as_str());
        Self(hash(&[b"audience", audience.as_bytes(), scopes.as_bytes(), kind.as_bytes(), actor.as_bytes()]))
    }

    pub(crate) fn of_connection(connection: &FederatedConnection) -> Self {
        // That there is no hint is not the same as an empty one.
        let hint =
            connection.login_hint.as_deref().map_or_else(Vec::new, |hint| format!("={hint}").into_bytes());
        Self(hash(&[b"connection", connection.name.as_bytes(), &hint]))
    }
}

/// The length goes before each part, so that no two splits of the same bytes share a key.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut key = [0_u8; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKey(..)")
    }
}

impl fmt::Debug for TargetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TargetKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    fn key(token: &str, request: &ExchangeRequest) -> Key {
        let (client, issuer) = (ClientId::from("shop"), Issuer::from("https://op.example"));
        Key { subject: SubjectKey::of_token(token, &client, &issuer), target: TargetKey::of_request(request) }
    }

    #[test]
    fn whatever_differs_has_another_key_and_the_order_of_scopes_does_not() {
        let plain = || ExchangeRequest::for_audience("https://billing.example");
        let scoped = plain().with_scopes(["a", "b"]);
        let keys = [
            key("one", &plain()),
            key("two", &plain()),
            key("one", &scoped),
            key("one", &plain().with_scopes(["a"])),
            key("one", &plain().with_subject_token_type("urn:acme:token")),
            key("one", &ExchangeRequest::for_audience("https://billing.examplea")),
        ];
        for (place, one) in keys.iter().enumerate() {
            assert!(keys[place + 1..].iter().all(|other| other != one), "{place}");
        }
        assert_eq!(key("one", &scoped), key("one", &plain().with_scopes(["b", "a", "b"])));
        let (client, issuer) = (ClientId::from("shop"), Issuer::from("https://op.example"));
        let (a, b) = (
            SubjectKey::of_token("ab", &client, &issuer),
            SubjectKey::of_token("a", &ClientId::from("bshop"), &issuer),
        );
        assert_ne!(a, b);
        assert_ne!(a, SubjectKey::of_session(&SecretText::from("ab"), &client, &issuer));
    }

    #[test]
    fn whoever_has_the_token_and_the_store_has_not_what_it_was_exchanged_for() {
        let key = key("one", &ExchangeRequest::for_audience("https://billing.example"));
        let of = |secret: &str| key.in_store(&ClientAuthentication::Post(Secret::new(secret.to_owned())));
        assert!(of("s3cret") != of("guessed") && of("s3cret") != key.in_store(&ClientAuthentication::None));
        assert!(of("s3cret") == of("s3cret"), "each instance has the secret");
    }

    #[test]
    fn a_hint_is_part_of_what_was_asked_for() {
        let named = || FederatedConnection::named("google-oauth2");
        let keys = [
            TargetKey::of_connection(&named()),
            TargetKey::of_connection(&named().with_login_hint("")),
            TargetKey::of_connection(&named().with_login_hint("ada")),
            TargetKey::of_connection(&FederatedConnection::named("google-oauth2=ada")),
        ];
        for (place, one) in keys.iter().enumerate() {
            assert!(keys[place + 1..].iter().all(|other| other != one), "{place}");
        }
    }
}
