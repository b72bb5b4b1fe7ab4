//! The clauses, in the contract's words and order.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::testing::store_contract::probe::{Probe, Tried};
use crate::testing::store_contract::{dropped, former_groups, groups, lifetimes, records, swaps, versions};

/// One sentence of the contract, and how it is tried.
pub(super) struct Clause {
    /// The number of its rule, or the section that it is from.
    pub(super) rule: &'static str,
    pub(super) text: &'static str,
    pub(super) needs: Needs,
    pub(super) check: Check,
}

/// What a store must promise for the clause to bind it.
#[derive(Clone, Copy)]
pub(super) enum Needs {
    Nothing,
    Groups,
}

type Check = fn(Arc<Probe>) -> Pin<Box<dyn Future<Output = Tried> + Send>>;

const fn always(rule: &'static str, text: &'static str, check: Check) -> Clause {
    Clause { rule, text, needs: Needs::Nothing, check }
}

const fn grouped(rule: &'static str, text: &'static str, check: Check) -> Clause {
    Clause { rule, text, needs: Needs::Groups, check }
}

pub(super) static CLAUSES: &[Clause] = &[
    always("1", "a record comes back byte for byte", |p| Box::pin(records::whole(p))),
    always("1", "load_all keeps the order, with absent and repeated names", |p| {
        Box::pin(records::in_order(p))
    }),
    always("2", "of 50 that insert a name, one is done", |p| Box::pin(swaps::insert_once(p))),
    always("2", "a name that was removed is free again", |p| Box::pin(swaps::free_again(p))),
    always("3", "a swap acts only on the version that was loaded", |p| Box::pin(swaps::on_the_version(p))),
    always("3", "a removal acts only on the version that was loaded", |p| {
        Box::pin(swaps::remove_the_version(p))
    }),
    always("3", "of 50 that swap a version, one is done", |p| Box::pin(swaps::swap_once(p))),
    always("3", "of 50 that swap or remove a version, one is done", |p| {
        Box::pin(swaps::swap_or_remove_once(p))
    }),
    always("3", "what is not there is gone to a swap and to a removal", |p| {
        Box::pin(swaps::nothing_there(p))
    }),
    always("3", "a write that is refused changes nothing", |p| Box::pin(swaps::refused(p))),
    always("4", "the versions of a name grow", |p| Box::pin(versions::grow(p))),
    always("4", "no version comes again after a removal", |p| Box::pin(versions::after_removal(p))),
    always("4", "no version comes again after the record has expired", |p| {
        Box::pin(versions::after_expiry(p))
    }),
    always("5", "no swap brings back what was removed", |p| Box::pin(swaps::not_brought_back(p))),
    always("6", "a record lives for its lifetime", |p| Box::pin(lifetimes::lives(p))),
    always("6", "an expired record is as good as removed", |p| Box::pin(lifetimes::as_good_as_removed(p))),
    always("6", "a swap can make the lifetime shorter", |p| Box::pin(lifetimes::shortened(p))),
    always("6", "a swap can make the lifetime longer", |p| Box::pin(lifetimes::lengthened(p))),
    always("7", "nothing is removed with a group that nothing is in", |p| Box::pin(groups::unknown(p))),
    grouped("7", "all that is in a group is removed with it, and nothing else", |p| {
        Box::pin(groups::exactly(p))
    }),
    grouped("7", "a record stays in its groups when it is swapped", |p| Box::pin(groups::stays(p))),
    grouped("7", "it stays in them for longer than its first lifetime", |p| {
        Box::pin(groups::stays_longer(p))
    }),
    grouped("7", "no swap brings back what was removed with a group", |p| {
        Box::pin(groups::not_brought_back(p))
    }),
    grouped("7", "no version comes again after a removal with a group", |p| {
        Box::pin(versions::after_group(p))
    }),
    grouped("7", "an insert that is refused joins no group", |p| Box::pin(former_groups::refused(p))),
    grouped("7", "a name that is free again is in none of its former groups", |p| {
        Box::pin(former_groups::none(p))
    }),
    grouped("7", "an expired record is not counted with its group", |p| Box::pin(former_groups::expired(p))),
    always("Limits", "names have 1 to 64 characters of A-Z a-z 0-9 - _ :", |p| Box::pin(records::names(p))),
    always("Limits", "records have 0 bytes to 64 KiB", |p| Box::pin(records::sizes(p))),
    always("Limits", "lifetimes are 1 ms to 400 days", |p| Box::pin(lifetimes::limits(p))),
    always("Cancellation", "an insert that is dropped is whole or undone", |p| Box::pin(dropped::insert(p))),
    always("Cancellation", "a swap that is dropped is whole or undone", |p| Box::pin(dropped::swap(p))),
    always("Cancellation", "a removal that is dropped is whole or undone", |p| Box::pin(dropped::remove(p))),
];
