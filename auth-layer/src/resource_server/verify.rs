//! From a token that was never seen to one that is known: its format, key, signature, and claims.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memchr_iter;

use crate::clock::Timestamp;
use crate::config::IssuerSettings;
use crate::identifier::{ClientId, Subject};
use crate::jose::{
    AccessTokenClaims, AccessTokenExpectations, Compact, Jwks, Stage, VerifyError, Words, judge_access_token,
    scopes_at,
};
use crate::resource_server::credentials::Credentials;
use crate::resource_server::principal::principal;
use crate::resource_server::refusal::Refusal;
#[cfg(feature = "metrics")]
use crate::resource_server::refusal::RefusalKind;
use crate::resource_server::server::{ResourceServer, Trusted};
use crate::scope::ScopeSet;
use crate::secret::SecretBytes;
use crate::token::{Audiences, BearerToken, Granted, MetRules, Scheme, Standing};

impl ResourceServer {
    /// Verifies a JWT with the keys at hand, and remembers it; none where somebody has to be asked.
    pub(crate) fn verify_at_hand(
        &self,
        credentials: &Credentials<'_>,
    ) -> Option<Result<Arc<BearerToken>, Refusal>> {
        match Form::of(credentials) {
            Ok(Form::Jwt(token)) => match self.judge_at_hand(token) {
                Ok(verified) => Some(counted("jwt", Ok(verified?))),
                Err(refusal) => Some(counted("jwt", Err(refusal))),
            },
            Ok(Form::Opaque(_)) => None,
            Err(refusal) => Some(counted("opaque", Err(refusal))),
        }
    }

    fn judge_at_hand(&self, token: &str) -> Result<Option<Arc<BearerToken>>, Refusal> {
        let now = self.config.clock.now();
        let compact = Compact::read(token)?;
        let claims = AccessTokenClaims::read(compact.payload())?;
        let issuer = self.issuer_of(&claims)?;
        let Some(keys) = issuer.trusted.provider.keys.held(now) else { return Ok(None) };
        match issuer.trusted.check(&keys, &compact) {
            // Newer keys may tell.
            Err(error) if is_unknown(&error, &compact) => Ok(None),
            checked => self.judge(token, &compact, &claims, &issuer, checked?, now).map(Some),
        }
    }

    /// Verifies a token that the keys at hand do not tell about, and remembers it.
    ///
    /// # Cancellation
    /// May be dropped at any time: a fetch of keys that was begun is completed for the next one.
    pub(crate) async fn verify(&self, credentials: &Credentials<'_>) -> Result<Arc<BearerToken>, Refusal> {
        match Form::of(credentials)? {
            Form::Jwt(token) => counted("jwt", self.verify_jwt(token).await),
            Form::Opaque(token) => counted("opaque", self.verify_opaque(token).await),
        }
    }

    async fn verify_jwt(&self, token: &str) -> Result<Arc<BearerToken>, Refusal> {
        let compact = Compact::read(token)?;
        let claims = AccessTokenClaims::read(compact.payload())?;
        let issuer = self.issuer_of(&claims)?;
        let key = issuer.trusted.signer(&compact, self.config.clock.now()).await?;
        self.judge(token, &compact, &claims, &issuer, key, self.config.clock.now())
    }

