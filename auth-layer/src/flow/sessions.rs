//! Sessions from request to response: opened, judged, sealed again.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue};
use serde_json::json;

use crate::clock::{Clock, Timestamp};
use crate::config::{AuthConfig, SessionPolicy};
use crate::flow::callback::{LoginError, LoginErrorKind};
use crate::one_time::random_token;
use crate::refresh::{Elsewhere, Flights};
use crate::secret::SecretText;
use crate::session::{
    Carried, Found, Home, KeyAge, KeyRing, Purpose, SessionCookie, SessionRecord, Standing, StoreError,
    Tombstones, judge,
};
use crate::token::{TokenSet, User};

/// All that opens and closes sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    policy: SessionPolicy,
    cookie: SessionCookie,
    /// What sessions are sealed for.
    purpose: Purpose,
    ring: Arc<KeyRing>,
    home: Home,
    tombstones: Tombstones,
    flights: Arc<Flights>,
    elsewhere: Option<Elsewhere>,
    clock: Clock,
}

/// What a request brings.
#[derive(Debug)]
pub(crate) enum Loaded {
    /// No session cookie.
    Absent,
    /// One that is no session of ours, or one that is over: the browser is told to drop it.
    Broken(Carried),
    /// A session.
    Live(Opened, Carried),
}

/// What a request's cookies hold.
#[derive(Debug)]
pub(crate) enum Brought {
    Nothing,
    Broken,
    /// A whole session.
    Record(Box<SessionRecord>, KeyAge),
    /// The id of one that is in a store.
    Id(SecretText, KeyAge),
}

/// A session that was opened.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) record: Arc<SessionRecord>,
    pub(crate) opened_at: Timestamp,
    /// Whether the response should carry it: it rolled, or was sealed with an older key.
    pub(crate) must_save: bool,
}

/// What became elsewhere of a session that was opened here.
#[derive(Debug)]
pub(crate) enum Meanwhile {
    /// Nothing that its cookie would have to say.
    Same,
    /// It was refreshed.
    Newer(Arc<TokenSet>),
    /// It is over.
    Ended,
}

/// What a login brought.
#[derive(Debug)]
pub(crate) struct NewSession {
    pub(crate) user: User,
    pub(crate) sid: Option<String>,
    /// When its id token was issued, by the provider's clock.
    pub(crate) issued_at: Timestamp,
    pub(crate) id_token: Option<SecretText>,
    pub(crate) token_set: TokenSet,
}

impl Sessions {
    pub(crate) fn new(
        config: &AuthConfig,
        ring: Arc<KeyRing>,
        home: Home,
        tombstones: Tombstones,
        flights: Arc<Flights>,
        elsewhere: Option<Elsewhere>,
    ) -> Self {
        let cookie = SessionCookie::new(&config.session, config.base_url.is_https());
        // Two applications may share keys, and one may move to another provider: a subject is a
        // user's name at its issuer alone. JSON, so that no two lists read alike.
        let purpose = json!([cookie.name(), config.issuer.as_str(), config.client_id.as_str()]).to_string();
        let purpose = Purpose::new(&purpose);
        Self {
            policy: config.session.clone(),
            cookie,
            purpose,
            ring,
            home,
            tombstones,
            flights,
            elsewhere,
            clock: config.clock.clone(),
        }
    }

    pub(crate) const fn home(&self) -> &Home {
        &self.home
    }

    pub(crate) const fn keeps_records_in_cookies(&self) -> bool {
        matches!(self.home, Home::Cookie)
    }

    /// Which of our cookies the request carries, so that leftovers can be deleted.
    pub(crate) fn carried(&self, headers: &HeaderMap) -> Carried {
        self.cookie.read(headers).1
    }

    /// Opens the session of a request.
    ///
    /// # Errors
    /// The store gives no answer; that is not the same as no session.
    pub(crate) async fn load(&self, headers: &HeaderMap) -> Result<Loaded, StoreError> {
        let (brought, carried) = self.brought(headers);
        let (record, by) = match brought {
            Brought::Nothing => return Ok(Loaded::Absent),
            Brought::Broken => return Ok(Loaded::Broken(carried)),
            Brought::Record(record, by) => (Some(*record), by),
            Brought::Id(id, by) => match &self.home {
                Home::Cookie => (None, by),
                Home::Store(shelf) => (shelf.load(id.expose()).await?, by),
            },
        };
        let admitted = match record {
            Some(record) => self.admit(record, by == KeyAge::Older).await?,
            None => None,
        };
        Ok(admitted.map_or(Loaded::Broken(carried), |opened| Loaded::Live(opened, carried)))
    }

    /// What a request brings in its cookies, without a look at any store.
    pub(crate) fn brought(&self, headers: &HeaderMap) -> (Brought, Carried) {
        let (found, carried) = self.cookie.read(headers);
        let sealed = match found {
            Found::Absent => return (Brought::Nothing, carried),
            Found::Broken => return (Brought::Broken, carried),
            Found::Sealed(sealed) => sealed,
        };
        let Ok(opened) = self.ring.open(&self.purpose, sealed) else { return (Brought::Broken, carried) };
        let by = opened.by;
        let brought = match &self.home {
            Home::Cookie => {
                SessionRecord::decode(&opened).ok().map(|record| Brought::Record(Box::new(record), by))
            }
            Home::Store(_) => str::from_utf8(opened.plaintext())
                .is_ok()
                .then(|| Brought::Id(SecretText::part_of(opened.buffer(), opened.plaintext()), by)),
        };
        (brought.unwrap_or(Brought::Broken), carried)
    }

