//! The end user of a session: the claims of the id token (OpenID Connect Core §2, §5.1).

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::identifier::Subject;
use crate::secret::SecretText;

/// The end user who is logged in; a copy costs one reference count.
///
/// `Debug` shows the subject alone: names and addresses do not belong in logs.
#[derive(Clone)]
pub struct User(Arc<Inner>);

struct Inner {
    subject: Subject,
    /// The claims as JSON, read when they are first asked for: most requests ask for none.
    text: SecretText,
    claims: OnceLock<Map<String, Value>>,
}

impl User {
    pub(crate) fn new(subject: Subject, claims: Map<String, Value>) -> Self {
        let text = SecretText::new(Value::Object(claims.clone()).to_string());
        Self(Arc::new(Inner { subject, text, claims: OnceLock::from(claims) }))
    }

    /// A user as the session holds them; `claims` is what [`User::claims_text`] gave.
    pub(crate) fn sealed(subject: Subject, claims: SecretText) -> Self {
        Self(Arc::new(Inner { subject, text: claims, claims: OnceLock::new() }))
    }

    pub(crate) fn claims_text(&self) -> &str {
        self.0.text.expose()
    }

    /// Returns the subject (`sub`): the only claim that names this user for ever.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.0.subject
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

    fn text(&self, name: &str) -> Option<&str> {
        self.claim(name).and_then(Value::as_str)
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("subject", &self.0.subject).finish_non_exhaustive()
    }
}