    /// The issuer that a token names, and where its keys and the revocations stood before they are looked at.
    fn issuer_of(&self, claims: &AccessTokenClaims<'_>) -> Result<Named<'_>, Refusal> {
        let name = claims.issuer.as_deref();
        let place = name
            .and_then(|issuer| self.issuers.iter().position(|trusted| trusted.settings.issuer == *issuer));
        let named = place.and_then(|place| {
            Some(Named { place, trusted: self.issuers.get(place)?, epoch: self.epoch(place) })
        });
        named.ok_or_else(|| Refusal::invalid_token("the token fails at its Claims: iss is no trusted issuer"))
    }

    /// Judges the claims of a token that a key has signed.
    fn judge(
        &self,
        token: &str,
        compact: &Compact<'_>,
        claims: &AccessTokenClaims<'_>,
        issuer: &Named<'_>,
        key: [u8; 32],
        now: Timestamp,
    ) -> Result<Arc<BearerToken>, Refusal> {
        let settings = &issuer.trusted.settings;
        judge_access_token(
            compact.kind(),
            claims,
            &AccessTokenExpectations {
                issuer: &settings.issuer,
                audiences: &settings.audiences,
                profile: settings.profile,
                now,
                skew: self.config.skew,
            },
        )?;
        let expires_at = claims.expires.unwrap_or(now);
        let facts = Facts {
            place: issuer.place,
            key: Some(key),
            epoch: issuer.epoch,
            expires_at,
            good_until: expires_at.plus(self.config.skew),
            judged_at: now,
        };
        self.remember(settings.token(token, claims, compact.payload(), facts)?, now)
    }

    /// Keeps a verified token, unless the application has revoked it.
    pub(super) fn remember(&self, token: BearerToken, now: Timestamp) -> Result<Arc<BearerToken>, Refusal> {
        if self.is_revoked(&token) {
            return Err(Refusal::invalid_token("the application has revoked the token"));
        }
        let token = Arc::new(token);
        self.tokens.insert(Arc::clone(&token), now);
        Ok(token)
    }
}

impl Trusted {
    /// The thumbprint of the key that signed a token, where it is one of these.
    fn check(&self, keys: &Jwks, compact: &Compact<'_>) -> Result<[u8; 32], VerifyError> {
        Ok(*keys.check_with(compact, self.settings.algorithms.as_deref())?.thumbprint())
    }

    /// The thumbprint of the key that signed a token; for an unknown key newer keys are fetched, once in
    /// a while.
    async fn signer(&self, compact: &Compact<'_>, now: Timestamp) -> Result<[u8; 32], Refusal> {
        let source = &self.provider.keys;
        let keys = match source.held(now) {
            Some(keys) => keys,
            None => source.first().await?,
        };
        match self.check(&keys, compact) {
            Err(error) if is_unknown(&error, compact) => {
                let helps = |keys: &Jwks| !self.check(keys, compact).is_err_and(|e| is_unknown(&e, compact));
                let newer = source.newer(helps).await?;
                if Arc::ptr_eq(&newer, &keys) {
                    return Err(error.into());
                }
                Ok(self.check(&newer, compact)?)
            }
            checked => Ok(checked?),
        }
    }
}

/// An issuer that is trusted, named by a token.
struct Named<'s> {
    place: usize,
    trusted: &'s Trusted,
    epoch: u64,
}

/// Whether newer keys may tell: a token that names no key may be of one that is not there yet, too.
fn is_unknown(error: &VerifyError, compact: &Compact<'_>) -> bool {
    error.is_unknown_key() || (error.stage() == Stage::Signature && compact.key_id().is_none())
}

/// What is known of a token beside its claims.
pub(super) struct Facts {
    pub(super) place: usize,
    pub(super) key: Option<[u8; 32]>,
    pub(super) epoch: u64,
    pub(super) expires_at: Timestamp,
    pub(super) good_until: Timestamp,
    pub(super) judged_at: Timestamp,
}

impl IssuerSettings {
    /// The token as handlers see it, from claims that were judged.
    pub(super) fn token(
        &self,
        value: &str,
        claims: &AccessTokenClaims<'_>,
        claims_text: &[u8],
        facts: Facts,
    ) -> Result<BearerToken, Refusal> {
        let named = claims.audience.iter().flat_map(Words::iter);
        let audiences = named
            .filter_map(|audience| self.audiences.iter().find(|accepted| **accepted == *audience).cloned());
        Ok(BearerToken {
            value: SecretBytes::new(value.as_bytes().to_vec()),
            scheme: scheme(claims)?,
            issuer: self.issuer.clone(),
            audiences: Audiences::collect(audiences)
                .ok_or_else(|| Refusal::invalid_token("the token fails at its Claims: aud is another API"))?,
            granted: self.granted(claims, claims_text)?,
            issued_at: claims.issued,
            expires_at: facts.expires_at,
            subject: claims.subject.as_deref().map(Subject::from),
            client_id: claims.client().map(ClientId::from),
            principal: principal(claims),
            token_id: claims.jti.as_deref().map(str::to_owned),
            // A JWT holds its claims itself.
            answer: facts.key.is_none().then(|| Box::from(claims_text)),
            met: MetRules::default(),
            terms: Arc::clone(&self.terms),
            authenticated_at: OnceLock::new(),
            standing: Standing {
                issuer: facts.place,
                key: facts.key,
                good_until: facts.good_until,
                judged_at: facts.judged_at,
                judged_in: AtomicU64::new(facts.epoch),
            },
        })
    }

