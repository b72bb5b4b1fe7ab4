//! One call of an API, before an HTTP client sends it.

use std::fmt;
use std::pin::Pin;

use http::{HeaderValue, Method};
use url::form_urlencoded::Serializer;

use crate::outbound::path::{PathError, fill};
use crate::token::AccessToken;

/// A request of an API's operation; `B` is the body that the program's HTTP client sends.
///
/// See the [module docs](crate::outbound). `Debug` shows neither the token nor the values of the path.
#[must_use = "a call does nothing until it is sent"]
pub struct Call<B> {
    operation: &'static str,
    method: Method,
    template: &'static str,
    path: String,
    authorization: Option<HeaderValue>,
    body: Option<B>,
}

/// The answer of an operation, under way.
///
/// In a box, since a future without a name would name what the token's handler requires, and rustc would
/// tell of a scope that is missing once for the call and again for each await.
pub type Sending<'a, Reply, Error> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'a>>;

impl<B> Call<B> {
    /// Begins a call of an operation, whose path has the values in its places, in order.
    ///
    /// # Errors
    /// A value is empty or would lead to another path.
    pub fn to(
        operation: &'static str,
        method: Method,
        template: &'static str,
        values: &[&dyn fmt::Display],
    ) -> Result<Self, PathError> {
        let path = fill(template, values)?;
        Ok(Self { operation, method, template, path, authorization: None, body: None })
    }

    /// Sends this token with it, whatever its handler required.
    pub fn with_token<P>(mut self, token: &AccessToken<P>) -> Self {
        self.authorization = Some(token.authorization());
        self
    }

    /// Puts the query behind the path, each name and value encoded.
    pub fn with_query(mut self, query: &[(&str, &str)]) -> Self {
        if !query.is_empty() {
            let start = self.path.len() + 1;
            self.path.push('?');
            self.path = Serializer::for_suffix(self.path, start).extend_pairs(query).finish();
        }
        self
    }

    /// Sends this body with it.
    pub fn with_body(mut self, body: impl Into<Option<B>>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the name of the operation, for spans and counters: its `operationId`, or its method and path.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path with its query; it begins with a slash, and the API's address comes before it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the value of the `Authorization` header, marked sensitive; an open operation has none.
    #[must_use]
    pub const fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// Returns the body, if the operation has one.
    #[must_use]
    pub fn into_body(self) -> Option<B> {
        self.body
    }
}

impl<B> fmt::Debug for Call<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_behind_the_path() {
        let call = || Call::<()>::to("list", Method::GET, "/a/{id}", &[&"b c"]).unwrap();
        assert_eq!(call().with_query(&[]).path(), "/a/b%20c");
        let query = [("q", "x&y=z#"), ("ü", "")];
        assert_eq!(call().with_query(&query).path(), "/a/b%20c?q=x%26y%3Dz%23&%C3%BC=");
    }

    #[test]
    fn debug_shows_no_value() {
        let call = Call::<()>::to("get", Method::GET, "/a/{id}", &[&"s3cret"]).unwrap();
        let shown = format!("{call:?}");
        assert!(shown.contains("/a/{id}") && !shown.contains("s3cret"), "{shown}");
    }
}
