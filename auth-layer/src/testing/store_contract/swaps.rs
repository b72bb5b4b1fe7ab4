//! Who was first: inserts, compare-and-swap, compare-and-remove, and what removal means to them.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::session::{Groups, Swap, Version};
use crate::testing::store_contract::probe::{
    Breach, LONG, PAST_SHORT, Probe, SHORT, Tried, see, the_one_done,
};

pub(super) async fn insert_once(probe: Arc<Probe>) -> Tried {
    for _ in 0..ROUNDS {
        let name = probe.name();
        let answers = probe
            .race(|probe, task| {
                let name = name.clone();
                async move { Ok(probe.store().insert(&name, mark(task), LONG, Groups::none()).await?) }
            })
            .await?;
        let (winner, version) = the_one_done(&answers)?;
        only(&answers, &[Swap::Conflict])?;
        probe.see_record(&name, &mark(winner), version).await?;
    }
    Ok(())
}

pub(super) async fn free_again(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    probe.insert(&name, b"first", LONG).await?;
    probe.store().remove(&name).await?;
    probe.see_nothing(&name, "after it was removed").await?;
    probe.store().remove(&name).await?;
    let version = probe.insert(&name, b"second", LONG).await?;
    probe.store().compare_and_remove(&name, version).await?;
    probe.see_nothing(&name, "after its version was removed").await?;
    let version = probe.insert(&name, b"third", LONG).await?;
    probe.see_record(&name, b"third", version).await
}

pub(super) async fn on_the_version(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let first = probe.insert(&name, b"first", LONG).await?;
    let second = probe.must_swap(&name, first, b"second", LONG).await?;
    for wrong in [first, Version(second.0 + 1), Version(0)] {
        let answer = probe.swap(&name, wrong, b"late", LONG).await?;
        see(answer == Swap::Conflict, || {
            format!("a swap of {wrong:?} at {second:?} was answered {answer:?}")
        })?;
    }
    probe.see_record(&name, b"second", second).await
}

pub(super) async fn remove_the_version(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let first = probe.insert(&name, b"first", LONG).await?;
    let second = probe.must_swap(&name, first, b"second", LONG).await?;
    for wrong in [first, Version(second.0 + 1), Version(0)] {
        let answer = probe.store().compare_and_remove(&name, wrong).await?;
        see(answer == Swap::Conflict, || {
            format!("a removal of {wrong:?} at {second:?} was answered {answer:?}")
        })?;
    }
    probe.see_record(&name, b"second", second).await?;
    let answer = probe.store().compare_and_remove(&name, second).await?;
    see(answer == Swap::Done(second), || format!("a removal of {second:?} was answered {answer:?}"))?;
    probe.see_nothing(&name, "after its version was removed").await
}

pub(super) async fn swap_once(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let mut version = probe.insert(&name, b"first", LONG).await?;
    for _ in 0..ROUNDS {
        let answers = probe
            .race(|probe, task| {
                let name = name.clone();
                async move { probe.swap(&name, version, &mark(task), LONG).await }
            })
            .await?;
        let winner;
        (winner, version) = the_one_done(&answers)?;
        only(&answers, &[Swap::Conflict])?;
        probe.see_record(&name, &mark(winner), version).await?;
    }
    Ok(())
}

pub(super) async fn swap_or_remove_once(probe: Arc<Probe>) -> Tried {
    for _ in 0..ROUNDS {
        let name = probe.name();
        let version = probe.insert(&name, b"first", LONG).await?;
        let answers = probe
            .race(|probe, task| {
                let name = name.clone();
                async move {
                    if task % 2 == 0 {
                        probe.swap(&name, version, &mark(task), LONG).await
                    } else {
                        Ok(probe.store().compare_and_remove(&name, version).await?)
                    }
                }
            })
            .await?;
        let (winner, version) = the_one_done(&answers)?;
        if winner % 2 == 0 {
            only(&answers, &[Swap::Conflict])?;
            probe.see_record(&name, &mark(winner), version).await?;
        } else {
            // Either is true of a loser: another was first, and nothing is there.
            only(&answers, &[Swap::Conflict, Swap::Gone])?;
            probe.see_nothing(&name, "after its version was removed").await?;
        }
    }
    Ok(())
}

