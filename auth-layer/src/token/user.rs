//! The end user of a session: the claims of the id token (OpenID Connect Core §2, §5.1).

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::identifier::{Organization, Subject};
use crate::secret::SecretText;

/// The end user who is logged in; a copy costs one reference count.
///
/// `Debug` shows the subject alone: names and addresses do not belong in logs.
#[derive(Clone)]
pub struct User(Arc<Inner>);

struct Inner {
    /// The subject and the claims, as the session holds them; read when they are first asked for,
    /// since most requests ask for neither.
    subject_text: SecretText,
    subject: OnceLock<Subject>,
    claims_text: SecretText,
    claims: OnceLock<Map<String, Value>>,
}

impl User {
    pub(crate) fn new(subject: Subject, claims: Map<String, Value>) -> Self {
        Self(Arc::new(Inner {
            subject_text: SecretText::from(subject.as_str()),
            subject: OnceLock::from(subject),
            claims_text: SecretText::new(Value::Object(claims.clone()).to_string()),
            claims: OnceLock::from(claims),
        }))
    }

    /// A user as the session holds them: [`User::subject_text`] and [`User::claims_text`].
    pub(crate) fn sealed(subject_text: SecretText, claims_text: SecretText) -> Self {
        let (subject, claims) = (OnceLock::new(), OnceLock::new());
        Self(Arc::new(Inner { subject_text, subject, claims_text, claims }))
    }

    pub(crate) fn subject_text(&self) -> &str {
        self.0.subject_text.expose()
    }

    pub(crate) fn claims_text(&self) -> &str {
        self.0.claims_text.expose()
    }

    /// Returns the subject (`sub`): the only claim that names this user for ever.
    ///
    /// It is unique at its issuer. Where bearer tokens of several issuers are taken, two users may share
    /// one: only the pair with [`AccessToken::issuer`](crate::AccessToken::issuer) is a key.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        self.0.subject.get_or_init(|| Subject::from(self.subject_text()))
    }

    /// Returns the name to show, if the provider gave one (scope `profile`).
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// Returns the e-mail address, if the provider gave one (scope `email`).
    ///
    /// It is no identifier: see `email_verified`, and use [`User::subject`] as a key.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.text("email")
    }

    /// Returns one claim as it came.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims().get(name)
    }

    /// Returns all claims that describe the user; the protocol's own (`nonce`, `at_hash`) are left out.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        // What our own seal holds is an object; nothing else gets there.
        self.0.claims.get_or_init(|| serde_json::from_str(self.claims_text()).unwrap_or_default())
    }

    /// Reads the claims into a type of the caller's.
    ///
    /// # Errors
    /// The error of `serde_json` where a claim is missing or of another type.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(Value::Object(self.claims().clone()))
    }

    /// The organization that the user logged in to, as Auth0's log has it.
    pub(crate) fn organization(&self) -> Option<Organization> {
        self.text("org_id").map(Organization::from)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Value::as_str)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("subject", self.subject()).finish_non_exhaustive()
    }
}