    /// The scopes of all claims that count as such.
    fn granted(&self, claims: &AccessTokenClaims<'_>, claims_text: &[u8]) -> Result<Granted, Refusal> {
        let Some(scope_claims) = &self.scope_claims else {
            return Ok(match &claims.scope {
                Some(Words::One(list)) => Granted::parse(list),
                _ => claims.scopes().into(),
            });
        };
        let mut granted: Option<ScopeSet> = None;
        for claim in scope_claims {
            let more = match claim.0.as_slice() {
                [name] if name == "scope" => claims.scope.as_ref().map(Words::scopes),
                [name] if name == "scp" => claims.scp.as_ref().map(Words::scopes),
                [name] if name == "permissions" => claims.permissions.as_ref().map(Words::scopes),
                path => Some(scopes_at(claims_text, path)?),
            };
            // Most tokens have one such claim, which is then the set itself.
            granted = match (granted, more) {
                (Some(held), Some(more)) => Some(held.iter().chain(more.iter()).collect()),
                (held, more) => held.or(more),
            };
        }
        Ok(granted.unwrap_or_default().into())
    }
}

/// Counts what was not known; what was costs no count.
fn counted(
    kind: &'static str,
    verified: Result<Arc<BearerToken>, Refusal>,
) -> Result<Arc<BearerToken>, Refusal> {
    #[cfg(feature = "metrics")]
    metrics::counter!(
        "auth_layer_tokens_verified_total",
        "kind" => kind,
        "outcome" => match &verified {
            Ok(_) => "good",
            Err(refusal) if refusal.kind() == RefusalKind::Unavailable => "unavailable",
            Err(_) => "refused",
        }
    )
    .increment(1);
    #[cfg(not(feature = "metrics"))]
    let _ = kind;
    verified
}

/// A token by what it looks like.
enum Form<'a> {
    /// A signed JWT.
    Jwt(&'a str),
    /// What only its issuer can read; visible ASCII, which neither a log nor a form could mistake.
    Opaque(&'a str),
}

impl<'a> Form<'a> {
    fn of(credentials: &Credentials<'a>) -> Result<Self, Refusal> {
        let wrong = || Refusal::invalid_token("the token fails at its Format: it is no visible ASCII");
        let token = str::from_utf8(credentials.one()?).map_err(|_| wrong())?;
        if is_jwt(token) {
            // Of base64url it has to be, which is visible: nobody looks twice.
            return Ok(Self::Jwt(token));
        }
        // Deliberately not `all`, which looks at one byte after the other and took half a microsecond.
        match token.bytes().fold(true, |visible, byte| visible & is_visible(byte)) {
            true => Ok(Self::Opaque(token)),
            false => Err(wrong()),
        }
    }
}

/// How the token has to be sent; one that is bound in a way that is not checked here is good for nobody.
fn scheme(claims: &AccessTokenClaims<'_>) -> Result<Scheme, Refusal> {
    let Some(confirmation) = &claims.confirmation else { return Ok(Scheme::Bearer) };
    if confirmation.has_others {
        return Err(Refusal::invalid_token(
            "the token fails at its Claims: cnf binds it in another way than to a DPoP key",
        ));
    }
    let thumbprint = confirmation.jkt.as_deref().and_then(|jkt| URL_SAFE_NO_PAD.decode(jkt).ok());
    let thumbprint = thumbprint.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    match thumbprint {
        Some(thumbprint) => Ok(Scheme::Dpop { thumbprint }),
        None => {
            Err(Refusal::invalid_token("the token fails at its Claims: cnf holds no thumbprint of a key"))
        }
    }
}

/// Whether a token looks like a signed JWT; what does not is opaque, and only its issuer can read it.
fn is_jwt(token: &str) -> bool {
    // How `{` begins in base64url, before a quote or a space, and before a tab or the end of a line.
    (token.starts_with("ey") || token.starts_with("ew")) && memchr_iter(b'.', token.as_bytes()).count() == 2
}

/// What a token may be made of to be sent in a header, with no byte that a log or a form could mistake.
const fn is_visible(byte: u8) -> bool {
    byte.wrapping_sub(b'!') <= b'~' - b'!'
}
