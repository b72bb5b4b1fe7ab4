//! The token of a federated connection, with whichever refresh token the session has now.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::exchange::{ExchangeError, ExchangeErrorKind, FederatedConnection, Outcome};
use crate::flow::relying_party::RelyingParty;
use crate::refresh::{Landing, Latest};
use crate::secret::SecretText;
use crate::session::{Home, SessionRecord};
use crate::token::{IssuedToken, TokenSet};

impl RelyingParty {
    /// Returns the token of a connection, for the user of a session.
    ///
    /// # Cancellation
    /// May be dropped at any time: an exchange that was begun goes on in a task of its own.
    pub(crate) async fn federated_token(
        self: &Arc<Self>,
        record: &Arc<SessionRecord>,
        connection: &FederatedConnection,
    ) -> Outcome {
        let (party, of_session) = (Arc::clone(self), Arc::clone(record));
        let may_share = async move { !party.is_over(&of_session).await };
        let whose = (Arc::clone(self), Arc::clone(record), connection.clone());
        let ask = move || {
            let (party, record, connection) = whose.clone();
            async move { party.exchange_for_connection(&record, &connection).await }
        };
        self.exchanges.connected(&record.id, connection, may_share, ask).await
    }

    /// Whether a session is over by now, wherever it was ended; while the store is away nobody knows.
    ///
    /// Whoever still holds it is not handed what was got for it: the provider is to say.
    async fn is_over(&self, record: &SessionRecord) -> bool {
        let has_ended = self.tombstones.has_ended_by_now(record).await.unwrap_or(false);
        has_ended
            || match self.sessions.home() {
                Home::Store(shelf) => matches!(shelf.load(record.id.expose()).await, Ok(None)),
                Home::Cookie => false,
            }
    }

    async fn exchange_for_connection(
        &self,
        record: &SessionRecord,
        connection: &FederatedConnection,
    ) -> Result<Arc<IssuedToken>, ExchangeError> {
        let set = self.settled_here(&record.token_set).await;
        let set = set.as_deref().unwrap_or(&record.token_set);
        let token =
            set.refresh_token.as_ref().ok_or(ExchangeError::new(ExchangeErrorKind::NoRefreshToken))?;
        match self.exchanges.post_for_connection(token, connection).await {
            // It may have been rotated while this was on its way, here or elsewhere.
            Err(error) if error.is_of_dead_grant() => match self.newer_than(token, set, record).await {
                Some(newer) => self.exchanges.post_for_connection(&newer, connection).await,
                None => Err(error),
            },
            exchanged => exchanged,
        }
    }

    /// The refresh token that has taken the place of one that is dead.
    async fn newer_than(
        &self,
        dead: &SecretText,
        set: &TokenSet,
        record: &SessionRecord,
    ) -> Option<SecretText> {
        let newer = match self.settled_here(set).await {
            Some(newer) => Some(newer),
            None => self.settled_elsewhere(dead, set, record).await,
        };
        newer?.refresh_token.clone().filter(|newer| !newer.ct_eq(dead.as_bytes()))
    }

    /// What this process knows to have come of a set; a refresh under way is waited for.
    async fn settled_here(&self, held: &TokenSet) -> Option<Arc<TokenSet>> {
        let mut newest: Option<Arc<TokenSet>> = None;
        // Each refresh is a step from one set to the next.
        for _ in 0..MOST_SUCCESSORS {
            let set = newest.as_deref().unwrap_or(held);
            let Some(token) = &set.refresh_token else { break };
            let (key, now) = (self.provider.refresh_key(token), self.now());
            let next = match self.flights.latest(key, set.generation, now, now) {
                Latest::Held => break,
                Latest::Newer(next) => next,
                Latest::Changing => match self.flights.landing(key).await {
                    Some(Landing::Brought(next) | Landing::Overtaken(next)) => next,
                    None => break,
                },
            };
            if next.generation <= set.generation {
                break;
            }
            newest = Some(next);
        }
        newest
    }

    /// What another instance has brought.
    async fn settled_elsewhere(
        &self,
        dead: &SecretText,
        set: &TokenSet,
        record: &SessionRecord,
    ) -> Option<Arc<TokenSet>> {
        if let Home::Store(shelf) = self.sessions.home() {
            return Some(shelf.load(record.id.expose()).await.ok()??.token_set);
        }
        let key = self.provider.refresh_key(dead);
        self.leases.as_ref()?.settled(key, set.generation, record.created_at).await.ok()?
    }

    fn now(&self) -> Timestamp {
        self.config.clock.now()
    }
}

const MOST_SUCCESSORS: usize = 8;
