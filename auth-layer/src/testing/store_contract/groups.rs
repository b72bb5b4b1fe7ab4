//! What is removed with a group.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::testing::store_contract::probe::{Breach, LONG, PAST_SHORT, Probe, SHORT, Tried, see};
use crate::testing::store_contract::swaps::write_until_gone;

pub(super) async fn unknown(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let version = probe.insert(&name, b"first", LONG).await?;
    // The name of a record is no group, and the other way about.
    for group in [probe.name(), name.clone()] {
        removes(&probe, &group, 0).await?;
    }
    probe.see_record(&name, b"first", version).await
}

/// One in two groups, one in each, one in none.
pub(super) async fn exactly(probe: Arc<Probe>) -> Tried {
    let (user, session) = (probe.name(), probe.name());
    let names: Vec<String> = (0..4).map(|_| probe.name()).collect();
    probe.insert_in(&names[0], b"both", LONG, &[&user, &session]).await?;
    probe.insert_in(&names[1], b"user", LONG, &[&user]).await?;
    let other = probe.insert_in(&names[2], b"session", LONG, &[&session]).await?;
    let none = probe.insert(&names[3], b"none", LONG).await?;
    removes(&probe, &user, 2).await?;
    probe.see_nothing(&names[0], "after its group was removed").await?;
    probe.see_nothing(&names[1], "after its group was removed").await?;
    probe.see_record(&names[2], b"session", other).await?;
    probe.see_record(&names[3], b"none", none).await?;
    removes(&probe, &user, 0).await?;
    removes(&probe, &session, 1).await?;
    probe.see_nothing(&names[2], "after its group was removed").await?;
    probe.see_record(&names[3], b"none", none).await
}

pub(super) async fn stays(probe: Arc<Probe>) -> Tried {
    let (name, groups) = (probe.name(), [probe.name(), probe.name()]);
    let version = probe.insert_in(&name, b"first", LONG, &[&groups[0], &groups[1]]).await?;
    let version = probe.must_swap(&name, version, b"second", LONG).await?;
    probe.must_swap(&name, version, b"third", LONG).await?;
    removes(&probe, &groups[1], 1).await?;
    probe.see_nothing(&name, "after its group was removed").await
}

/// However often its lifetime is made longer, until the lifetime of its groups.
pub(super) async fn stays_longer(probe: Arc<Probe>) -> Tried {
    let (name, group) = (probe.name(), probe.name());
    let version = probe.insert_in(&name, b"first", SHORT, &[&group]).await?;
    probe.must_swap(&name, version, b"second", LONG).await?;
    probe.wait(PAST_SHORT).await;
    removes(&probe, &group, 1).await?;
    probe.see_nothing(&name, "after its group was removed").await
}

/// As with one that is removed by its name: whoever swaps it meanwhile comes too late.
pub(super) async fn not_brought_back(probe: Arc<Probe>) -> Tried {
    for _ in 0..REMOVALS {
        let (name, group) = (probe.name(), probe.name());
        let version = probe.insert_in(&name, b"first", LONG, &[&group]).await?;
        let mut writer = JoinSet::new();
        writer.spawn(write_until_gone(Arc::clone(&probe), name.clone(), version));
        tokio::task::yield_now().await;
        removes(&probe, &group, 1).await?;
        probe.see_nothing(&name, "after its group was removed").await?;
        let written = writer.join_next().await.and_then(Result::ok);
        written.unwrap_or_else(|| Err(Breach::new("the store panicked")))?;
        probe.see_nothing(&name, "after a swap that came too late").await?;
    }
    Ok(())
}

pub(super) async fn removes(probe: &Probe, group: &str, expected: u64) -> Tried {
    let removed = probe.store().remove_group(group).await?;
    see(removed == expected, || format!("{removed} were removed with a group that {expected} were in"))
}

const REMOVALS: usize = 10;
