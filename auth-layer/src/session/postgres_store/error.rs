//! Why a store does not open.

use std::error::Error;

use thiserror::Error as ThisError;

/// Why a [`PostgresStore`](super::PostgresStore) does not open; no message has a password in it.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum PostgresStoreError {
    /// The URL cannot be read. It is not shown, since it may hold a password.
    #[error("the database's URL cannot be read: write postgres://user:password@host:5432/database")]
    Url,
    /// The name of the schema is none that needs no quotes.
    #[error("schema {0:?} is no plain name: write 1 to 63 of a-z 0-9 _, not beginning with a digit")]
    SchemaName(String),
    /// The certificates are not in PEM, or are none.
    #[error("the root certificates cannot be read: give certificates in PEM")]
    Certificates,
    /// The URL asks for a connection to another machine that anyone on the way can read.
    #[error("the URL turns TLS off for another machine: remove sslmode=disable, or danger_allow_plaintext()")]
    Plaintext,
    /// Nobody answered, or TLS failed.
    #[error("the database cannot be reached ({0}): check the host, the port, and that it runs")]
    Unreachable(String),
    /// The user, the password or the database was refused.
    #[error("the database refused the connection ({0}): check the user, the password and the database")]
    Refused(String),
    /// The tables are not there.
    #[error("schema {0} has no tables of ours: run migrate() once, as a role that may create them")]
    NoTables(String),
    /// The tables are of a newer version of this library.
    #[error(
        "schema {schema} is at version {found}, and this library knows {known}: update the library first"
    )]
    Newer {
        /// The name of the schema.
        schema: String,
        /// The version of its tables.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// The tables are of an older version of this library.
    #[error("schema {schema} is at version {found}, and this library needs {known}: run migrate()")]
    Older {
        /// The name of the schema.
        schema: String,
        /// The version of its tables.
        found: i64,
        /// The version that is needed.
        known: i64,
    },
    /// Something else has tables of the same names there.
    #[error("schema {0} has a table `records` that is not ours: choose another one by with_schema()")]
    Foreign(String),
    /// The role's transactions are not at READ COMMITTED.
    #[error("the role's default_transaction_isolation is {0:?}: set it to 'read committed' for this role")]
    Isolation(String),
    /// A statement failed.
    #[error("the database refused a statement ({0}): check the role's privileges on the schema")]
    Statement(String),
}

impl PostgresStoreError {
    /// What failed while connecting.
    pub(super) fn of_connection(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(_) => Self::Refused(describe(error)),
            None => Self::Unreachable(describe(error)),
        }
    }

    /// What failed once connected.
    pub(super) fn of_statement(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(_) => Self::Statement(describe(error)),
            None => Self::Unreachable(describe(error)),
        }
    }
}

/// The code and the message of the database, or why there is none.
///
/// Deliberately without its detail and hint: the detail of a refused row is the row.
pub(super) fn describe(error: &tokio_postgres::Error) -> String {
    if let Some(refusal) = error.as_db_error() {
        return format!("{}: {}", refusal.code().code(), refusal.message());
    }
    let mut described = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        if !described.contains(&cause) {
            described = format!("{described}: {cause}");
        }
        source = error.source();
    }
    described
}