pub(super) async fn nothing_there(probe: Arc<Probe>) -> Tried {
    let (never, removed) = (probe.name(), probe.name());
    let version = probe.insert(&removed, b"first", LONG).await?;
    probe.store().remove(&removed).await?;
    for name in [&never, &removed] {
        for version in [version, Version(0)] {
            let answer = probe.swap(name, version, b"late", LONG).await?;
            see(answer == Swap::Gone, || format!("a swap was answered {answer:?}"))?;
            let answer = probe.store().compare_and_remove(name, version).await?;
            see(answer == Swap::Gone, || format!("a removal was answered {answer:?}"))?;
        }
        probe.see_nothing(name, "that nobody inserted").await?;
    }
    Ok(())
}

/// Neither the bytes, nor the version, nor the lifetime.
pub(super) async fn refused(probe: Arc<Probe>) -> Tried {
    let name = probe.name();
    let first = probe.insert(&name, b"first", LONG).await?;
    let second = probe.must_swap(&name, first, b"second", LONG).await?;
    let answers = [
        probe.store().insert(&name, b"late".to_vec(), SHORT, Groups::none()).await?,
        probe.swap(&name, first, b"late", SHORT).await?,
        probe.store().compare_and_remove(&name, first).await?,
    ];
    for answer in answers {
        see(answer == Swap::Conflict, || format!("a late write was answered {answer:?}"))?;
    }
    probe.see_record(&name, b"second", second).await?;
    probe.wait(PAST_SHORT).await;
    probe.see_record(&name, b"second", second).await
}

/// A writer swaps as fast as it can; from when the removal has returned, there is nothing.
pub(super) async fn not_brought_back(probe: Arc<Probe>) -> Tried {
    for _ in 0..REMOVALS {
        let name = probe.name();
        let version = probe.insert(&name, b"first", LONG).await?;
        let mut writer = JoinSet::new();
        writer.spawn(write_until_gone(Arc::clone(&probe), name.clone(), version));
        tokio::task::yield_now().await;
        probe.store().remove(&name).await?;
        probe.see_nothing(&name, "after it was removed").await?;
        let written = writer.join_next().await.and_then(Result::ok);
        written.unwrap_or_else(|| Err(Breach::new("the store panicked")))?;
        probe.see_nothing(&name, "after a swap that came too late").await?;
    }
    Ok(())
}

/// Ends with what is gone; one that never is was brought back.
pub(super) async fn write_until_gone(probe: Arc<Probe>, name: String, mut version: Version) -> Tried {
    for _ in 0..MOST_WRITES {
        match probe.swap(&name, version, b"again", LONG).await? {
            Swap::Done(next) => version = next,
            Swap::Gone => return Ok(()),
            // It lost to the removal; there is no other writer.
            Swap::Conflict => return probe.see_nothing(&name, "after a conflict with its removal").await,
        }
        tokio::task::yield_now().await;
    }
    Err(Breach::new(format!("{MOST_WRITES} swaps went on after the record was removed")))
}

fn only(answers: &[(usize, Swap)], others: &[Swap]) -> Tried {
    let odd = answers.iter().find(|(_, answer)| !matches!(answer, Swap::Done(_)) && !others.contains(answer));
    see(odd.is_none(), || format!("a loser was answered {:?}", odd.map(|(_, answer)| answer)))
}

fn mark(task: usize) -> Vec<u8> {
    format!("written by {task}").into_bytes()
}

const ROUNDS: usize = 4;
const REMOVALS: usize = 25;
const MOST_WRITES: usize = 2_000;
