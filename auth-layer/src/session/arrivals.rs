//! Logins that were finished, for the instance that the browser asks a second time.
//!
//! # Rules
//! 1. One of all instances exchanges a code. Whoever asks again (a double click, a reload) gets what the
//!    first one got: a provider that sees a code twice may revoke what it issued for it (RFC 6749 §4.1.2).
//! 2. A note is under a name that is derived from the login's code verifier, and sealed with a key that is,
//!    too: only the browser that began the login has it, in a sealed cookie.
//! 3. One whose instance died in the middle of it goes by itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::session::seal::{Purpose, Ticket};
use crate::session::store::{Groups, SessionStore, StoreError, Swap, Version};

/// The finished logins of one client.
#[derive(Clone)]
pub(crate) struct Arrivals {
    store: Arc<dyn SessionStore>,
    client: Purpose,
}

/// The note of one login.
pub(crate) struct ArrivalAt {
    store: Arc<dyn SessionStore>,
    ticket: Ticket,
}

/// What is known of a login.
#[derive(PartialEq, Eq)]
pub(crate) enum Finishing {
    /// It is this caller's to finish.
    Mine(Version),
    /// Another one is at it.
    Theirs,
    /// It came to this: lines for the browser, with a session in them.
    Done(Vec<String>),
}

impl Arrivals {
    /// `client` is whose logins these are: others may share the store.
    pub(crate) fn new(store: Arc<dyn SessionStore>, client: Purpose) -> Self {
        Self { store, client }
    }

    pub(crate) fn at(&self, code_verifier: &str) -> ArrivalAt {
        let ticket = Ticket::new(KIND, &self.client, code_verifier.as_bytes());
        ArrivalAt { store: Arc::clone(&self.store), ticket }
    }
}

impl ArrivalAt {
    /// Takes the login, or says what came of it.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn begin(&self) -> Result<Finishing, StoreError> {
        let held = self.ticket.seal(&encode(&[]));
        if let Swap::Done(version) =
            self.store.insert(self.ticket.name(), held, LONGEST, Groups::none()).await?
        {
            return Ok(Finishing::Mine(version));
        }
        let Some(found) = self.store.load(self.ticket.name()).await? else { return Ok(Finishing::Theirs) };
        let opened = self.ticket.open(found.bytes).ok();
        let lines = opened.and_then(|opened| postcard::from_bytes::<Vec<String>>(opened.plaintext()).ok());
        Ok(lines.filter(|lines| !lines.is_empty()).map_or(Finishing::Theirs, Finishing::Done))
    }

    /// Writes what came of it, for as long as the browser may ask again.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn land(
        &self,
        mine: Version,
        lines: &[String],
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        let sealed = self.ticket.seal(&encode(lines));
        self.store.compare_and_swap(self.ticket.name(), mine, sealed, lifetime).await.map(drop)
    }

    /// Gives it back, since nothing came of it.
    ///
    /// # Errors
    /// The store gives no answer.
    pub(crate) async fn give_back(&self, mine: Version) -> Result<(), StoreError> {
        self.store.compare_and_remove(self.ticket.name(), mine).await.map(drop)
    }
}

fn encode(lines: &[String]) -> Vec<u8> {
    postcard::to_extend(lines, Vec::new()).expect("strings always have a compact form")
}

/// Deliberately not derived: among the lines are the cookies of a session.
impl fmt::Debug for Finishing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mine(_) => "Mine",
            Self::Theirs => "Theirs",
            Self::Done(_) => "Done(..)",
        })
    }
}

impl fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Arrivals(..)")
    }
}

impl fmt::Debug for ArrivalAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArrivalAt(..)")
    }
}

/// The kind of records that these are.
const KIND: &str = "a";
/// Longer than a provider is waited for by default, its keys included.
const LONGEST: Duration = Duration::from_secs(30);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::session::memory_store::MemoryStore;

    #[tokio::test]
    async fn one_finishes_a_login_and_the_others_find_what_came_of_it() {
        let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::system()));
        let at = |client: &str, verifier: &str| {
            Arrivals::new(Arc::clone(&store), Purpose::new(client)).at(verifier)
        };
        let (one, other) = (at("shop", "verifier"), at("shop", "verifier"));
        let Finishing::Mine(mine) = one.begin().await.unwrap() else { panic!("nobody was first") };
        assert_eq!(other.begin().await.unwrap(), Finishing::Theirs);
        one.give_back(mine).await.unwrap();
        let Finishing::Mine(mine) = other.begin().await.unwrap() else { panic!("it was given back") };
        other.land(mine, &["/".to_owned(), "cookie".to_owned()], LONGEST).await.unwrap();
        assert_eq!(one.begin().await.unwrap(), Finishing::Done(vec!["/".to_owned(), "cookie".to_owned()]));
        assert_eq!(format!("{:?}", one.begin().await.unwrap()), "Done(..)");
        for (client, verifier) in [("billing", "verifier"), ("shop", "another")] {
            assert!(matches!(at(client, verifier).begin().await.unwrap(), Finishing::Mine(_)));
        }
    }
}
