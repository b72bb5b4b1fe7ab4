//! What the layer hands to a request, and gets back with its response.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::header::{AUTHORIZATION, COOKIE};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};
use tokio::sync::OnceCell;

use crate::clock::Timestamp;
use crate::flow::{Loaded, Meanwhile, Opened, RelyingParty};
use crate::gate::parties::Parties;
use crate::gate::rejection::{Rejection, RejectionKind};
use crate::resource_server::{DPOP, Refusal};
use crate::session::{Carried, SessionRecord};
use crate::token::TokenSet;

/// A request's context: who checks it, and its session, if it may have one.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    parties: Arc<Parties>,
    /// None where there are no sessions, or the request brings no cookie at all.
    session: Option<SessionContext>,
    /// Whether the proof of possession is good: it is looked at once, since it can be used once.
    proof: Option<Arc<OnceLock<Result<(), Refusal>>>>,
    /// By what name its sender called us, where its address has one: in absolute form, and of HTTP/2.
    called: Option<Authority>,
    /// What it said of who it is: ours to judge, and nobody else's.
    credentials: Option<HeaderValue>,
}

/// A request's session: opened when it is first asked for, and saved with the response.
///
/// A request that asks for no session costs one allocation for this, one without cookies none.
#[derive(Clone, Debug)]
pub(crate) struct SessionContext(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    party: Arc<RelyingParty>,
    loaded: OnceCell<Result<bool, RejectionKind>>,
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    live: Option<Opened>,
    carried: Carried,
    change: Change,
}

/// What the response has to do about the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Change {
    #[default]
    None,
    /// It carries the session as it was opened.
    Roll,
    /// It carries what a refresh brought.
    Save,
    Clear,
}

/// A look at what became of a session.
pub(crate) type Looking = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The Set-Cookie headers for a response; empty where nothing changed.
pub(crate) type Outgoing = Vec<HeaderValue>;

impl Context {
    pub(crate) fn new(parties: Arc<Parties>, uri: &Uri, headers: &HeaderMap) -> Self {
        let party = parties.relying_party.as_ref().filter(|_| headers.contains_key(COOKIE));
        let session = party.map(|party| SessionContext::new(Arc::clone(party)));
        let proof = (takes_proofs(&parties) && headers.contains_key(DPOP)).then(Arc::default);
        let mut credentials = headers.get(AUTHORIZATION).cloned();
        if let Some(credentials) = &mut credentials {
            credentials.set_sensitive(true);
        }
        Self { parties, session, proof, called: uri.authority().cloned(), credentials }
    }

    /// Whether an address still names us as the request's sender did.
    pub(crate) fn is_called(&self, uri: &Uri) -> bool {
        self.called.is_some() && self.called.as_ref() == uri.authority()
    }

    /// Whether these headers still have the credentials that the request's sender brought, and not another's.
    pub(crate) fn has_brought(&self, headers: &HeaderMap) -> bool {
        let mut held = headers.get_all(AUTHORIZATION).iter();
        self.credentials.as_ref().is_some_and(|brought| held.any(|held| held == brought))
    }

    /// Whether proofs of possession are looked at.
    #[cfg(feature = "tonic")]
    pub(crate) fn takes_proofs(&self) -> bool {
        takes_proofs(&self.parties)
    }

    /// What `check` said of the proof of possession when it was first asked in this request.
    pub(crate) fn proof(&self, check: impl FnOnce() -> Result<(), Refusal>) -> Result<(), Refusal> {
        match &self.proof {
            Some(checked) => checked.get_or_init(check).clone(),
            None => check(),
        }
    }

    pub(crate) fn parties(&self) -> &Parties {
        &self.parties
    }

    pub(crate) const fn session(&self) -> Option<&SessionContext> {
        self.session.as_ref()
    }
}

fn takes_proofs(parties: &Parties) -> bool {
    parties.resource_server.as_ref().is_some_and(|server| server.takes_proofs())
}

impl SessionContext {
    fn new(party: Arc<RelyingParty>) -> Self {
        Self(Arc::new(Inner { party, loaded: OnceCell::new(), slot: Mutex::default() }))
    }

    pub(crate) fn party(&self) -> &Arc<RelyingParty> {
        &self.0.party
    }

    /// The session's record as it now stands: after a refresh in this request, the refreshed one.
    pub(crate) async fn record(&self, headers: &HeaderMap) -> Result<Option<Arc<SessionRecord>>, Rejection> {
        let loaded = self.0.loaded.get_or_init(|| self.load(headers)).await;
        match loaded {
            Err(kind) => Err(Rejection::new(*kind)),
            Ok(false) => Ok(None),
            Ok(true) => Ok(self.current()),
        }
    }

