//! A version of a name never comes again: it is the fencing number of a lease.

use std::collections::HashSet;
use std::sync::Arc;

use crate::session::{Swap, Version};
use crate::testing::store_contract::probe::{LONG, PAST_SHORT, Probe, SHORT, Tried, see};

pub(super) async fn grow(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let mut last = probe.insert(&name, b"0", LONG).await?;
    let mut seen = HashSet::from([last.0]);
    for _ in 0..20 {
        let next = probe.must_swap(&name, last, b"1", LONG).await?;
        later(last, next)?;
        see(seen.insert(next.0), || format!("{next:?} came twice"))?;
        last = next;
    }
    Ok(())
}

/// By both ways to remove, and after several versions: a counter that starts anew is below those.
pub(super) async fn after_removal(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let first = several(&probe, &name).await?;
    probe.store().remove(&name).await?;
    let second = several(&probe, &name).await?;
    later(first, second)?;
    fenced(&probe, &name, first).await?;
    probe.store().compare_and_remove(&name, second).await?;
    let third = probe.insert(&name, b"again", LONG).await?;
    later(second, third)?;
    fenced(&probe, &name, second).await
}

pub(super) async fn after_expiry(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let living = several(&probe, &name).await?;
    let first = probe.must_swap(&name, living, b"short", SHORT).await?;
    probe.wait(PAST_SHORT).await;
    let second = probe.insert(&name, b"again", LONG).await?;
    later(first, second)?;
    fenced(&probe, &name, first).await
}

pub(super) async fn after_group(probe: Arc<Probe>) -> Tried {
    let (name, group) = (probe.name(), probe.name());
    let first = probe.insert_in(&name, b"first", LONG, &[&group]).await?;
    let first = probe.must_swap(&name, first, b"second", LONG).await?;
    probe.store().remove_group(&group).await?;
    let second = probe.insert(&name, b"again", LONG).await?;
    later(first, second)?;
    fenced(&probe, &name, first).await
}

/// Inserts the name, and swaps it a few times.
async fn several(probe: &Probe, name: &str) -> Tried<Version> {
    let mut version = probe.insert(name, b"first", LONG).await?;
    for _ in 0..5 {
        version = probe.must_swap(name, version, b"next", LONG).await?;
    }
    Ok(version)
}

fn later(earlier: Version, later: Version) -> Tried {
    see(later > earlier, || format!("after {earlier:?} came {later:?}"))
}

/// Who holds an older version changes nothing.
async fn fenced(probe: &Probe, name: &str, old: Version) -> Tried {
    let swapped = probe.swap(name, old, b"late", LONG).await?;
    let removed = probe.store().compare_and_remove(name, old).await?;
    see(swapped == Swap::Conflict && removed == Swap::Conflict, || {
        format!("whoever held {old:?} was answered {swapped:?} and {removed:?} after the name was taken anew")
    })
}
