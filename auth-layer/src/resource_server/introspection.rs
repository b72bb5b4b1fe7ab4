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
use serde_json::{Map, Value};
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
    under_way: Mutex<HashMap<Hash, Waiting>>,
    /// Until when, and why, so that the log says it each time.
    refused: Cache<Hash, (Timestamp, Refusal)>,
    at_once: Semaphore,
}

/// A question under way, and how many wait for its answer.
#[derive(Default)]
struct Waiting {
    answer: Arc<OnceCell<Outcome>>,
    waiters: usize,
}

/// One who waits for an answer; he may hang up at any time.
struct Question<'a> {
    memory: &'a Introspections,
    hash: Hash,
    answer: Arc<OnceCell<Outcome>>,
}

type Hash = [u8; 32];
type Outcome = Result<Arc<BearerToken>, Refusal>;

impl ResourceServer {
    /// Asks the one issuer that introspects about a token that is no JWT.
    pub(super) async fn verify_opaque(&self, token: &str) -> Outcome {
        let place = self.issuers.iter().position(|trusted| trusted.provider.introspects());
        let Some((place, trusted)) = place.and_then(|place| Some((place, self.issuers.get(place)?))) else {
            return Err(Refusal::invalid_token(
                "the token fails at its Format: it is no signed JWT, and no issuer is asked about others",
            ));
        };
        let mut hash = [0_u8; 32];
        hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let memory = &self.introspections;
        let now = self.config.clock.now();
        // A moment too far ahead is of a clock that was set back since.
        let is_near = |until: Timestamp| now < until && until <= now.plus(REFUSED_KEPT);
        if let Some((_, refusal)) = memory.refused.get(&hash).filter(|(until, _)| is_near(*until)) {
            return Err(refusal);
        }
        let question = memory.question(hash);
        question.answer.get_or_init(|| self.ask(place, trusted, token, hash)).await.clone()
    }

    async fn ask(&self, place: usize, trusted: &Trusted, token: &str, hash: Hash) -> Outcome {
        let Ok(_permit) = self.introspections.at_once.try_acquire() else {
            return Err(Refusal::unavailable("too many questions about opaque tokens are under way"));
        };
        let epoch = self.epoch(place);
        let answer = trusted.provider.introspect(token).await?;
        let now = self.config.clock.now();
        let outcome = self.judge_answer(&answer, place, trusted, token, epoch, now);
        if let Err(refusal) = &outcome
            && refusal.kind() == RefusalKind::InvalidToken
        {
            self.introspections.refused.insert(hash, (now.plus(REFUSED_KEPT), refusal.clone()));
        }
        outcome
    }

    /// Judges an answer that no issuer was asked for.
    #[cfg(fuzzing)]
    pub(crate) fn judge_unasked(&self, answer: &[u8], token: &str) -> Outcome {
        let trusted = self.issuers.first().expect("a configuration names an issuer");
        self.judge_answer(answer, 0, trusted, token, self.epoch(0), self.config.clock.now())
    }

    /// An answer is the issuer's word on a token; whether the token is for this API is judged here.
    fn judge_answer(
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
        check_kind(&members, &claims).map_err(Refusal::invalid_token)?;
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
        let facts = Facts { place, key: None, epoch, expires_at, good_until, judged_at: now };
        let verified = settings.token(token, &claims, answer, facts)?;
        self.remember(verified, now)
    }
}

impl Introspections {
    fn question(&self, hash: Hash) -> Question<'_> {
        let mut under_way = self.lock();
        let waiting = under_way.entry(hash).or_default();
        waiting.waiters += 1;
        Question { memory: self, hash, answer: Arc::clone(&waiting.answer) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, Waiting>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Question<'_> {
    /// Whoever leaves first with an answer takes the question away, since later ones find the token;
    /// without one whoever leaves last, so that nothing stays of callers who hang up.
    fn drop(&mut self) {
        let mut under_way = self.memory.lock();
        let Some(waiting) = under_way.get_mut(&self.hash) else { return };
        // The same token may be asked about anew by now.
        if !Arc::ptr_eq(&waiting.answer, &self.answer) {
            return;
        }
        waiting.waiters -= 1;
        if waiting.waiters == 0 || self.answer.initialized() {
            under_way.remove(&self.hash);
        }
    }
}

impl Default for Introspections {
    fn default() -> Self {
        Self {
            under_way: Mutex::default(),
            refused: Cache::new(MAX_REFUSED),
            at_once: Semaphore::new(MAX_AT_ONCE),
        }
    }
}

impl fmt::Debug for Introspections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Introspections(..)")
    }
}

/// Refresh tokens and id tokens are active too, and an issuer tells about them (RFC 7662 §2.1).
///
/// What it says in `token_type` (§2.2), Keycloak in `typ` and Ory Hydra in `token_use` must be an access
/// token's; what is of a type that needs a proof must say of which key.
fn check_kind(members: &Map<String, Value>, claims: &AccessTokenClaims<'_>) -> Result<(), &'static str> {
    let says = |name: &str, known: &[&str]| match members.get(name) {
        None => true,
        Some(Value::String(kind)) => known.iter().any(|known| kind.eq_ignore_ascii_case(known)),
        Some(_) => false,
    };
    if !says("token_type", &TYPES) || !says("typ", &TYPES) || !says("token_use", &["access", "access_token"])
    {
        return Err("the answer is about another kind of token");
    }
    if claims.has_hash || claims.has_events {
        return Err("the answer is about an id token, a logout token or a security event");
    }
    let is_dpop = members.get("token_type").and_then(Value::as_str);
    if is_dpop.is_some_and(|kind| kind.eq_ignore_ascii_case("DPoP")) && claims.confirmation.is_none() {
        return Err("the answer says DPoP, and does not name the key");
    }
    Ok(())
}

fn inactive() -> Refusal {
    Refusal::invalid_token("the issuer says that the token is not active")
}

/// Of access tokens: RFC 6749 §7.1 and what servers write in its place.
const TYPES: [&str; 6] =
    ["Bearer", "DPoP", "access_token", "urn:ietf:params:oauth:token-type:access_token", "JWT", "at+jwt"];
const REFUSED_KEPT: Duration = Duration::from_secs(10);
const MAX_REFUSED: u64 = 10_000;
const MAX_AT_ONCE: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Hash = [1; 32];

    fn under_way(memory: &Introspections) -> usize {
        memory.lock().len()
    }

    #[test]
    fn nothing_stays_of_callers_who_hang_up_before_the_answer() {
        let memory = Introspections::default();
        let questions: Vec<_> = (0..=u8::MAX).map(|byte| memory.question([byte; 32])).collect();
        let again = memory.question(ONE);
        assert_eq!(under_way(&memory), 256);
        drop(questions);
        assert_eq!(under_way(&memory), 1, "one is still waited for");
        assert!(Arc::ptr_eq(&memory.question(ONE).answer, &again.answer), "whoever comes waits with him");
        assert_eq!(under_way(&memory), 1);
        drop(again);
        assert_eq!(under_way(&memory), 0);
    }

    #[test]
    fn an_answer_is_taken_away_by_the_first_and_leaves_the_next_question_alone() {
        let memory = Introspections::default();
        let (first, second) = (memory.question(ONE), memory.question(ONE));
        assert!(first.answer.set(Err(inactive())).is_ok());
        drop(first);
        assert_eq!(under_way(&memory), 0);
        let next = memory.question(ONE);
        assert!(!Arc::ptr_eq(&next.answer, &second.answer) && next.answer.get().is_none());
        drop(second);
        assert_eq!(under_way(&memory), 1, "of another question");
    }
}
