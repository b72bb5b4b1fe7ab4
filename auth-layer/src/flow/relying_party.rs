//! The relying party: one client at one provider, and all that its flows share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use tokio_util::task::TaskTracker;

use crate::clock::Timestamp;
use crate::config::{AuthConfig, ClientAuthentication, ConfigError};
use crate::exchange::Exchanges;
use crate::fleet::Fleet;
use crate::flow::callback::Landing;
use crate::flow::sessions::{Opened, Sessions};
use crate::ledger::Ledger;
use crate::machine::ClientParts;
use crate::provider::{Provider, ProviderSettings};
use crate::refresh::{Committer, Elsewhere, Flights, Latest, Leases, SessionFacts};
use crate::session::{
    Arrivals, Asks, Attempts, BoundedStore, Carried, Home, Keeping, KeyRing, Purpose, Reach, RefreshNotes,
    SessionRecord, SessionStore, SharedKind, Shelf, SpentLogoutTokens, Tombstones,
};

/// A client at a provider, with its sessions and what it counts.
pub(crate) struct RelyingParty {
    pub(crate) config: AuthConfig,
    pub(crate) provider: Provider,
    pub(crate) sessions: Sessions,
    pub(crate) attempts: Attempts,
    pub(crate) flights: Arc<Flights>,
    pub(crate) tombstones: Tombstones,
    pub(crate) leases: Option<Leases>,
    /// Refreshes, logins and logouts under way, whatever became of the requests that began them.
    pub(crate) tasks: TaskTracker,
    pub(crate) spent: SpentLogoutTokens,
    pub(crate) ledger: Ledger,
    pub(crate) exchanges: Exchanges,
    pub(crate) landings: Cache<String, Landing>,
    /// None where this process is the only one.
    pub(crate) arrivals: Option<Arrivals>,
}

impl RelyingParty {
    pub(crate) fn new(config: AuthConfig, keeping: Keeping) -> Result<Self, ConfigError> {
        let provider = Provider::new(ProviderSettings {
            issuer: config.issuer.clone(),
            client_id: config.client_id.clone(),
            client_authentication: config.client_authentication.clone(),
            audience_parameter: config.audience_parameter,
            connect_timeout: config.connect_timeout,
            timeout: config.timeout,
            skew: config.skew,
            clock: config.clock.clone(),
        })
        .map_err(|_| ConfigError::http_client())?;
        let ring = Arc::new(KeyRing::new(&config.session_keys));
        let flights = Flights::new(config.refresh.grace);
        let tasks = TaskTracker::new();
        // JSON, so that no two pairs read alike.
        let client = Purpose::new(&json!([config.issuer.as_str(), config.client_id.as_str()]).to_string());
        let shared = Shared::of(keeping);
        // A store that decides among the tasks of this process alone tells them nothing that they do not know.
        let of_fleet = shared.as_ref().filter(|shared| shared.store.promises().swaps() == Reach::Fleet);
        let arrivals = of_fleet.map(|shared| Arrivals::new(shared.store(), client.clone()));
        let leases = shared.as_ref().map(|shared| Leases {
            notes: RefreshNotes::new(shared.store(), client.clone()),
            store: shared.store.clone(),
            length: config.refresh.lease,
            wait: config.refresh.wait,
            grace: config.refresh.grace,
            clock: config.clock.clone(),
        });
        let fleet = shared.as_ref().map(|shared| {
            let timing = (config.refresh.lease, config.refresh.wait);
            let (store, clock) = (shared.store.clone(), config.clock.clone());
            Fleet::new(SharedKind::Exchanged, store, client.clone(), timing, clock)
        });
        let tombstones = Tombstones::new(
            config.issuer.clone(),
            config.client_id.clone(),
            config.session.absolute,
            config.clock.clone(),
            shared.as_ref().map(|shared| (shared.store(), shared.asks())),
        );
        let spent = SpentLogoutTokens::new(
            config.issuer.clone(),
            config.client_id.clone(),
            shared.as_ref().map(Shared::store),
        );
        let store = shared.as_ref().map(Shared::store);
        let ledger = Ledger::new(config.clock.clone(), Some(&config.issuer), store);
        let home = shared.filter(|shared| shared.has_sessions).map_or(Home::Cookie, |shared| {
            let (inactivity, clock) = (config.session.inactivity, config.clock.clone());
            Home::Store(Shelf::new(shared.store(), client, inactivity, clock))
        });
        let elsewhere = leases.clone().filter(|_| matches!(home, Home::Cookie)).map(|leases| {
            let (issuer, client) = (config.issuer.clone(), config.client_id.clone());
            Elsewhere::new(leases, issuer, client, tasks.clone())
        });
        let sessions = Sessions::new(
            &config,
            Arc::clone(&ring),
            home,
            tombstones.clone(),
            Arc::clone(&flights),
            elsewhere,
        );
        let secure = config.base_url.is_https();
        let exchanges = Exchanges::new(
            provider.clone(),
            ledger.clone(),
            tasks.clone(),
            Arc::clone(&config.terms),
            config.refresh.buffer,
            fleet,
        );
        Ok(Self {
            sessions,
            attempts: Attempts::new(&config.login, ring, secure, &config.session.cookie_name),
            ledger,
            exchanges,
            arrivals,
            landings: Cache::builder()
                .max_capacity(MAX_LANDINGS)
                // The newest are the ones that a browser may ask for again.
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(LANDING_KEPT)
                .build(),
            provider,
            flights,
            tombstones,
            leases,
            tasks,
            spent,
            config,
        })
    }