    /// The record as it now stands, where the session was opened and is not over.
    pub(crate) fn current(&self) -> Option<Arc<SessionRecord>> {
        self.slot(|slot| slot.live.as_ref().map(|live| Arc::clone(&live.record)))
    }

    /// When the session was opened, where it is not over.
    pub(crate) fn opened_at(&self) -> Option<Timestamp> {
        self.slot(|slot| slot.live.as_ref().map(|live| live.opened_at))
    }

    async fn load(&self, headers: &HeaderMap) -> Result<bool, RejectionKind> {
        let sessions = &self.0.party.sessions;
        let loaded = sessions.load(headers).await.map_err(|error| {
            tracing::error!(%error, "the session store did not answer");
            RejectionKind::StoreUnavailable
        })?;
        Ok(match loaded {
            Loaded::Absent => false,
            Loaded::Broken(carried) => {
                self.slot(|slot| *slot = Slot { carried, change: Change::Clear, live: None });
                false
            }
            Loaded::Live(opened, carried) => {
                let change = if opened.must_save { Change::Roll } else { Change::None };
                self.slot(|slot| *slot = Slot { live: Some(opened), carried, change });
                true
            }
        })
    }

    /// Puts the tokens of a refresh in place: every later read in this request sees them.
    pub(crate) fn adopt(&self, tokens: &Arc<TokenSet>) {
        let must_save = self.0.party.sessions.keeps_records_in_cookies();
        self.slot(|slot| {
            let Some(live) = slot.live.as_mut() else { return };
            if tokens.generation <= live.record.token_set.generation {
                return;
            }
            live.record = Arc::new(SessionRecord { token_set: Arc::clone(tokens), ..(*live.record).clone() });
            if must_save && matches!(slot.change, Change::None | Change::Roll) {
                slot.change = Change::Save;
            }
        });
    }

    /// The session is over: its cookies are deleted with the response.
    pub(crate) fn forget(&self) {
        self.slot(|slot| {
            slot.live = None;
            slot.change = Change::Clear;
        });
    }

    /// The session's cookies were dealt with elsewhere: nothing is saved or cleared by this request.
    pub(crate) fn abandon(&self) {
        self.slot(|slot| *slot = Slot::default());
    }

    /// Looks what became of the session elsewhere before a response carries it as it was opened; `None`
    /// where nothing can have.
    ///
    /// The browser may have been given newer tokens by another instance meanwhile, or the cookie of its next
    /// login: what is older must not take their place.
    pub(crate) fn look_again(&self) -> Option<Looking> {
        // Nothing is cloned for a response that carries no session, which is almost every one.
        let live = self.slot(|slot| match slot.change {
            Change::Roll | Change::Save => slot.live.clone(),
            Change::None | Change::Clear => None,
        })?;
        if !self.0.party.may_have_changed_elsewhere(&live) {
            return None;
        }
        let context = self.clone();
        Some(Box::pin(async move {
            match context.0.party.sessions.since_opened(&live).await {
                Ok(Meanwhile::Same) => {}
                Ok(Meanwhile::Newer(tokens)) => context.adopt(&tokens),
                Ok(Meanwhile::Ended) => context.slot(|slot| slot.change = Change::None),
                // Nothing is lost without a roll: the next request rolls the session. Refreshed tokens
                // go with their response, since nobody logs in meanwhile.
                Err(_) => context.slot(|slot| {
                    if slot.change == Change::Roll {
                        slot.change = Change::None;
                    }
                }),
            }
        }))
    }

    /// What the response has to carry.
    ///
    /// The session stays: a stream may go on asking for tokens long after its response has left.
    pub(crate) fn finish(&self) -> Outgoing {
        let changed = |slot: &mut Slot| match std::mem::take(&mut slot.change) {
            Change::None => None,
            change => Some((change, slot.live.clone(), slot.carried)),
        };
        let Some((change, live, carried)) = self.slot(changed) else { return Vec::new() };
        match (change, live) {
            (Change::None, _) => Vec::new(),
            (Change::Roll | Change::Save, Some(live)) => self.0.party.reseal(&live, &carried),
            (Change::Roll | Change::Save, None) | (Change::Clear, _) => self.0.party.sessions.clear(&carried),
        }
    }

    fn slot<R>(&self, act: impl FnOnce(&mut Slot) -> R) -> R {
        act(&mut self.0.slot.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
