//! The statements, each of which decides by itself.
//!
//! Every one is a transaction of its own at READ COMMITTED. That is enough, because a write that meets
//! a row which another transaction has changed waits for it, and then judges its condition anew on what
//! that one left: of two that swap one version, the second finds another version, and does nothing.
//! A stricter level would answer the loser with an error in place of a conflict.
//!
//! What a `SELECT` beside a write sees is as old as the statement's beginning. It tells a loser whether
//! there was a record then: one that lost to a removal may hear of a conflict, and finds out when it
//! loads again, as after any conflict.
//!
//! `clock_timestamp()` rather than `now()`: the latter stands still from when the transaction began,
//! and whoever waited for a lock would take an expired record for a living one.

use crate::session::postgres_store::schema::Schema;

/// The statements of one schema.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) load: String,
    pub(super) load_all: String,
    pub(super) insert: String,
    pub(super) compare_and_swap: String,
    pub(super) compare_and_remove: String,
    pub(super) remove: String,
    pub(super) remove_group: String,
    pub(super) sweep: String,
}

impl Statements {
    pub(super) fn new(schema: &Schema) -> Self {
        Self {
            load: schema.within(LOAD),
            load_all: schema.within(LOAD_ALL),
            insert: schema.within(INSERT),
            compare_and_swap: schema.within(COMPARE_AND_SWAP),
            compare_and_remove: schema.within(COMPARE_AND_REMOVE),
            remove: schema.within(REMOVE),
            remove_group: schema.within(REMOVE_GROUP),
            sweep: schema.within(SWEEP),
        }
    }
}

const LOAD: &str = "
    SELECT record, version FROM {schema}.records
    WHERE name = $1 AND expires_at > clock_timestamp()
";

const LOAD_ALL: &str = "
    SELECT name, record, version FROM {schema}.records
    WHERE name = ANY($1) AND expires_at > clock_timestamp()
";

/// An expired record gives way. Its successor draws its version when it holds the row, not from the
/// number that was drawn before it waited: a later version is higher.
///
/// One case is left: a backend that is suspended between drawing a number and inserting, while another
/// one's record of this name comes and goes. Its number is lower then, and still no number that ever was
/// this name's: whoever holds another one is refused all the same, since versions are compared for equality.
const INSERT: &str = "
    INSERT INTO {schema}.records AS kept (name, version, record, groups, expires_at)
    VALUES ($1, nextval('{schema}.versions'), $2, $4::text[],
            clock_timestamp() + $3::bigint * interval '1 millisecond')
    ON CONFLICT (name) DO UPDATE
    SET version = nextval('{schema}.versions'), record = excluded.record, groups = excluded.groups,
        expires_at = clock_timestamp() + $3::bigint * interval '1 millisecond'
    WHERE kept.expires_at <= clock_timestamp()
    RETURNING version
";

const COMPARE_AND_SWAP: &str = "
    WITH swapped AS (
        UPDATE {schema}.records
        SET version = nextval('{schema}.versions'), record = $3,
            expires_at = clock_timestamp() + $4::bigint * interval '1 millisecond'
        WHERE name = $1 AND version = $2 AND expires_at > clock_timestamp()
        RETURNING version
    )
    SELECT (SELECT version FROM swapped),
           EXISTS (SELECT FROM {schema}.records WHERE name = $1 AND expires_at > clock_timestamp())
";

const COMPARE_AND_REMOVE: &str = "
    WITH removed AS (
        DELETE FROM {schema}.records
        WHERE name = $1 AND version = $2 AND expires_at > clock_timestamp()
        RETURNING version
    )
    SELECT (SELECT version FROM removed),
           EXISTS (SELECT FROM {schema}.records WHERE name = $1 AND expires_at > clock_timestamp())
";

/// One that is being swapped is waited for, and then removed as it is.
const REMOVE: &str = "DELETE FROM {schema}.records WHERE name = $1";

/// Locked in the order of their names: two that remove overlapping groups do not lock each other out.
const REMOVE_GROUP: &str = "
    WITH members AS MATERIALIZED (
        SELECT name FROM {schema}.records WHERE groups @> ARRAY[$1::text] ORDER BY name FOR UPDATE
    ), removed AS (
        DELETE FROM {schema}.records USING members WHERE records.name = members.name
        RETURNING records.expires_at > clock_timestamp() AS lived
    )
    SELECT count(*) FILTER (WHERE lived) FROM removed
";

/// `now()`, since an index cannot be asked about a time that goes on. What another instance holds is
/// passed over, so that several sweep at once; what was replaced meanwhile no longer fits the condition.
const SWEEP: &str = "
    WITH expired AS MATERIALIZED (
        SELECT name FROM {schema}.records WHERE expires_at <= now()
        ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    DELETE FROM {schema}.records USING expired WHERE records.name = expired.name
    RETURNING 1
";
