//! Logout at this relying party and at the provider (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::clock::Timestamp;
use crate::flow::login::Departure;
use crate::flow::pause::Pause;
use crate::flow::relying_party::RelyingParty;
use crate::flow::sessions::{Brought, Loaded};
use crate::refresh::{Latest, revoke_quietly};
use crate::secret::SecretText;
use crate::session::SessionRecord;

impl RelyingParty {
    /// Ends the session here, revokes its refresh token (RFC 7009), and says where the browser goes:
    /// to the provider's end-session endpoint if there is one.
    ///
    /// Nothing that the provider does or fails to do keeps the session alive: what it is asked is
    /// bounded to two seconds, and goes on in a task of its own.
    pub(crate) async fn log_out(self: &Arc<Self>, wanted: Option<&str>, headers: &HeaderMap) -> Departure {
        let return_to = wanted
            .and_then(|wanted| self.resolve_return(wanted))
            .unwrap_or_else(|| self.config.base_url.url().to_string());
        let carried = self.sessions.carried(headers);
        let set_cookies: Vec<HeaderValue> = self.sessions.clear(&carried);
        let opened = match self.sessions.load(headers).await {
            Ok(Loaded::Live(opened, _)) => opened,
            Ok(Loaded::Absent | Loaded::Broken(_)) => return Departure { location: return_to, set_cookies },
            Err(_) => {
                self.end_unseen(headers);
                return Departure { location: return_to, set_cookies };
            }
        };
        self.end_session(&opened.record).await;
        let id_token = opened.record.id_token.as_ref().map(|token| token.expose());
        let asked = self.provider.end_session_url(id_token, &return_to);
        let location = match tokio::time::timeout(PROVIDER_PATIENCE, asked).await {
            Ok(Ok(Some(url))) => url.into(),
            Ok(Ok(None)) | Ok(Err(_)) | Err(_) => return_to,
        };
        Departure { location, set_cookies }
    }

    /// Ends a session for good: its id is remembered, its record removed, its refresh token revoked.
    pub(crate) async fn end_session(self: &Arc<Self>, record: &Arc<SessionRecord>) {
        let (party, record) = (Arc::clone(self), Arc::clone(record));
        // In a task, so that a browser that hangs up takes nothing of it back: this process would take the
        // session for ended, and no other one would hear of it.
        let (told, is_told) = oneshot::channel();
        self.exchanges.forget(&record.id, &record.token_set);
        let ending = async move {
            // First, so that a refresh that lands from here on is not saved.
            if let Err(error) = party.sessions.end(&record.id, record.expires_at).await {
                tracing::error!(%error, "a logout could not be written to the session store: it is tried again until it is");
                party.end_later(record.id.clone(), record.expires_at);
            }
            // An error says that the browser has hung up.
            let _ = told.send(());
            if let Some(token) = party.newest_refresh_token(&record).await {
                revoke_quietly(&party.provider, &token).await;
            }
        };
        let ending = self.tasks.spawn(ending.instrument(tracing::info_span!("revoke")));
        drop(is_told.await);
        drop(tokio::time::timeout(PROVIDER_PATIENCE, ending).await);
    }

    /// Ends a session that the store does not show now: it is enough to know its id.
    fn end_unseen(self: &Arc<Self>, headers: &HeaderMap) {
        let latest = self.config.clock.now().plus(self.config.session.absolute);
        let (id, until) = match self.sessions.brought(headers).0 {
            Brought::Record(record, _) => (record.id, record.expires_at),
            Brought::Id(id, _) => (id, latest),
            Brought::Nothing | Brought::Broken => return,
        };
        // One task for each session, however often its logout is repeated.
        if !self.tombstones.has_ended_here(&id) {
            self.end_later(id, until);
        }
    }

    /// Tries on until the store knows that a session is over, or it would have ended by itself.
    fn end_later(self: &Arc<Self>, id: SecretText, until: Timestamp) {
        // At once in this process, before the response says so.
        self.tombstones.end_here(&id, until);
        let party = Arc::clone(self);
        let trying = async move {
            let mut pause = Pause::new();
            while party.sessions.end(&id, until).await.is_err() {
                if party.config.clock.now() >= until {
                    return;
                }
                pause.pass().await;
            }
            tracing::info!("the session store knows of the logout now");
        };
        self.tasks.spawn(trying.instrument(tracing::info_span!("logout")));
    }

    /// What another instance has by now, too, or this one.
    async fn newest_refresh_token(&self, record: &SessionRecord) -> Option<SecretText> {
        let (mut newest, mut generation) = self.newest_here(record)?;
        // Each refresh elsewhere has left a note under the token that it spent; of a session that is
        // refreshed once in minutes there are few that nobody has shown yet.
        for _ in 0..MOST_SUCCESSORS {
            let Some(leases) = &self.leases else { break };
            match leases.settled(self.provider.refresh_key(&newest), generation, record.created_at).await {
                Ok(Some(tokens)) => (newest, generation) = (tokens.refresh_token.clone()?, tokens.generation),
                Ok(None) | Err(_) => break,
            }
        }
        Some(newest)
    }

    /// The refresh token that this instance knows, and how many refreshes lie behind it.
    fn newest_here(&self, record: &SessionRecord) -> Option<(SecretText, u64)> {
        let set = &record.token_set;
        let held = set.refresh_token.as_ref()?;
        let (key, now) = (self.provider.refresh_key(held), self.config.clock.now());
        match self.flights.latest(key, set.generation, now, now) {
            Latest::Newer(set) => Some((set.refresh_token.clone()?, set.generation)),
            // The flight finds the session ended, and revokes what it brings.
            Latest::Changing => None,
            Latest::Held => Some((held.clone(), set.generation)),
        }
    }
}

const PROVIDER_PATIENCE: Duration = Duration::from_secs(2);
const MOST_SUCCESSORS: usize = 8;