    /// What tokens for the application itself need; none for a public client, which cannot get any.
    pub(crate) fn machine(&self) -> Option<ClientParts> {
        if let ClientAuthentication::None = self.config.client_authentication {
            return None;
        }
        Some(ClientParts {
            provider: self.provider.clone(),
            default_audience: self.config.audience.clone(),
            policy: self.config.machine.clone(),
            ledger: self.ledger.clone(),
            store: self.leases.as_ref().map(|leases| leases.store.clone()),
            tasks: self.tasks.clone(),
        })
    }

    /// What a refresh of this session's tokens needs.
    pub(crate) fn committer(&self, record: &Arc<SessionRecord>, opened_at: Timestamp) -> Committer {
        let inactive_at = self.config.clock.now().plus(self.config.session.inactivity);
        Committer {
            provider: self.provider.clone(),
            ledger: self.ledger.clone(),
            tombstones: self.tombstones.clone(),
            leases: self.leases.clone(),
            tasks: self.tasks.clone(),
            clock: self.config.clock.clone(),
            buffer: self.config.refresh.buffer,
            patience: self.config.refresh.patience,
            default_audience: self.config.audience.clone(),
            audience_scopes: self.config.audience_scopes.clone(),
            session: SessionFacts {
                record: Arc::clone(record),
                home: self.sessions.home().clone(),
                opened_at,
                returns_until: inactive_at.min(record.expires_at),
            },
        }
    }

    /// Whether another instance may have done something to a session that its late response has to heed.
    ///
    /// In the cookie of a stored session is its id alone, which changes with a login and with nothing else:
    /// that takes a person a while.
    pub(crate) fn may_have_changed_elsewhere(&self, opened: &Opened) -> bool {
        let since = self.config.clock.now().since(opened.opened_at);
        self.leases.is_some() && (self.sessions.keeps_records_in_cookies() || since >= SOONEST_LOGIN)
    }

    /// The cookies that carry a session on.
    ///
    /// One that ended meanwhile is not deleted here: the logout has done that, and by now the same
    /// cookies may be those of the next login.
    /// A response that is late is sealed with what a refresh brought in the meantime, and one that
    /// falls into a refresh carries nothing: no old cookie overtakes a new one.
    pub(crate) fn reseal(&self, opened: &Opened, carried: &Carried) -> Vec<HeaderValue> {
        let record = &opened.record;
        let now = self.config.clock.now();
        if self.tombstones.is_known_here(record) {
            return Vec::new();
        }
        let set = &record.token_set;
        let key = set.refresh_token.as_ref().map(|token| self.provider.refresh_key(token));
        match key.map(|key| self.flights.latest(key, set.generation, opened.opened_at, now)) {
            Some(Latest::Changing) => Vec::new(),
            Some(Latest::Newer(newer)) => {
                let token_set = Arc::new(newer.adopt(set, now));
                self.sessions.seal(&SessionRecord { token_set, ..(**record).clone() }, carried)
            }
            Some(Latest::Held) | None => self.sessions.seal(record, carried),
        }
    }

    /// The login route, coming back to `here`.
    pub(crate) fn login_path(&self, here: &str) -> String {
        self.login_path_with(here, std::iter::empty())
    }

    /// The login route with parameters of an authorization request, coming back to `here`.
    pub(crate) fn login_path_with(
        &self,
        here: &str,
        parameters: impl Iterator<Item = (&'static str, String)>,
    ) -> String {
        let login = self.config.base_url.path_of(&self.config.paths.login);
        let mut path = format!("{login}?returnTo={}", utf8_percent_encode(here, QUERY_VALUE));
        for (name, value) in parameters {
            path.push_str(&format!("&{name}={}", utf8_percent_encode(&value, QUERY_VALUE)));
        }
        path
    }
}

/// A store that instances share, and for what.
struct Shared {
    store: BoundedStore,
    has_sessions: bool,
}

impl Shared {
    fn of(keeping: Keeping) -> Option<Self> {
        let (store, has_sessions) = match keeping {
            Keeping::Alone => return None,
            Keeping::Cookies(store) => (store, false),
            Keeping::Store(store) => (store, true),
        };
        let store = BoundedStore::new(store);
        store.watch();
        Some(Self { store, has_sessions })
    }

    fn store(&self) -> Arc<dyn SessionStore> {
        Arc::new(self.store.clone())
    }

    fn asks(&self) -> Asks {
        if self.has_sessions && self.store.promises().groups() { Asks::AtLogin } else { Asks::EachRequest }
    }
}

/// Deliberately not derived: what is cached here are the cookies of sessions, under their states.
impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty")
            .field("issuer", &self.config.issuer)
            .field("client_id", &self.config.client_id)
            .finish_non_exhaustive()
    }
}

const QUERY_VALUE: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
const SOONEST_LOGIN: Duration = Duration::from_secs(1);
const MAX_LANDINGS: u64 = 10_000;
pub(crate) const LANDING_KEPT: Duration = Duration::from_secs(60);
