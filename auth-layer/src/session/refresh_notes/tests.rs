//! Notes come back as they went, and what is no note is read as none.

use proptest::prelude::*;

use super::*;
use crate::clock::Clock;
use crate::session::memory_store::MemoryStore;
use crate::session::record::tests::record;

const KEY: RefreshKey = RefreshKey([7; 32]);
const LIFETIME: Duration = Duration::from_secs(60);

fn ticket() -> Ticket {
    Ticket::new(KIND, &Purpose::new("client"), &KEY.0)
}

fn opened(plaintext: &[u8]) -> OpenedSeal {
    ticket().open(ticket().seal(plaintext)).unwrap()
}

fn every_note() -> [RefreshNote; 4] {
    let until = Timestamp::from_unix_seconds(99);
    [
        RefreshNote::Held { by: [3; 16] },
        RefreshNote::Settled { tokens: record().token_set, until },
        RefreshNote::Refused,
        RefreshNote::Waiting { attempt: 7, until },
    ]
}

#[test]
fn a_note_comes_back_as_it_went_and_is_none_where_it_is_cut_longer_or_of_another_version() {
    for note in every_note() {
        let plaintext = note.encode();
        let back = RefreshNote::decode(&opened(&plaintext)).unwrap();
        assert_eq!(back.encode(), plaintext, "{note:?}");
        for end in 0..plaintext.len() {
            assert!(RefreshNote::decode(&opened(&plaintext[..end])).is_none(), "{note:?}, cut at {end}");
        }
        assert!(RefreshNote::decode(&opened(&[&plaintext[..], &[0]].concat())).is_none(), "{note:?}");
        assert!(RefreshNote::decode(&opened(&[&[2], &plaintext[1..]].concat())).is_none(), "{note:?}");
    }
}

#[tokio::test]
async fn a_note_opens_for_its_refresh_token_and_client_alone_and_tells_nothing_of_either() {
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::system()));
    let notes = RefreshNotes::new(Arc::clone(&store), Purpose::new("client"));
    let [_, settled, ..] = every_note();
    notes.at(KEY).insert(&settled, LIFETIME).await.unwrap();
    assert!(matches!(notes.at(KEY).read().await.unwrap(), Some((RefreshNote::Settled { .. }, _))));
    assert!(notes.at(RefreshKey([8; 32])).read().await.unwrap().is_none());
    let stranger = RefreshNotes::new(Arc::clone(&store), Purpose::new("other"));
    assert!(stranger.at(KEY).read().await.unwrap().is_none());
    let kept = store.load(ticket().name()).await.unwrap().unwrap();
    for secret in [&b"refresh"[..], b"access", &KEY.0] {
        assert!(!kept.bytes.windows(secret.len()).any(|window| window == secret));
    }
    assert!(!format!("{settled:?}").contains("\"refresh\""));
}

#[tokio::test]
async fn what_is_no_note_is_read_as_none_and_stays() {
    let store: Arc<dyn SessionStore> = Arc::new(MemoryStore::new(Clock::system()));
    let notes = RefreshNotes::new(Arc::clone(&store), Purpose::new("client"));
    store.insert(ticket().name(), vec![9; 99], LIFETIME, Groups::none()).await.unwrap();
    assert!(notes.at(KEY).read().await.unwrap().is_none());
    assert_eq!(notes.at(KEY).insert(&RefreshNote::Refused, LIFETIME).await.unwrap(), Swap::Conflict);
    assert_eq!(store.load(ticket().name()).await.unwrap().unwrap().bytes, [9; 99]);
}

proptest! {
    #[test]
    fn no_plaintext_makes_a_note_panic(plaintext in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = RefreshNote::decode(&opened(&[&[VERSION], &plaintext[..]].concat()));
    }
}
