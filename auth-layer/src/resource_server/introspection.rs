//! Opaque tokens: their issuer is asked (RFC 7662), once for all who wait, and believed for a while.
//!
//! # Limits
//! 32 questions at once, what is beyond gets 503; 10,000 tokens that were not active are remembered for
//! ten seconds, by their hash.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use moka::sync::Cache;
use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};

use crate::clock::Timestamp;
use crate::identifier::Audience;
use crate::jose::{AccessTokenClaims, Words, parse_strict};
use crate::resource_server::refusal::{Refusal, RefusalKind};
use crate::resource_server::server::{ResourceServer, Trusted};
use crate::resource_server::verify::Facts;
use crate::token::BearerToken;

/// The questions under way, and the answers that were no.
pub(super) struct Introspections {
    under_way: Mutex<HashMap<Hash, Arc<OnceCell<Outcome>>>>,
    inactive: Cache<Hash, Timestamp>,
    at_once: Semaphore,
}

type Hash = [u8; 32];
type Outcome = Result<Arc<BearerToken>, Refusal>;

impl ResourceServer {
    /// Asks the one issuer that introspects about a token that is no JWT.
    pub(super) async fn verify_opaque(&self, token: &str) -> Outcome {
        let place = self.issuers.iter().position(|trusted| trusted.provider.introspects());
        let Some((place, trusted)) = place.and_then(|place| Some((place, self.issuers.get(place)?))) else {
            return Err(Refusal::invalid_token(
                "the token is no signed JWT, and no issuer is asked about others",
            ));
        };
        let mut hash = [0_u8; 32];
        hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let memory = &self.introspections;
        let now = self.config.clock.now();
        if memory.inactive.get(&hash).is_some_and(|until| now < until) {
            return Err(inactive());
        }
        let question = Arc::clone(memory.lock().entry(hash).or_default());
        let outcome = question.get_or_init(|| self.ask(place, trusted, token, hash)).await.clone();
        // Whoever is first takes it away; who comes later finds the answer, or asks anew.
        let mut under_way = memory.lock();
        if under_way.get(&hash).is_some_and(|other| Arc::ptr_eq(other, &question)) {
            under_way.remove(&hash);
        }
        outcome
    }

    async fn ask(&self, place: usize, trusted: &Trusted, token: &str, hash: Hash) -> Outcome {
        let Ok(_permit) = self.introspections.at_once.try_acquire() else {
            return Err(Refusal::unavailable("too many questions about opaque tokens are under way"));
        };
        let epoch = self.epoch(place);
        let answer = trusted.provider.introspect(token).await?;
        let now = self.config.clock.now();
        let outcome = self.judge(&answer, place, trusted, token, epoch, now);
        if outcome.as_ref().is_err_and(|refusal| refusal.kind() == RefusalKind::InvalidToken) {
            self.introspections.inactive.insert(hash, now.plus(INACTIVE_KEPT));
        }
        outcome
    }

    /// Judges an answer that no issuer was asked for.
    #[cfg(fuzzing)]
    pub(crate) fn judge_answer(&self, answer: &[u8], token: &str) -> Outcome {
        let trusted = self.issuers.first().expect("a configuration names an issuer");
        self.judge(answer, 0, trusted, token, self.epoch(0), self.config.clock.now())
    }

    /// An answer is the issuer's word on a token; whether the token is for this API is judged here.
    fn judge(
        &self,
        answer: &[u8],
        place: usize,
        trusted: &Trusted,
        token: &str,
        epoch: u64,
        now: Timestamp,
    ) -> Outcome {
        let members = parse_strict(answer)
            .ok_or_else(|| Refusal::unavailable("the answer about a token is no object of unique members"))?;
        match members.get("active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(inactive()),
            _ => {
                return Err(Refusal::unavailable(
                    "the answer about a token does not say whether it is active",
                ));
            }
        }
        let claims = AccessTokenClaims::read(answer)?;
        let settings = &trusted.settings;
        if claims.issuer.as_deref().is_some_and(|issuer| settings.issuer != *issuer) {
            return Err(Refusal::invalid_token("the answer about the token names another issuer"));
        }
        let is_ours =
            |audience: &str| settings.audiences.iter().any(|accepted: &Audience| *accepted == *audience);
        if !claims.audience.iter().flat_map(Words::iter).any(is_ours) {
            return Err(Refusal::invalid_token("the answer about the token does not name this API in aud"));
        }
        if claims.expires.is_some_and(|expires| now >= expires) {
            return Err(Refusal::invalid_token("the token has expired"));
        }
        if claims.not_before.is_some_and(|from| from > now.plus(self.config.skew)) {
            return Err(Refusal::invalid_token("the token is not good yet"));
        }
        let believed_until = now.plus(self.config.introspection_cache);
        let expires_at = claims.expires.unwrap_or(believed_until);
        let good_until = believed_until.min(expires_at);
        let facts = Facts { place, key: None, epoch, expires_at, good_until };
        let verified = settings.token(token, &claims, answer, facts)?;
        self.remember(verified)
    }
}

impl Introspections {
    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, Arc<OnceCell<Outcome>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Introspections {
    fn default() -> Self {
        Self {
            under_way: Mutex::default(),
            inactive: Cache::new(MAX_INACTIVE),
            at_once: Semaphore::new(MAX_AT_ONCE),
        }
    }
}

impl fmt::Debug for Introspections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Introspections(..)")
    }
}

fn inactive() -> Refusal {
    Refusal::invalid_token("the issuer says that the token is not active")
}

const INACTIVE_KEPT: Duration = Duration::from_secs(10);
const MAX_INACTIVE: u64 = 10_000;
const MAX_AT_ONCE: usize = 32;
