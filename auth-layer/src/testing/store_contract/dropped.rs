//! Writes whose futures are dropped on the way: whole or undone, and the store works on.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crate::session::{Groups, StoreFuture, Swap};
use crate::testing::store_contract::probe::{Breach, LONG, Probe, Tried, see};

pub(super) async fn insert(probe: Arc<Probe>) -> Tried {
    let is_grouped = probe.store().promises().groups();
    for turn in 0..TIMES {
        let (name, group) = (probe.name(), probe.name());
        let names = [&*group];
        let groups = if is_grouped { Groups::new(&names, LONG) } else { Groups::none() };
        drop_after(turn, probe.store().insert(&name, large(b'n'), LONG, groups)).await;
        match probe.load(&name).await? {
            Some(found) if found.bytes != large(b'n') => return Err(half(found.bytes.len())),
            Some(_) if is_grouped => {
                let removed = probe.store().remove_group(&group).await?;
                see(removed == 1, || "a dropped insert left a record that is not in its group".into())?;
            }
            _ => {}
        }
    }
    works(&probe).await
}

pub(super) async fn swap(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let mut version = probe.insert(&name, &large(b'o'), LONG).await?;
    for turn in 0..TIMES {
        drop_after(turn, probe.store().compare_and_swap(&name, version, large(b'n'), LONG)).await;
        let Some(found) = probe.load(&name).await? else {
            return Err(Breach::new("a dropped swap removed the record"));
        };
        see([large(b'o'), large(b'n')].contains(&found.bytes), || half(found.bytes.len()).to_string())?;
        let is_old = found.bytes == large(b'o');
        see(is_old == (found.version == version), || {
            "a dropped swap left old bytes of a new version, or new bytes of an old one".into()
        })?;
        version = settle(&probe, &name).await?;
    }
    works(&probe).await
}

pub(super) async fn remove(probe: Arc<Probe>) -> Tried {
    for turn in 0..TIMES {
        let name = probe.name();
        let version = probe.insert(&name, &large(b'o'), LONG).await?;
        if turn % 2 == 0 {
            drop_after(turn, probe.store().remove(&name)).await;
        } else {
            drop_after(turn, probe.store().compare_and_remove(&name, version)).await;
        }
        if let Some(found) = probe.load(&name).await? {
            see(found.bytes == large(b'o') && found.version == version, || {
                half(found.bytes.len()).to_string()
            })?;
        }
        probe.store().remove(&name).await?;
        probe.see_nothing(&name, "after it was removed").await?;
    }
    works(&probe).await
}

/// Drops a future after its first poll, and in later turns after its second, third and so on.
async fn drop_after<T>(turn: usize, mut future: StoreFuture<'_, T>) {
    let mut polls = 0;
    poll_fn(|context| {
        polls += 1;
        if future.as_mut().poll(context).is_ready() || polls > turn % 4 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Brings the old bytes back; a dropped swap may still be on its way, which is a conflict or two.
async fn settle(probe: &Probe, name: &str) -> Tried<crate::session::Version> {
    for _ in 0..10 {
        let Some(found) = probe.load(name).await? else {
            return Err(Breach::new("a dropped swap removed the record"));
        };
        if let Swap::Done(version) = probe.swap(name, found.version, &large(b'o'), LONG).await? {
            return Ok(version);
        }
    }
    Err(Breach::new("after a dropped swap, no other one is done"))
}

async fn works(probe: &Probe) -> Tried {
    let name = probe.name();
    let version = probe.insert(&name, b"after all", LONG).await?;
    probe.see_record(&name, b"after all", version).await
}

fn large(byte: u8) -> Vec<u8> {
    vec![byte; 16 * 1_024]
}

fn half(length: usize) -> Breach {
    Breach::new(format!("a dropped write left {length} bytes that nobody wrote"))
}

const TIMES: usize = 100;
