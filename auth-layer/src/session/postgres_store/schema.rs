//! The tables: made once by whoever comes first, and looked at before they are used.

use tokio_postgres::{GenericClient, Transaction};

use crate::session::postgres_store::connections::Connections;
use crate::session::postgres_store::error::PostgresStoreError;

/// The schema that our tables are in.
#[derive(Clone, Debug)]
pub(super) struct Schema(String);

impl Schema {
    pub(super) fn new(name: &str) -> Result<Self, PostgresStoreError> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins_well = name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        if begins_well && name.len() <= 63 && name.bytes().all(is_plain) {
            Ok(Self(name.to_owned()))
        } else {
            Err(PostgresStoreError::SchemaName(name.to_owned()))
        }
    }

    /// The statement, in this schema.
    pub(super) fn within(&self, statement: &str) -> String {
        // Quoted, since a plain name may be a word of SQL; it has no quotes in it.
        statement.replace("{schema}", &format!("\"{}\"", self.0))
    }

    /// Applies the migrations that are missing, in one transaction.
    pub(super) async fn migrate(&self, connections: &Connections) -> Result<(), PostgresStoreError> {
        let mut connection = connections.single().await?;
        let of_statement = |error| PostgresStoreError::of_statement(&error);
        let transaction = connection.client.transaction().await.map_err(of_statement)?;
        // One instance at a time, and until the transaction ends: also where the instance dies.
        transaction.execute(LOCK, &[&self.0]).await.map_err(of_statement)?;
        let found = match self.version(&transaction).await {
            Err(PostgresStoreError::NoTables(_)) => {
                transaction.batch_execute(&self.within(VERSIONS)).await.map_err(of_statement)?;
                0
            }
            other => other?,
        };
        if found > KNOWN {
            return Err(self.newer(found));
        }
        for (version, migration) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
            self.apply(&transaction, version, migration).await.map_err(of_statement)?;
        }
        transaction.commit().await.map_err(of_statement)
    }

    async fn apply(
        &self,
        transaction: &Transaction<'_>,
        version: i64,
        migration: &str,
    ) -> Result<(), tokio_postgres::Error> {
        transaction.batch_execute(&self.within(migration)).await?;
        let applied = self.within("INSERT INTO {schema}.migrations (version) VALUES ($1)");
        transaction.execute(&applied, &[&version]).await?;
        Ok(())
    }

    /// Sees that the tables are those that the statements are written for.
    pub(super) async fn check(&self, connections: &Connections) -> Result<(), PostgresStoreError> {
        let connection = connections.single().await?;
        let of_statement = |error| PostgresStoreError::of_statement(&error);
        let isolation = connection.client.query_one("SHOW default_transaction_isolation", &[]).await;
        let isolation: String = isolation.map_err(of_statement)?.get(0);
        if isolation != "read committed" {
            return Err(PostgresStoreError::Isolation(isolation));
        }
        match self.version(&connection.client).await? {
            KNOWN => Ok(()),
            found if found > KNOWN => Err(self.newer(found)),
            found => Err(PostgresStoreError::Older { schema: self.0.clone(), found, known: KNOWN }),
        }
    }

    /// The version that the tables are at.
    async fn version(&self, client: &impl GenericClient) -> Result<i64, PostgresStoreError> {
        let of_statement = |error| PostgresStoreError::of_statement(&error);
        let there = client.query_one(&self.within(WHAT_IS_THERE), &[]).await.map_err(of_statement)?;
        match (there.get(0), there.get(1)) {
            (true, true) => {}
            (false, true) => return Err(PostgresStoreError::Foreign(self.0.clone())),
            (_, false) => return Err(PostgresStoreError::NoTables(self.0.clone())),
        }
        let version = self.within("SELECT coalesce(max(version), 0) FROM {schema}.migrations");
        Ok(client.query_one(&version, &[]).await.map_err(of_statement)?.get(0))
    }

    fn newer(&self, found: i64) -> PostgresStoreError {
        PostgresStoreError::Newer { schema: self.0.clone(), found, known: KNOWN }
    }
}

/// In the order in which they are applied; those that were released are never changed.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_records.sql")];
const KNOWN: i64 = MIGRATIONS.len() as i64;

/// The number is ours among the advisory locks of the database, and the schema's beside it.
const LOCK: &str = "SELECT pg_advisory_xact_lock(1635087464, hashtext($1))";

/// A schema that is there is taken as it is: `IF NOT EXISTS` would ask for the right to create one.
const VERSIONS: &str = "
    DO $$ BEGIN
        IF to_regnamespace('{schema}') IS NULL THEN CREATE SCHEMA {schema}; END IF;
    END $$;
    CREATE TABLE {schema}.migrations (
        version    bigint PRIMARY KEY,
        applied_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE {schema}.migrations IS 'of auth-layer';
";

/// Whether there is our list of migrations, known by its comment, and whether there are tables.
const WHAT_IS_THERE: &str = "
    SELECT coalesce(
               obj_description(to_regclass('{schema}.migrations'), 'pg_class') = 'of auth-layer',
               false
           ),
           to_regclass('{schema}.records') IS NOT NULL OR to_regclass('{schema}.migrations') IS NOT NULL
";

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_a_plain_name() {
        for name in ["auth_layer", "_", "s1", &"a".repeat(63)] {
            assert!(Schema::new(name).is_ok(), "{name}");
        }
        for name in ["", "1s", "Auth", "a\"; drop table x", "a.b", "ä", &"a".repeat(64)] {
            assert!(matches!(Schema::new(name), Err(PostgresStoreError::SchemaName(_))), "{name}");
        }
    }

    #[test]
    fn statements_are_written_for_the_schema() {
        assert_eq!(Schema::new("user").unwrap().within("{schema}.records"), "\"user\".records");
    }
}
