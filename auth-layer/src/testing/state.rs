//! The memory of the provider, behind one lock which is never held over an await.
//!
//! # Rules
//! 1. An endpoint is a function of the settings, the state, the present moment and a request; it
//!    runs whole under the lock, so that two requests never see each other's halves.
//! 2. A grant is what a person allowed once. Codes and tokens point at it: revoking it kills them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;

use super::access_token::AccessTokens;
use super::back_channel::{Notice, Telling};
use super::dpop::Proofs;
use super::faults::{Endpoint, Faults};
use super::keys::KeyRing;
use super::quota::Quotas;
use super::registration::{ClientRegistration, User};
use super::settings::Settings;
use super::tenant_log::TenantLog;
use crate::clock::{Clock, Timestamp};

/// A request whose body has been read.
pub(super) type Request = http::Request<Bytes>;

/// A whole answer.
pub(super) type Answer = http::Response<Bytes>;

/// Everything that the server and the handle share.
pub(super) struct Core {
    pub(super) settings: Settings,
    pub(super) clock: Clock,
    /// How many requests are held by a fault now.
    pub(super) held: watch::Sender<usize>,
    /// How often held requests have been released.
    pub(super) releases: watch::Sender<u64>,
    pub(super) telling: Telling,
    state: Mutex<State>,
}

impl Core {
    pub(super) fn new(settings: Settings, clock: Clock, state: State) -> Self {
        Self {
            settings,
            clock,
            held: watch::Sender::new(0),
            releases: watch::Sender::new(0),
            telling: Telling::new(),
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic in one test's request must not hide behind a second panic in the next.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that changes.
pub(super) struct State {
    pub(super) clients: BTreeMap<String, ClientRegistration>,
    pub(super) users: Vec<User>,
    pub(super) keys: KeyRing,
    /// Login pages that are being looked at, by the random name in their form.
    pub(super) transactions: HashMap<String, Transaction>,
    /// Single sign-on sessions, by the value of their cookie.
    pub(super) sessions: HashMap<String, Session>,
    pub(super) codes: HashMap<String, CodeRecord>,
    pub(super) grants: HashMap<String, Grant>,
    pub(super) refresh_tokens: HashMap<String, RefreshTokenRecord>,
    pub(super) access_tokens: AccessTokens,
    /// Proofs that were seen, and nonces that were given out.
    pub(super) proofs: Proofs,
    pub(super) quotas: Quotas,
    /// What clients are to be told once the lock is released.
    pub(super) notices: Vec<Notice>,
    pub(super) log: TenantLog,
    pub(super) faults: Faults,
    pub(super) calls: BTreeMap<Endpoint, usize>,
    pub(super) token_calls: BTreeMap<String, usize>,
}

/// An authorization request that passed every check and waits for a login.
#[derive(Clone)]
pub(super) struct Transaction {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) scope: Vec<String>,
    pub(super) audience: Option<String>,
    pub(super) code_challenge: String,
    pub(super) organization: Option<String>,
    pub(super) acr_values: Vec<String>,
    pub(super) login_hint: Option<String>,
    pub(super) expires: Timestamp,
}

/// A browser that logged in.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) sid: String,
    pub(super) subject: String,
    pub(super) auth_time: Timestamp,
    pub(super) acr: Option<String>,
}

/// What a person allowed a client once; the family of its refresh tokens.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) session: Session,
    pub(super) scope: Vec<String>,
    pub(super) audience: Option<String>,
    pub(super) organization: Option<String>,
    pub(super) expires: Timestamp,
    pub(super) standing: GrantStanding,
}

/// Whether a grant still stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum GrantStanding {
    Live,
    Revoked,
}

/// An authorization code.
pub(super) struct CodeRecord {
    pub(super) grant: String,
    pub(super) redirect_uri: String,
    pub(super) code_challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) expires: Timestamp,
    pub(super) use_: CodeUse,
}

/// Whether a code was spent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeUse {
    Unspent,
    Spent,
}

/// A refresh token.
pub(super) struct RefreshTokenRecord {
    pub(super) grant: String,
    /// When it was first used, where that rotated it.
    pub(super) rotated: Option<Timestamp>,
    /// The thumbprint of the key that it is bound to (RFC 9449 §5).
    pub(super) key: Option<String>,
}

impl State {
    pub(super) fn new(
        settings: &Settings,
        clients: impl Iterator<Item = ClientRegistration>,
        users: Vec<User>,
    ) -> Self {
        Self {
            clients: clients.map(|client| (client.client_id.clone(), client)).collect(),
            users,
            keys: KeyRing::new(settings.keys.clone()),
            transactions: HashMap::new(),
            sessions: HashMap::new(),
            codes: HashMap::new(),
            grants: HashMap::new(),
            refresh_tokens: HashMap::new(),
            access_tokens: AccessTokens::new(),
            proofs: Proofs::default(),
            quotas: Quotas::default(),
            notices: Vec::new(),
            log: TenantLog::default(),
            faults: Faults::default(),
            calls: BTreeMap::new(),
            token_calls: BTreeMap::new(),
        }
    }

    pub(super) fn user(&self, subject: &str) -> Option<&User> {
        self.users.iter().find(|user| user.subject == subject)
    }

    /// Returns the grant of this name where it stands at `now`.
    pub(super) fn living_grant(&self, grant: &str, now: Timestamp) -> Option<&Grant> {
        self.grants.get(grant).filter(|grant| grant.standing == GrantStanding::Live && now < grant.expires)
    }

    /// Ends a grant, and with it every token that points at it.
    pub(super) fn revoke_grant(&mut self, grant: &str) {
        if let Some(grant) = self.grants.get_mut(grant) {
            grant.standing = GrantStanding::Revoked;
        }
    }
}
