//! What goes in comes out, under the names and in the sizes that the contract allows.

use std::sync::Arc;

use crate::session::{Groups, Swap};
use crate::testing::store_contract::probe::{Breach, LONG, Probe, Tried, see};

/// Every byte value, in both orders, through an insert and a swap.
pub(super) async fn whole(probe: Arc<Probe>) -> Tried {
    let rising: Vec<u8> = (0..=u8::MAX).collect();
    let falling: Vec<u8> = (0..=u8::MAX).rev().collect();
    let name = probe.name();
    let version = probe.insert(&name, &rising, LONG).await?;
    probe.see_record(&name, &rising, version).await?;
    let version = probe.must_swap(&name, version, &falling, LONG).await?;
    probe.see_record(&name, &falling, version).await
}

pub(super) async fn sizes(probe: Arc<Probe>) -> Tried {
    for length in [0, 1, 6 * 1_024, LARGEST - 1, LARGEST] {
        // No run of equal bytes, which a store might compress.
        let bytes: Vec<u8> = (0..length).map(|at| (at * 167 % 251) as u8).collect();
        let name = probe.name();
        let version = probe.insert(&name, &bytes, LONG).await?;
        probe.see_record(&name, &bytes, version).await?;
        let version = probe.must_swap(&name, version, &bytes, LONG).await?;
        probe.see_record(&name, &bytes, version).await?;
    }
    Ok(())
}

pub(super) async fn in_order(probe: Arc<Probe>) -> Tried {
    let (one, other, absent) = (probe.name(), probe.name(), probe.name());
    probe.insert(&one, b"one", LONG).await?;
    probe.insert(&other, b"other", LONG).await?;
    let asked = [&*other, &*absent, &*one, &*other, &*absent, &*one];
    let found = probe.store().load_all(&asked).await?;
    let found: Vec<Option<&[u8]>> =
        found.iter().map(|found| found.as_ref().map(|found| &*found.bytes)).collect();
    let (one, other) = (Some(&b"one"[..]), Some(&b"other"[..]));
    see(found == [other, None, one, other, None, one], || {
        let there: Vec<bool> = found.iter().map(Option::is_some).collect();
        format!("of there, absent, there, there, absent, there came {there:?}, or others than were asked for")
    })?;
    let none = probe.store().load_all(&[]).await?;
    see(none.is_empty(), || format!("of no names {} records came", none.len()))
}

/// The longest name, names that differ in one character of each kind, and the shortest name.
pub(super) async fn names(probe: Arc<Probe>) -> Tried {
    let own = probe.name();
    let mut kept = Vec::new();
    for last in characters() {
        let name: String = own.chars().chain(std::iter::repeat('_')).take(63).chain([last]).collect();
        let groups = Groups::none();
        let inserted = probe.store().insert(&name, vec![last as u8], LONG, groups).await?;
        let Swap::Done(version) = inserted else {
            return Err(Breach::new(format!("two names that differ in `{last}` alone are one name")));
        };
        kept.push((name, last, version));
    }
    for (name, last, version) in &kept {
        probe.see_record(name, &[*last as u8], *version).await?;
    }
    for (name, _, version) in &kept {
        probe.store().compare_and_remove(name, *version).await?;
    }
    shortest(&probe).await
}

/// Names of one character are not ours alone: one that is taken stays as it is.
async fn shortest(probe: &Probe) -> Tried {
    for name in characters().map(String::from) {
        if let Swap::Done(version) =
            probe.store().insert(&name, b"short".to_vec(), LONG, Groups::none()).await?
        {
            let seen = probe.see_record(&name, b"short", version).await;
            probe.store().compare_and_remove(&name, version).await?;
            return seen;
        }
    }
    Err(Breach::new("no name of one character is free"))
}

fn characters() -> impl Iterator<Item = char> {
    ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_', ':'])
}

const LARGEST: usize = 64 * 1_024;
