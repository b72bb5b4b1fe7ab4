//! The logout token (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6): a session is over, says the provider.
//!
//! # Rules
//! 1. `typ` is `logout+jwt`; `JWT` or none is taken too, since providers send it (§2.4 recommends).
//! 2. `iss`, `aud`, `iat`, `exp` and `jti` are required, and `sub` or `sid`.
//! 3. `events` has the member of the logout, an object; without it this is no logout token.
//! 4. There is no `nonce` and no `at_hash`: an id token ends no session.
//!
//! That a `jti` comes only once is for the caller to see: it knows where it remembers them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess};
use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::identifier::{ClientId, Issuer, Subject};
use crate::jose::claim::{Text, Time, required, short};
use crate::jose::compact::Compact;
use crate::jose::error::VerifyError;
use crate::jose::jwks::Jwks;
use crate::jose::members::{Members, names, read_members};
use crate::jose::times::Now;
use crate::jose::words::Words;

/// What a logout token must say.
#[derive(Clone, Copy, Debug)]
pub struct LogoutTokenExpectations<'a> {
    issuer: &'a Issuer,
    client_id: &'a ClientId,
    now: Timestamp,
    skew: Duration,
}

impl<'a> LogoutTokenExpectations<'a> {
    /// Expects a token of this issuer for this client, with a skew of 30 seconds.
    #[must_use]
    pub const fn new(issuer: &'a Issuer, client_id: &'a ClientId, now: Timestamp) -> Self {
        Self { issuer, client_id, now, skew: SKEW }
    }

    /// Lets the clocks differ by `skew`; more than 60 seconds are 60 seconds.
    #[must_use]
    pub const fn with_skew(self, skew: Duration) -> Self {
        Self { skew, ..self }
    }
}

/// An accepted logout token: which sessions are over.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutToken {
    subject: Option<Subject>,
    sid: Option<String>,
    jti: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl LogoutToken {
    /// Returns the user, all of whose sessions are over where there is no [`sid`](Self::sid).
    #[must_use]
    pub const fn subject(&self) -> Option<&Subject> {
        self.subject.as_ref()
    }

    /// Returns the provider's name of the one session that is over.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// Returns the token's own name, of 256 bytes at most: one that comes again is a replay.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// Returns when it was issued, by the provider's clock: a session that began after that is another one.
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Returns until when, the skew not counted, a replay would be accepted.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Shows nothing of the token.
impl fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogoutToken(..)")
    }
}

impl Jwks {
    /// Verifies a logout token (OpenID Connect Back-Channel Logout 1.0 §2.6).
    ///
    /// # Errors
    /// [`VerifyError`] with the first [stage](crate::jose::Stage) that fails.
    pub fn verify_logout_token(
        &self,
        token: &str,
        expected: &LogoutTokenExpectations<'_>,
    ) -> Result<LogoutToken, VerifyError> {
        let token = Compact::read(token)?;
        self.check(&token)?;
        if token.kind().is_some_and(|kind| kind != "logout+jwt" && kind != "jwt") {
            return Err(VerifyError::claims("typ says that it is another kind of token"));
        }
        judge(token.payload(), expected)
    }
}

fn judge(payload: &[u8], expected: &LogoutTokenExpectations<'_>) -> Result<LogoutToken, VerifyError> {
    let claims: Claims<'_> = read_members(payload)?;
    if claims.is_id_token {
        return Err(VerifyError::claims("it has a nonce or at_hash: it is an id token"));
    }
    if required("iss", claims.issuer)? != expected.issuer.as_str() {
        return Err(VerifyError::claims("iss is another issuer"));
    }
    if !required("aud", claims.audience)?.iter().any(|one| expected.client_id == one) {
        return Err(VerifyError::claims("aud is another client"));
    }
    let issued_at = required("iat", claims.issued)?;
    let expires_at = required("exp", claims.expires)?;
    let now = Now::new(expected.now, expected.skew);
    now.is_after("iat", issued_at).map_err(VerifyError::claims)?;
    now.is_before("exp", expires_at).map_err(VerifyError::claims)?;
    if required("events", claims.events)?.logout.is_none() {
        return Err(VerifyError::claims("events has no logout"));
    }
    let jti = short("jti", required("jti", claims.jti)?)?.into_owned();
    let subject = claims.subject.map(|sub| short("sub", sub)).transpose()?.map(|sub| Subject::from(&*sub));
    let sid = claims.sid.map(|sid| short("sid", sid)).transpose()?.map(Cow::into_owned);
    if subject.is_none() && sid.is_none() {
        return Err(VerifyError::claims("sub and sid are missing"));
    }
    Ok(LogoutToken { subject, sid, jti, issued_at, expires_at })
}

