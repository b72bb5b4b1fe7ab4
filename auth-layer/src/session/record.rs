//! A session's record, and its compact form under the seal.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::secret::SecretText;
use crate::session::seal::OpenedSeal;
use crate::session::sealed_tokens::SealedTokens;
use crate::token::{TokenSet, User};

/// All that is known of a session.
#[derive(Clone, Debug)]
pub(crate) struct SessionRecord {
    pub(crate) id: SecretText,
    pub(crate) created_at: Timestamp,
    /// When it was last noted that the session is in use.
    pub(crate) rolled_at: Timestamp,
    /// The end, however much it is used.
    pub(crate) expires_at: Timestamp,
    /// When its id token was issued, by the provider's clock: a logout of the user ends what began before.
    pub(crate) issued_at: Timestamp,
    pub(crate) user: User,
    /// The provider's id of its own session (OpenID Connect Back-Channel Logout §2.1).
    pub(crate) sid: Option<SecretText>,
    /// Kept as the hint of a logout at the provider.
    pub(crate) id_token: Option<SecretText>,
    pub(crate) token_set: Arc<TokenSet>,
}

/// It is no record, or one of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a session record of version {VERSION}")]
pub(crate) struct RecordError;

/// The form under the seal.
///
/// Texts of some length are bytes here: they are checked to be text when they are used, which for
/// most of them is not in this request.
#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    id: &'a [u8],
    created_at: Timestamp,
    rolled_at: Timestamp,
    expires_at: Timestamp,
    issued_at: Timestamp,
    subject: &'a [u8],
    claims: &'a [u8],
    sid: Option<&'a [u8]>,
    id_token: Option<&'a [u8]>,
    #[serde(borrow)]
    tokens: SealedTokens<'a>,
}

impl SessionRecord {
    /// The plaintext to be sealed.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let wire = Wire {
            id: self.id.as_bytes(),
            created_at: self.created_at,
            rolled_at: self.rolled_at,
            expires_at: self.expires_at,
            issued_at: self.issued_at,
            subject: self.user.subject_text().as_bytes(),
            claims: self.user.claims_text().as_bytes(),
            sid: self.sid.as_ref().map(SecretText::as_bytes),
            id_token: self.id_token.as_ref().map(SecretText::as_bytes),
            tokens: SealedTokens::of(&self.token_set),
        };
        postcard::to_extend(&wire, vec![VERSION]).expect("strings and numbers always have a compact form")
    }

    /// Reads what [`SessionRecord::encode`] wrote; its secrets stay where they were opened.
    pub(crate) fn decode(opened: &OpenedSeal) -> Result<Self, RecordError> {
        let [VERSION, body @ ..] = opened.plaintext() else { return Err(RecordError) };
        let (wire, rest) = postcard::take_from_bytes::<Wire<'_>>(body).map_err(|_| RecordError)?;
        if !rest.is_empty() {
            return Err(RecordError);
        }
        let part = |text: &[u8]| SecretText::part_of(opened.buffer(), text);
        Ok(Self {
            id: part(wire.id),
            created_at: wire.created_at,
            rolled_at: wire.rolled_at,
            expires_at: wire.expires_at,
            issued_at: wire.issued_at,
            user: User::sealed(part(wire.subject), part(wire.claims)),
            sid: wire.sid.map(part),
            id_token: wire.id_token.map(part),
            token_set: Arc::new(wire.tokens.open(part)),
        })
    }
}

const VERSION: u8 = 2;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use serde_json::{Map, Value};

    use super::*;
    use crate::config::SessionKey;
    use crate::identifier::{Audience, Subject};
    use crate::scope::ScopeSet;
    use crate::session::seal::{KeyRing, Purpose};
    use crate::token::{IssuedToken, RefreshKey};

    /// Seals and opens, as a browser's visit does.
    fn opened(plaintext: &[u8]) -> OpenedSeal {
        let ring = KeyRing::new(&[SessionKey::from_bytes(vec![1; 32])]);
        ring.open(&Purpose::new("session"), ring.seal(&Purpose::new("session"), plaintext)).unwrap()
    }

    pub(crate) fn record() -> SessionRecord {
        let mut claims = Map::new();
        claims.insert("name".into(), Value::from("Ada"));
        let token = IssuedToken {
            value: SecretText::from("access"),
            audience: Some(Audience::from("https://api.example")),
            granted: ScopeSet::parse("openid read:products"),
            issued_at: Timestamp::from_unix_seconds(10),
            expires_at: Timestamp::from_unix_seconds(70),
        };
        SessionRecord {
            id: SecretText::from("id"),
            created_at: Timestamp::from_unix_seconds(10),
            rolled_at: Timestamp::from_unix_seconds(10),
            expires_at: Timestamp::from_unix_seconds(1_000),
            issued_at: Timestamp::from_unix_seconds(9),
            user: User::new(Subject::from("user|1"), claims),
            sid: Some(SecretText::from("sid")),
            id_token: Some(SecretText::from("id-token")),
            token_set: Arc::new(TokenSet {
                granted: ScopeSet::parse("openid read:products"),
                generation: 3,
                refresh_token: Some(SecretText::from("refresh")),
                access_tokens: vec![Arc::new(token)],
                predecessor: Some(RefreshKey([9; 32])),
            }),
        }
    }

    #[test]
    fn a_record_comes_back_as_it_went() {
        let plaintext = record().encode();
        let back = SessionRecord::decode(&opened(&plaintext)).unwrap();
        assert_eq!(back.encode(), plaintext);
        assert_eq!(back.user.name(), Some("Ada"));
        assert!(back.token_set.refresh_token.as_ref().unwrap().ct_eq(b"refresh"));
    }

    #[test]
    fn what_is_cut_longer_or_of_another_version_is_refused() {
        let plaintext = record().encode();
        for end in 0..plaintext.len() {
            assert_eq!(
                SessionRecord::decode(&opened(&plaintext[..end])).unwrap_err(),
                RecordError,
                "cut at {end}"
            );
        }
        assert!(SessionRecord::decode(&opened(&[&plaintext[..], &[0]].concat())).is_err());
        assert!(SessionRecord::decode(&opened(&[&[1], &plaintext[1..]].concat())).is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", record());
        for secret in ["access", "refresh\"", "id-token", "Ada"] {
            assert!(!shown.contains(&format!("\"{secret}")), "{secret} in {shown}");
        }
        // What came of the spent refresh token is sealed in the store with a key that is derived from this.
        assert!(!shown.contains("9, 9, 9"), "{shown}");
    }
}
