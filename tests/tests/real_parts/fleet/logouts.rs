//! Logouts that race a refresh at another process.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use http::StatusCode;
use tests::Keep;

use super::effort::rounds;
use super::rig::SESSION;
use super::{Engine, Rig, Visitor};

/// Who ends a session.
#[derive(Clone, Copy, Debug)]
enum By {
    /// The user, at the first shop.
    User,
    /// The provider, who tells the first shop.
    Provider,
}

/// Refreshes at the second shop, logs out at the first, and returns the browser of the refresh and whether
/// it was given a token.
async fn race(rig: &Rig, visitor: &Visitor, sid: Option<&str>, delay: Duration) -> (Visitor, bool) {
    let refreshing = async {
        let mut refreshing = visitor.clone();
        let answer = refreshing.get(&rig.url(1, SESSION)).await;
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::UNAUTHORIZED), "{answer:?}");
        (refreshing, answer.status == StatusCode::OK)
    };
    let ending = async {
        tokio::time::sleep(delay).await;
        match sid {
            None => {
                let answer = visitor.clone().open(&rig.url(0, "/auth/logout")).await;
                assert!(answer.status.is_redirection(), "{answer:?}");
            }
            Some(sid) => {
                let answers = rig.op.log_out(sid).await;
                assert_eq!(answers.len(), 1);
                assert_eq!(answers[0].status, Some(StatusCode::OK), "{answers:?}");
            }
        }
    };
    tokio::join!(refreshing, ending).0
}

async fn raced(keep: Keep, by: By) {
    let engine = Engine::redis().await;
    let rig = Rig::start(&engine, keep).await;
    let at_first = rig.url(0, "/auth/backchannel-logout");
    rig.op.register_backchannel_logout_uri(&at_first);
    let races = rounds(50, 250);
    let visitors = rig.expired(races).await;
    let rig = &rig;
    let racing = visitors.iter().enumerate().map(|(round, visitor)| async move {
        let sid = match by {
            By::User => None,
            By::Provider => Some(visitor.clone().get(&rig.url(0, "/auth/profile")).await.sid()),
        };
        race(rig, visitor, sid.as_deref(), Duration::from_millis(round as u64 % 40)).await
    });
    let raced: Vec<_> = stream::iter(racing).buffered(RACES_AT_ONCE).collect().await;
    let refreshed = raced.iter().filter(|(_, was_given)| *was_given).count();
    // What a shop has believed a moment ago it looks up again.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let looks = visitors.iter().zip(&raced).enumerate().map(|(round, (old, (new, _)))| async move {
        let mut alive = 0;
        for (number, visitor) in [old, new].into_iter().enumerate() {
            let answer = visitor.clone().get(&rig.url((round + number) % 3, SESSION)).await;
            alive += usize::from(answer.status != StatusCode::UNAUTHORIZED);
        }
        alive
    });
    let resurrected: usize =
        stream::iter(looks).buffered(RACES_AT_ONCE).fold(0, async |sum, one| sum + one).await;
    println!(
        "{}: {} logouts by the {by:?} race a refresh at another process ({}): {resurrected} resurrected; \
         the refresh was first {refreshed} times",
        match by {
            By::User => "F27",
            By::Provider => "F28",
        },
        visitors.len(),
        rig.name
    );
    assert_eq!(resurrected, 0, "{}", rig.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_refresh_brings_a_session_back_that_its_user_ended_at_another_process() {
    for keep in Keep::BOTH {
        raced(keep, By::User).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_refresh_brings_a_session_back_that_the_provider_ended_at_another_process() {
    for keep in Keep::BOTH {
        raced(keep, By::Provider).await;
    }
}

const RACES_AT_ONCE: usize = 8;