#[derive(Default)]
struct Claims<'a> {
    issuer: Option<Cow<'a, str>>,
    audience: Option<Words<'a>>,
    issued: Option<Timestamp>,
    expires: Option<Timestamp>,
    jti: Option<Cow<'a, str>>,
    events: Option<Events>,
    subject: Option<Cow<'a, str>>,
    sid: Option<Cow<'a, str>>,
    is_id_token: bool,
}

names!(Claim {
    "iss" => Issuer,
    "aud" => Audience,
    "iat" => Issued,
    "exp" => Expires,
    "jti" => Jti,
    "events" => Events,
    "sub" => Subject,
    "sid" => Sid,
    "nonce" => Nonce,
    "at_hash" => AccessTokenHash,
});

impl<'de> Members<'de> for Claims<'de> {
    type Name = Claim;

    fn read<A: MapAccess<'de>>(&mut self, claim: Claim, access: &mut A) -> Result<(), A::Error> {
        match claim {
            Claim::Issuer => self.issuer = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Audience => self.audience = Some(access.next_value()?),
            Claim::Issued => self.issued = Some(access.next_value::<Time>()?.0),
            Claim::Expires => self.expires = Some(access.next_value::<Time>()?.0),
            Claim::Jti => self.jti = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Events => self.events = Some(access.next_value()?),
            Claim::Subject => self.subject = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Sid => self.sid = Some(access.next_value::<Text<'_>>()?.0),
            Claim::Nonce | Claim::AccessTokenHash => {
                self.is_id_token = access.next_value::<IgnoredAny>().map(|_| true)?;
            }
        }
        Ok(())
    }
}

/// What happened: the name of the event, and an object.
#[derive(Deserialize)]
struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: Option<Map<String, Value>>,
}

