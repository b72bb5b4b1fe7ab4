//! What a logout token for a test is like (OpenID Connect Back-Channel Logout 1.0 §2.4).

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::access_token::Change;
use super::issue::apply;
use crate::clock::Timestamp;
use crate::testing::encoding::random;
use crate::testing::provider::DEFAULT_CLIENT_ID;
use crate::testing::settings::Settings;
use crate::testing::state::State;

/// A logout token to be had without a logout; see
/// [`IdentityProvider::mint_logout_token`](crate::testing::IdentityProvider::mint_logout_token).
///
/// Without more it is as the provider sends it: for the default client, good for 120 seconds, with a
/// `jti` of its own. What is replaced or removed comes last.
///
/// # Example
/// ```
/// use auth_layer::testing::{IdentityProvider, TestLogoutToken, User};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let op = IdentityProvider::start().await;
/// let ada = TestLogoutToken::of_user(User::ada().subject());
/// let good = op.mint_logout_token(&ada);
/// // Bad, each in one way.
/// let of_another_client = op.mint_logout_token(&ada.clone().with_client_id("spa"));
/// let like_an_id_token = op.mint_logout_token(&ada.clone().with_claim("nonce", "n"));
/// let of_nobody = op.mint_logout_token(&ada.without_claim("sub"));
/// # let _ = (good, of_another_client, like_an_id_token, of_nobody);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TestLogoutToken {
    client_id: String,
    subject: Option<String>,
    sid: Option<String>,
    claims: Vec<Change>,
    header: Vec<Change>,
}

impl TestLogoutToken {
    /// Begins the token of one session at the provider, by its `sid`.
    pub fn of_session(sid: impl Into<String>) -> Self {
        Self { sid: Some(sid.into()), ..Self::new() }
    }

    /// Begins the token of all sessions of a user, by its `sub`.
    pub fn of_user(subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..Self::new() }
    }

    fn new() -> Self {
        Self {
            client_id: DEFAULT_CLIENT_ID.to_owned(),
            subject: None,
            sid: None,
            claims: Vec::new(),
            header: Vec::new(),
        }
    }

    /// Replaces the client that is told (`aud`).
    pub fn with_client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// Names the user (`sub`).
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Replaces a claim, or adds it: last of all, of any JSON type.
    pub fn with_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Removes a claim: last of all.
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.push((name.to_owned(), None));
        self
    }

    /// Replaces a member of the header, or adds it; the signature stays that of the key.
    pub fn with_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.push((name.to_owned(), Some(value.into())));
        self
    }

    /// Removes a member of the header, such as `kid` or `typ`.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.push((name.to_owned(), None));
        self
    }

    fn claims(&self, settings: &Settings, now: Timestamp) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        claim("iss", json!(settings.issuer));
        claim("aud", json!(self.client_id));
        claim("iat", json!(now.unix_seconds()));
        claim("exp", json!(now.plus(LIFETIME).unix_seconds()));
        claim("jti", json!(random()));
        claim("events", json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
        if let Some(subject) = &self.subject {
            claim("sub", json!(subject));
        }
        if let Some(sid) = &self.sid {
            claim("sid", json!(sid));
        }
        apply(&self.claims, &mut claims);
        claims
    }
}

/// Signs a logout token.
pub(in crate::testing) fn sign_logout_token(
    settings: &Settings,
    state: &State,
    now: Timestamp,
    token: &TestLogoutToken,
) -> String {
    let key = state.keys.current();
    let mut header = state.keys.header(key, Some("logout+jwt"));
    apply(&token.header, &mut header);
    key.sign(&Value::Object(header), &Value::Object(token.claims(settings, now)))
}

/// Two minutes, the most that §2.4 recommends.
const LIFETIME: Duration = Duration::from_secs(120);
