//! Where the database is, and how long it is waited for.

use std::fmt;
use std::time::Duration;

use tokio_postgres::Config;

use crate::session::postgres_store::connections::Connections;
use crate::session::postgres_store::error::PostgresStoreError;
use crate::session::postgres_store::schema::Schema;
use crate::session::postgres_store::store::PostgresStore;
use crate::session::postgres_store::tls::{self, Plaintext};

/// Builds a [`PostgresStore`]; see its room's docs for the defaults.
#[derive(Clone)]
#[must_use]
pub struct PostgresStoreBuilder {
    config: Config,
    schema: String,
    pool_size: usize,
    timeout: Duration,
    sweep_interval: Duration,
    roots: Option<Vec<u8>>,
    plaintext: Plaintext,
}

impl PostgresStoreBuilder {
    pub(super) fn new(url: &str) -> Result<Self, PostgresStoreError> {
        // The driver always verifies certificates in full, and has no word for it.
        let url = url.replace("sslmode=verify-full", "sslmode=require");
        // Deliberately without the parser's error, which may quote a part of the URL.
        let mut config: Config = url.parse().map_err(|_| PostgresStoreError::Url)?;
        if config.get_application_name().is_none() {
            config.application_name("auth-layer");
        }
        Ok(Self {
            config,
            schema: "auth_layer".into(),
            pool_size: 8,
            timeout: Duration::from_millis(700),
            sweep_interval: Duration::from_secs(60),
            roots: None,
            plaintext: Plaintext::Refused,
        })
    }

    /// Replaces the schema that the tables are in (default: `auth_layer`).
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Replaces how many connections there are at most (default: 8, at least 1).
    pub fn with_pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections.max(1);
        self
    }

    /// Replaces how long an answer is waited for, a free connection included (default: 700 ms, at least 10 ms).
    ///
    /// Whatever is set here, the layer waits for no store longer than a second.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.max(SHORTEST_TIMEOUT);
        self
    }

    /// Replaces how often expired records are removed (default: every minute, give or take a half; at least
    /// once a day, at most every 10 ms).
    pub fn with_sweep_interval(mut self, interval: Duration) -> Self {
        self.sweep_interval = interval.clamp(SHORTEST_SWEEP, LONGEST_SWEEP);
        self
    }

    /// Trusts these certificates, in PEM, instead of those that the machine trusts.
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// Lets connections to other machines go without TLS, as the URL's `sslmode` says.
    ///
    /// Whoever is on the way then reads and changes sessions, sealed as they are, and removes them.
    pub fn danger_allow_plaintext(mut self) -> Self {
        self.plaintext = Plaintext::Allowed;
        self
    }

    /// Makes the tables, or brings them up to date.
    ///
    /// Instances may do so at once: they take turns, and all but one find nothing to do.
    /// It needs a role that may create tables in the schema, and the schema itself where there is none.
    /// A role that uses the store needs to read and write those, and nothing else.
    ///
    /// # Errors
    /// Where the database cannot be reached, refuses, or has tables there that are foreign or newer.
    ///
    /// # Cancellation
    /// Either all of it is done or nothing.
    pub async fn migrate(&self) -> Result<(), PostgresStoreError> {
        let (schema, connections) = self.open()?;
        schema.migrate(&connections).await
    }

    /// Connects, sees that the tables are what they should be, and begins to sweep them.
    ///
    /// The store reconnects by itself from then on.
    ///
    /// # Errors
    /// Where the database cannot be reached or refuses, or its tables are missing, foreign, older or
    /// newer.
    pub async fn connect(&self) -> Result<PostgresStore, PostgresStoreError> {
        let (schema, connections) = self.open()?;
        schema.check(&connections).await?;
        Ok(PostgresStore::new(connections, &schema, self.sweep_interval))
    }

    fn open(&self) -> Result<(Schema, Connections), PostgresStoreError> {
        let schema = Schema::new(&self.schema)?;
        let mut config = self.config.clone();
        tls::decide(&mut config, self.plaintext)?;
        if self.plaintext == Plaintext::Allowed {
            tracing::warn!("connections to PostgreSQL on other machines may go without TLS");
        }
        let connector = tls::connector(self.roots.as_deref())?;
        Ok((schema, Connections::new(config, connector, self.pool_size, self.timeout)?))
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for PostgresStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStoreBuilder")
            .field("schema", &self.schema)
            .field("pool_size", &self.pool_size)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// One of nothing would never be met.
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(10);
/// Without a pause the database would do nothing else.
const SHORTEST_SWEEP: Duration = Duration::from_millis(10);
const LONGEST_SWEEP: Duration = Duration::from_secs(24 * 3_600);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_in_no_debug_and_no_error() {
        let builder = PostgresStoreBuilder::new("postgres://ada:tops3cret@localhost/shop").unwrap();
        assert!(!format!("{builder:?}").contains("tops3cret"));
        for url in
            ["postgres://ada:tops3cret@localhost:port/shop", "mysql://ada:tops3cret@localhost", "tops3cret"]
        {
            let error = PostgresStoreBuilder::new(url).unwrap_err();
            assert_eq!(error, PostgresStoreError::Url);
            assert!(!format!("{error} {error:?}").contains("tops3cret"));
        }
    }

    #[test]
    fn times_that_cannot_work_are_replaced_by_the_nearest_that_can() {
        let builder = PostgresStoreBuilder::new("postgres://localhost/shop").unwrap();
        let nothing = builder.clone().with_timeout(Duration::ZERO).with_sweep_interval(Duration::ZERO);
        assert_eq!((nothing.timeout, nothing.sweep_interval), (SHORTEST_TIMEOUT, SHORTEST_SWEEP));
        assert_eq!(builder.with_sweep_interval(Duration::MAX).sweep_interval, LONGEST_SWEEP);
    }

    #[test]
    fn verify_full_is_what_require_means_here() {
        let url = "postgres://db.example/shop?sslmode=verify-full";
        assert!(PostgresStoreBuilder::new(url).is_ok());
    }
}