const SKEW: Duration = Duration::from_secs(30);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jose::algorithm::Algorithm;
    use crate::jose::error::Stage;
    use crate::jose::signer::Signer;

    const NOW: u64 = 1_800_000_000;
    const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

    fn verify(kind: &str, claims: &Value) -> Result<LogoutToken, VerifyError> {
        let signer = Signer::new(Algorithm::Es256);
        let token = match kind {
            "" => signer.sign_raw(r#"{"alg":"ES256"}"#, claims.to_string().as_bytes()),
            kind => signer.sign(kind, claims),
        };
        let (issuer, client) = ("https://op.example".into(), "shop".into());
        let expected = LogoutTokenExpectations::new(&issuer, &client, Timestamp::from_unix_seconds(NOW));
        signer.jwks().verify_logout_token(&token, &expected)
    }

    /// Why honest claims are refused of which some are replaced; `null` removes one.
    fn why(changes: Value) -> Option<String> {
        let mut claims = json!({
            "iss": "https://op.example", "aud": "shop", "iat": NOW, "exp": NOW + 120, "jti": "7",
            "sub": "local|ada", "sid": "s1", "events": { EVENT: {} },
        });
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        verify("logout+jwt", &claims).err().map(|error| {
            assert_eq!(error.stage(), Stage::Claims);
            error.why().to_owned()
        })
    }

    #[test]
    fn an_honest_token_says_which_sessions_are_over() {
        let claims = json!({
            "iss": "https://op.example", "aud": ["shop"], "iat": NOW, "exp": NOW + 120, "jti": "7",
            "sub": "local|ada", "sid": "s1", "events": { EVENT: {}, "other": 1 }, "typ": "Logout",
        });
        for kind in ["logout+jwt", "application/logout+jwt", "Logout+JWT", "JWT", ""] {
            let token = verify(kind, &claims).unwrap();
            assert_eq!(
                (token.subject().unwrap().as_str(), token.sid(), token.jti()),
                ("local|ada", Some("s1"), "7")
            );
            assert_eq!(token.issued_at().unix_seconds(), NOW);
            assert_eq!(token.expires_at().unix_seconds(), NOW + 120);
            assert_eq!(format!("{token:?}"), "LogoutToken(..)");
        }
        assert_eq!(why(json!({ "sub": null })), None);
        assert_eq!(why(json!({ "sid": null })), None);
        for kind in ["at+jwt", "dpop+jwt", "secevent+jwt", "JOSE"] {
            let error = verify(kind, &claims).unwrap_err();
            assert_eq!(error.why(), "typ says that it is another kind of token", "{kind}");
        }
    }

    #[test]
    fn a_claim_that_is_missing_wrong_or_of_another_type_is_refused() {
        let table = [
            (json!({ "iss": null }), "iss is missing"),
            (json!({ "iss": "https://op.example/" }), "iss is another issuer"),
            (json!({ "iss": ["https://op.example"] }), "iss is of the wrong type"),
            (json!({ "aud": null }), "aud is missing"),
            (json!({ "aud": "other" }), "aud is another client"),
            (json!({ "aud": [] }), "aud is another client"),
            (json!({ "aud": [["shop"]] }), "aud is of the wrong type"),
            (json!({ "iat": null }), "iat is missing"),
            (json!({ "iat": NOW + 31 }), "iat is ahead by 31 s: compare the clocks"),
            (json!({ "iat": NOW.to_string() }), "iat is of the wrong type"),
            (json!({ "exp": null }), "exp is missing"),
            (json!({ "exp": NOW - 30 }), "exp is past by 30 s: compare the clocks"),
            (json!({ "exp": "never" }), "exp is of the wrong type"),
            (json!({ "jti": null }), "jti is missing"),
            (json!({ "jti": "" }), "jti is empty or longer than 256 bytes"),
            (json!({ "jti": "j".repeat(257) }), "jti is empty or longer than 256 bytes"),
            (json!({ "jti": 7 }), "jti is of the wrong type"),
            (json!({ "events": null }), "events is missing"),
            (json!({ "events": [EVENT] }), "events is of the wrong type"),
            (json!({ "events": EVENT }), "events is of the wrong type"),
            (json!({ "events": {} }), "events has no logout"),
            (json!({ "events": { EVENT: null } }), "events has no logout"),
            (json!({ "events": { EVENT: [] } }), "events is of the wrong type"),
            (json!({ "events": { "http://schemas.openid.net/event/other": {} } }), "events has no logout"),
            (json!({ "sub": null, "sid": null }), "sub and sid are missing"),
            (json!({ "sub": 7 }), "sub is of the wrong type"),
            (json!({ "sub": "" }), "sub is empty or longer than 256 bytes"),
            (json!({ "sid": ["s1"] }), "sid is of the wrong type"),
            (json!({ "nonce": "n" }), "it has a nonce or at_hash: it is an id token"),
            (json!({ "nonce": false }), "it has a nonce or at_hash: it is an id token"),
            (json!({ "at_hash": "h" }), "it has a nonce or at_hash: it is an id token"),
        ];
        for (changes, expected) in table {
            assert_eq!(why(changes.clone()).as_deref(), Some(expected), "{changes}");
        }
        assert_eq!(why(json!({})), None, "what these tests bend is good before");
    }

    #[test]
    fn the_key_the_skew_and_null_are_judged_too() {
        let (issuer, client) = ("https://op.example".into(), "shop".into());
        let expected = LogoutTokenExpectations::new(&issuer, &client, Timestamp::from_unix_seconds(NOW));
        let claims = json!({
            "iss": "https://op.example", "aud": "shop", "iat": NOW, "exp": NOW - 45, "jti": "7", "sid": "s1",
            "events": { EVENT: {} },
        });
        let signer = Signer::new(Algorithm::Es256);
        let token = signer.sign("logout+jwt", &claims);
        let keys = signer.jwks();
        assert!(keys.verify_logout_token(&token, &expected).is_err());
        assert!(keys.verify_logout_token(&token, &expected.with_skew(Duration::from_secs(50))).is_ok());
        let strange =
            Signer::new(Algorithm::Rs256).jwks().verify_logout_token(&token, &expected).unwrap_err();
        assert_eq!(strange.stage(), Stage::Key);
        // JSON null is not absence.
        let null = json!({ "nonce": null }).to_string();
        assert!(judge(null.as_bytes(), &expected).unwrap_err().why().contains("nonce"));
    }
}
