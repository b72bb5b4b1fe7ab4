//! Two instances on one store, with groups and without: what ended at one is over at the other.

use super::*;
use crate::session::memory_store::MemoryStore;
use crate::session::record::tests::record;
use crate::session::store::{Promises, Reach, Record, StoreFuture, Version};

const NOW: Timestamp = Timestamp::from_unix_seconds(20);
const LIFETIME: Duration = Duration::from_secs(1_000);

fn instance(store: &Arc<dyn SessionStore>, asks: Asks) -> Tombstones {
    let (issuer, client) = (Issuer::from("https://op.example"), ClientId::from("shop"));
    Tombstones::new(issuer, client, LIFETIME, Clock::manual(NOW), Some((Arc::clone(store), asks)))
}

fn pair() -> (Tombstones, Tombstones, Arc<dyn SessionStore>) {
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::manual(NOW)));
    (instance(&store, Asks::EachRequest), instance(&store, Asks::EachRequest), store)
}

/// A session that began at this second, by the provider's clock.
fn began(second: u64) -> SessionRecord {
    SessionRecord {
        id: SecretText::new(crate::one_time::random_token()),
        issued_at: Timestamp::from_unix_seconds(second),
        ..record()
    }
}

#[tokio::test]
async fn a_session_that_was_logged_out_is_over_and_no_other() {
    let (one, other, _) = pair();
    let (ended, living) = (began(10), began(10));
    one.end(&ended.id, ended.expires_at).await.unwrap();
    assert!(one.has_ended_here(&ended.id) && one.has_ended(&ended).await.unwrap());
    assert!(other.has_ended(&ended).await.unwrap());
    assert!(other.has_ended_here(&ended.id), "and is not looked for again");
    assert!(!other.has_ended(&living).await.unwrap());
}

#[tokio::test]
async fn what_began_before_the_word_about_its_user_or_its_sid_is_over_and_what_began_later_is_not() {
    let (one, other, _) = pair();
    let (before, at, later) = (began(9), began(10), began(11));
    let ten = Timestamp::from_unix_seconds(10);
    let subject = before.user.subject().clone();
    one.end_subject(&subject, ten).await.unwrap();
    // An earlier word does not take a later one back.
    other.end_subject(&subject, Timestamp::from_unix_seconds(5)).await.unwrap();
    for instance in [&one, &other] {
        assert!(instance.has_ended(&before).await.unwrap() && instance.has_ended(&at).await.unwrap());
        assert!(!instance.has_ended(&later).await.unwrap());
    }
    let (one, other, _) = pair();
    one.end_sid("sid", ten).await.unwrap();
    assert!(other.has_ended(&before).await.unwrap() && !other.has_ended(&later).await.unwrap());
    one.end_sid("another", Timestamp::from_unix_seconds(99)).await.unwrap();
    assert!(!other.has_ended(&later).await.unwrap());
}

#[tokio::test]
async fn sessions_without_a_sid_are_found_by_their_user_alone() {
    let (one, other, _) = pair();
    let (named, unnamed) = (began(10), SessionRecord { sid: None, ..began(10) });
    one.end_without_sid(named.user.subject(), NOW).await.unwrap();
    assert!(other.has_ended(&unnamed).await.unwrap() && one.has_ended(&unnamed).await.unwrap());
    assert!(!other.has_ended(&named).await.unwrap() && !one.has_ended(&named).await.unwrap());
}

#[tokio::test]
async fn a_session_that_was_alive_is_believed_for_a_moment_but_not_by_who_saves_it() {
    let (one, other, _) = pair();
    let session = began(10);
    assert!(!other.has_ended(&session).await.unwrap());
    one.end(&session.id, session.expires_at).await.unwrap();
    assert!(!other.has_ended(&session).await.unwrap(), "it was looked for just now");
    assert!(other.has_ended_by_now(&session).await.unwrap());
    assert!(other.has_ended(&session).await.unwrap(), "and from then on it is known");
}

#[tokio::test]
async fn another_client_and_another_issuer_are_told_nothing() {
    let (one, _, store) = pair();
    let session = began(10);
    one.end(&session.id, session.expires_at).await.unwrap();
    one.end_sid("sid", NOW).await.unwrap();
    one.end_subject(session.user.subject(), NOW).await.unwrap();
    for (issuer, client) in [("https://op.example", "admin"), ("https://other.example", "shop")] {
        let shared = Some((Arc::clone(&store), Asks::EachRequest));
        let stranger =
            Tombstones::new(issuer.into(), ClientId::from(client), LIFETIME, Clock::manual(NOW), shared);
        assert!(!stranger.has_ended(&session).await.unwrap(), "{issuer}, {client}");
    }
}

#[tokio::test]
async fn where_the_store_keeps_groups_it_removes_the_sessions_of_one() {
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::manual(NOW)));
    let tombstones = instance(&store, Asks::AtLogin);
    let session = began(10);
    let groups = tombstones.groups(&session);
    let names = groups.names();
    let kept = Groups::new(&names, LIFETIME);
    store.insert("s:1", b"sealed".to_vec(), LIFETIME, kept).await.unwrap();
    tombstones.end_sid("sid", NOW).await.unwrap();
    assert_eq!(store.load("s:1").await.unwrap(), None);
    assert!(tombstones.has_ended_by_now(&session).await.unwrap(), "a login under way finds the note");
}

#[tokio::test]
async fn a_note_that_cannot_be_read_ends_what_it_names_rather_than_nothing() {
    let (one, _, store) = pair();
    let session = began(10);
    let name = one.name("e", session.id.expose());
    store.insert(&name, b"not a moment".to_vec(), LIFETIME, Groups::none()).await.unwrap();
    assert!(one.has_ended(&session).await.unwrap());
}

/// Takes nothing, and shows nothing.
struct Occupied;

impl SessionStore for Occupied {
    fn promises(&self) -> Promises {
        Promises::all(Reach::Fleet).without_groups()
    }
    fn load<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Record>> {
        Box::pin(std::future::ready(Ok(None)))
    }
    fn insert<'a>(&'a self, _: &'a str, _: Vec<u8>, _: Duration, _: Groups<'a>) -> StoreFuture<'a, Swap> {
        Box::pin(std::future::ready(Ok(Swap::Conflict)))
    }
    fn compare_and_swap<'a>(
        &'a self,
        _: &'a str,
        _: Version,
        _: Vec<u8>,
        _: Duration,
    ) -> StoreFuture<'a, Swap> {
        Box::pin(std::future::ready(Ok(Swap::Gone)))
    }
    fn compare_and_remove<'a>(&'a self, _: &'a str, _: Version) -> StoreFuture<'a, Swap> {
        Box::pin(std::future::ready(Ok(Swap::Gone)))
    }
    fn remove<'a>(&'a self, _: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
    fn remove_group<'a>(&'a self, _: &'a str) -> StoreFuture<'a, u64> {
        Box::pin(std::future::ready(Ok(0)))
    }
}

#[tokio::test(start_paused = true)]
async fn where_something_foreign_is_under_the_name_of_a_tombstone_the_logout_fails_and_does_not_hang() {
    let store: Arc<dyn SessionStore> = Arc::new(Occupied);
    let tombstones = instance(&store, Asks::EachRequest);
    let session = began(10);
    assert!(tombstones.end(&session.id, session.expires_at).await.is_err());
    assert!(tombstones.has_ended(&session).await.unwrap(), "in this process it is over all the same");
}
