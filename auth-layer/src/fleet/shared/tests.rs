//! A store that loses an answer, and what that costs the other instances.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::clock::{Moment, Timestamp};
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::session::FarStore;
use crate::token::RefreshKey;

const NOW: Timestamp = Timestamp::from_unix_seconds(1_764_547_200);
const LEASE: Duration = Duration::from_secs(10);

/// One instance, and what it wants.
struct Instance {
    fleet: Fleet,
    store: Arc<FarStore>,
    clock: Clock,
    asked: AtomicU32,
    /// The answer to which of its writes is lost, if any.
    loses: Option<u32>,
}

impl Instance {
    fn new(store: &Arc<FarStore>, clock: &Clock, loses: Option<u32>) -> Self {
        let bounded = BoundedStore::new(Arc::clone(store) as Arc<dyn crate::session::SessionStore>);
        let timing = (LEASE, LEASE + Duration::from_secs(5));
        let fleet = Fleet::new(SharedKind::Exchanged, bounded, Purpose::new("shop"), timing, clock.clone());
        Self { fleet, store: Arc::clone(store), clock: clock.clone(), asked: AtomicU32::new(0), loses }
    }

    async fn obtain(&self) -> Result<String, &'static str> {
        if self.loses == Some(0) {
            self.store.lose_answers(1);
        }
        let token = self.fleet.obtain(self).await.map_err(|missed| missed.error)?;
        Ok(token.value.expose().to_owned())
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Wanted for Instance {
    type Error = &'static str;
    type Why = ();

    fn key(&self) -> RefreshKey {
        RefreshKey([7; 32])
    }

    fn instead_of(&self) -> Option<&IssuedToken> {
        None
    }

    fn attempt(&self) -> u32 {
        0
    }

    fn is_waited_for(&self) -> bool {
        true
    }

    fn does(&self, _: &IssuedToken) -> bool {
        true
    }

    fn renew_at(&self, _: &IssuedToken) -> Option<Timestamp> {
        None
    }

    async fn ask(&self) -> Result<Arc<IssuedToken>, &'static str> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.loses == Some(1) {
            self.store.lose_answers(1);
        }
        let (value, hour) = (SecretText::from("at"), Some(Duration::from_secs(3_600)));
        Ok(Arc::new(IssuedToken::new(value, None, ScopeSet::default(), hour, self.clock.now())))
    }

    fn why(&self, _: &&'static str) -> Option<()> {
        Some(())
    }

    fn told(&self, (): (), _: Duration) -> &'static str {
        "told"
    }

    fn unavailable(&self, _: Option<Duration>) -> &'static str {
        "unavailable"
    }

    fn retry_after(&self, _: &&'static str) -> Option<Duration> {
        None
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_store_that_is_lost_keeps_no_other_instance_waiting_for_a_lease() {
    for (name, loses, posts) in
        [("none", None, [1, 0]), ("of the lease", Some(0), [1, 1]), ("of the token", Some(1), [1, 0])]
    {
        let clock = Clock::manual(NOW);
        let store = Arc::new(FarStore::new(clock.clone()));
        let first = Instance::new(&store, &clock, loses);
        assert_eq!(first.obtain().await, Ok("at".to_owned()), "{name}");
        let (other, began) = (Instance::new(&store, &clock, None), Moment::now());
        assert_eq!(other.obtain().await, Ok("at".to_owned()), "{name}");
        assert_eq!([first.asked(), other.asked()], posts, "{name}");
        assert!(began.elapsed() < Duration::from_secs(2), "{name}: {:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_gets_stuck_costs_a_caller_seconds_and_no_token() {
    let clock = Clock::manual(NOW);
    let store = Arc::new(FarStore::new(clock.clone()));
    store.get_stuck();
    let (instance, began) = (Instance::new(&store, &clock, None), Moment::now());
    assert_eq!(instance.obtain().await, Ok("at".to_owned()));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    store.recover();
    let other = Instance::new(&store, &clock, None);
    assert_eq!(other.obtain().await, Ok("at".to_owned()), "and nobody waits for it afterwards");
}
