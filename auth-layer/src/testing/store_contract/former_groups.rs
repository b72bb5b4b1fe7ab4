//! Who is in no group: what was refused, what has expired, and whoever has a name that another had.

use std::sync::Arc;

use crate::session::{Groups, Swap};
use crate::testing::store_contract::groups::removes;
use crate::testing::store_contract::probe::{LONG, PAST_SHORT, Probe, SHORT, Tried, see};

pub(super) async fn refused(probe: Arc<Probe>) -> Tried {
    let (name, group) = (probe.name(), probe.name());
    let version = probe.insert(&name, b"first", LONG).await?;
    let groups = [&*group];
    let answer = probe.store().insert(&name, b"late".to_vec(), LONG, Groups::new(&groups, LONG)).await?;
    see(answer == Swap::Conflict, || format!("an insert of a taken name was answered {answer:?}"))?;
    removes(&probe, &group, 0).await?;
    probe.see_record(&name, b"first", version).await
}

/// However the name became free: otherwise the end of one user's sessions would end another's.
pub(super) async fn none(probe: Arc<Probe>) -> Tried {
    let (group, other) = (probe.name(), probe.name());
    let names: Vec<String> = (0..4).map(|_| probe.name()).collect();
    for name in &names[..3] {
        probe.insert_in(name, b"first", LONG, &[&group, &other]).await?;
    }
    let version = probe.insert_in(&names[3], b"first", SHORT, &[&group]).await?;
    probe.wait(PAST_SHORT).await;
    probe.store().remove(&names[0]).await?;
    if let Some(found) = probe.load(&names[1]).await? {
        probe.store().compare_and_remove(&names[1], found.version).await?;
    }
    probe.store().remove(&names[2]).await?;
    let mut versions = Vec::new();
    for name in &names {
        versions.push(probe.insert(name, b"second", LONG).await?);
    }
    see(versions[3] > version, || "an expired name was not free".into())?;
    removes(&probe, &group, 0).await?;
    for (name, version) in names.iter().zip(versions) {
        probe.see_record(name, b"second", version).await?;
    }
    // Removed with the one group, it has left the other as well.
    let (one, two, name) = (probe.name(), probe.name(), probe.name());
    probe.insert_in(&name, b"first", LONG, &[&one, &two]).await?;
    removes(&probe, &one, 1).await?;
    let version = probe.insert(&name, b"second", LONG).await?;
    removes(&probe, &two, 0).await?;
    probe.see_record(&name, b"second", version).await
}

pub(super) async fn expired(probe: Arc<Probe>) -> Tried {
    let (group, short, long) = (probe.name(), probe.name(), probe.name());
    probe.insert_in(&short, b"short", SHORT, &[&group]).await?;
    probe.insert_in(&long, b"long", LONG, &[&group]).await?;
    probe.wait(PAST_SHORT).await;
    removes(&probe, &group, 1).await
}
