//! How long a record lives.

use std::sync::Arc;
use std::time::Duration;

use crate::session::Swap;
use crate::testing::store_contract::probe::{LONG, PAST_SHORT, Probe, SHORT, Tried, see};

/// There before its end, gone after it: neither rounded down nor up to a second.
pub(super) async fn lives(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let version = probe.insert(&name, b"first", HALF * 3).await?;
    probe.wait(HALF).await;
    probe.see_record(&name, b"first", version).await?;
    probe.wait(HALF * 2 + HALF / 2).await;
    probe.see_nothing(&name, "after its lifetime").await
}

pub(super) async fn as_good_as_removed(probe: Arc<Probe>) -> Tried {
    let names: Vec<String> = (0..4).map(|_| probe.name()).collect();
    let mut version = probe.insert(&names[0], b"first", SHORT).await?;
    for name in &names[1..] {
        version = probe.insert(name, b"first", SHORT).await?;
    }
    probe.wait(PAST_SHORT).await;
    let found = probe.store().load_all(&[&names[0], &names[1]]).await?;
    see(found.iter().all(Option::is_none), || "load_all brings an expired record".into())?;
    let first = probe.insert(&names[1], b"second", LONG).await?;
    probe.see_record(&names[1], b"second", first).await?;
    let answer = probe.store().compare_and_remove(&names[2], version).await?;
    see(answer != Swap::Done(version), || format!("a removal was answered {answer:?}"))?;
    let answer = probe.swap(&names[3], version, b"late", LONG).await?;
    see(answer == Swap::Gone, || format!("a swap was answered {answer:?}"))?;
    probe.see_nothing(&names[3], "after a swap that came too late").await
}

pub(super) async fn shortened(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let version = probe.insert(&name, b"first", LONG).await?;
    probe.must_swap(&name, version, b"second", SHORT).await?;
    probe.wait(PAST_SHORT).await;
    probe.see_nothing(&name, "after the shorter lifetime").await
}

pub(super) async fn lengthened(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let version = probe.insert(&name, b"first", SHORT).await?;
    let version = probe.must_swap(&name, version, b"second", LONG).await?;
    probe.wait(PAST_SHORT).await;
    probe.see_record(&name, b"second", version).await
}

pub(super) async fn limits(probe: Arc<Probe>) -> Tried {
    let (brief, lasting) = (probe.name(), probe.name());
    probe.insert(&brief, b"brief", Duration::from_millis(1)).await?;
    let version = probe.insert(&lasting, b"lasting", LONGEST).await?;
    let version = probe.must_swap(&lasting, version, b"lasting", LONGEST).await?;
    probe.wait(Duration::from_millis(100)).await;
    probe.see_nothing(&brief, "after a lifetime of 1 ms").await?;
    probe.see_record(&lasting, b"lasting", version).await
}

const HALF: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(400 * 24 * 60 * 60);
