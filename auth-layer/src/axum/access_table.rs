//! The table of all routes of a router, and who may call them.

use crate::axum::row::Row;

/// All routes of a [`Router`](super::Router), sorted by path, reach and method.
///
/// Two programs with the same routes have the same table, in whatever order they were added.
///
/// ```
/// # #[cfg(feature = "macros")] {
/// use auth_layer::axum::{Router, routing::get};
/// use auth_layer::{public, require_auth};
///
/// #[public]
/// async fn home() {}
///
/// #[require_auth]
/// async fn products() {}
///
/// let app: Router = Router::new().route("/", get(home)).route("/products", get(products));
/// let table = app.access_table();
/// let paths: Vec<_> = table.iter().map(|row| (row.path(), row.is_public())).collect();
/// assert_eq!(paths, [("/", true), ("/products", false)]);
/// # }
/// ```
///
/// A test can hold what must stay closed: that each row of `/admin` asks for the scope of it, or that
/// no more than these paths are public.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct AccessTable(Vec<Row>);

impl AccessTable {
    /// Sorts the rows.
    pub(super) fn of(mut rows: Vec<Row>) -> Self {
        rows.sort_by(|one, other| key(one).cmp(&key(other)));
        Self(rows)
    }

    /// Returns the rows in their order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.0
    }

    /// Returns an iterator over the rows.
    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a AccessTable {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Rows for all other methods come after those that name one.
fn key(row: &Row) -> (&str, impl Ord, bool, &str, &str) {
    let method = row.method.as_ref();
    (&row.path, row.reach, method.is_none(), method.map_or("", |method| method.as_str()), row.handler)
}