    /// The session of a record, `None` where it is over.
    async fn admit(&self, mut record: SessionRecord, older_key: bool) -> Result<Option<Opened>, StoreError> {
        let now = self.clock.now();
        let rolls = match judge(&record, now, &self.policy) {
            Standing::Ended => return Ok(None),
            Standing::Fresh => false,
            Standing::Roll => true,
        };
        if self.tombstones.has_ended(&record).await? {
            return Ok(None);
        }
        if let (Home::Cookie, Some(spent)) = (&self.home, record.token_set.predecessor) {
            self.flights.acknowledge(spent, now);
            if let Some(elsewhere) = &self.elsewhere {
                elsewhere.acknowledge(spent);
            }
        }
        if rolls {
            record.rolled_at = now;
            if let Home::Store(shelf) = &self.home
                && !shelf.save_rolled(&record).await?
            {
                return Ok(None);
            }
        }
        Ok(Some(Opened { record: Arc::new(record), opened_at: now, must_save: rolls || older_key }))
    }

    /// Looks what became of a session at other instances since it was opened.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn since_opened(&self, opened: &Opened) -> Result<Meanwhile, StoreError> {
        let record = &opened.record;
        if let Home::Store(shelf) = &self.home {
            let found = shelf.load(record.id.expose()).await?;
            return Ok(if found.is_some() { Meanwhile::Same } else { Meanwhile::Ended });
        }
        // Not believed from a moment ago: the browser may have logged out and in again since.
        if self.tombstones.has_ended_by_now(record).await? {
            return Ok(Meanwhile::Ended);
        }
        let Some(elsewhere) = &self.elsewhere else { return Ok(Meanwhile::Same) };
        let newer = elsewhere.newer(&record.token_set, opened.opened_at).await?;
        Ok(newer.map_or(Meanwhile::Same, |newer| {
            Meanwhile::Newer(Arc::new(newer.adopt(&record.token_set, self.clock.now())))
        }))
    }

    /// Begins a session, with an id of its own; the one that the browser had goes.
    pub(crate) async fn create(
        &self,
        new: NewSession,
        carried: Carried,
    ) -> Result<Vec<HeaderValue>, LoginError> {
        let now = self.clock.now();
        let record = SessionRecord {
            id: SecretText::new(random_token()),
            created_at: now,
            rolled_at: now,
            expires_at: now.plus(self.policy.absolute),
            issued_at: new.issued_at,
            user: new.user,
            sid: new.sid.map(SecretText::new),
            id_token: new.id_token,
            token_set: Arc::new(new.token_set),
        };
        if let Home::Store(shelf) = &self.home {
            shelf.insert(&record, &self.tombstones.groups(&record).names()).await?;
        }
        // The provider may have ended it before it was there to be removed.
        if self.tombstones.has_ended_by_now(&record).await? {
            self.remove_dead(&record).await;
            return Err(LoginError::new(LoginErrorKind::LoggedOut));
        }
        self.write(&record, &carried).map_err(|_| LoginError::new(LoginErrorKind::SessionTooLarge))
    }

    /// The cookies of a session.
    ///
    /// One that grew over four cookies is carried without its id token, which only the logout at the
    /// provider uses as a hint; if that does not help, the browser keeps what it has.
    pub(crate) fn seal(&self, record: &SessionRecord, carried: &Carried) -> Vec<HeaderValue> {
        self.write(record, carried).unwrap_or_else(|_| {
            tracing::error!(
                "a session does not fit into its cookies: use a session store, or ask for fewer claims"
            );
            Vec::new()
        })
    }

    fn write(
        &self,
        record: &SessionRecord,
        carried: &Carried,
    ) -> Result<Vec<HeaderValue>, crate::session::TooLarge> {
        let now = self.clock.now();
        let max_age = self.policy.inactivity.min(record.expires_at.since(now));
        let write = |plaintext: &[u8]| {
            let sealed = self.ring.seal(&self.purpose, plaintext);
            self.cookie.write(&sealed, max_age, carried)
        };
        match &self.home {
            Home::Store(_) => write(record.id.expose().as_bytes()),
            Home::Cookie => write(&record.encode()).or_else(|_| {
                let lighter = SessionRecord { id_token: None, ..record.clone() };
                write(&lighter.encode())
            }),
        }
    }

    /// The cookies that make the browser forget the session.
    pub(crate) fn clear(&self, carried: &Carried) -> Vec<HeaderValue> {
        self.cookie.clear(carried)
    }

    /// Ends a session everywhere; it could not have lived beyond `until`.
    ///
    /// # Errors
    /// The store gives no answer: in this process the session is over all the same.
    pub(crate) async fn end(&self, id: &SecretText, until: Timestamp) -> Result<(), StoreError> {
        self.tombstones.end(id, until).await?;
        match &self.home {
            Home::Cookie => Ok(()),
            Home::Store(shelf) => shelf.remove(id.expose()).await,
        }
    }

    /// Removes a session that cannot go on, unless it has other tokens by now.
    pub(crate) async fn remove_dead(&self, record: &SessionRecord) {
        if let Home::Store(shelf) = &self.home
            && let Err(error) = shelf.remove_with(record.id.expose(), &record.token_set).await
        {
            tracing::error!(%error, "a session could not be removed from its store");
        }
    }
}
