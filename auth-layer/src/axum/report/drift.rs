//! Where the code and the definition of an API say two things.

use std::collections::BTreeSet;
use std::fmt;

use crate::axum::access_table::AccessTable;
use crate::axum::report::definition::{ApiDefinition, Operation};
use crate::axum::report::demand::{Demand, WILDCARD, is_of, scopes_of, unnamed};
use crate::axum::row::{Reach, Row};

/// One difference between the code and the definition of an API.
///
/// `Display` says it, with what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drift {
    /// The definition declares a scope that no handler requires; those of OpenID Connect itself, such as
    /// `openid`, are for the login.
    ScopeNeverRequired {
        /// The scope.
        scope: String,
    },
    /// A handler requires a scope that the definition does not declare.
    ScopeNotDeclared {
        /// The scope.
        scope: String,
        /// The handler's name.
        handler: String,
    },
    /// The definition declares a scope for its audience, and handlers require it for another alone.
    ScopeOfAnotherAudience {
        /// The scope.
        scope: String,
        /// The name of the first such handler.
        handler: String,
        /// The audience that the code requires it for.
        code: String,
        /// The audience that the definition declares it for.
        document: String,
    },
    /// The document describes an operation that requires scopes, and no route is there for it.
    OperationNotServed {
        /// The method and the path.
        operation: String,
    },
    /// A handler of this API requires scopes, and the document does not describe it.
    OperationNotDescribed {
        /// The method and the path.
        operation: String,
        /// The handler's name.
        handler: String,
    },
    /// The code and the document require different scopes, or those of different audiences, or one lets in
    /// anyone.
    RequirementDiffers {
        /// The method and the path.
        operation: String,
        /// What the code requires.
        code: String,
        /// What the document requires.
        document: String,
    },
}

impl AccessTable {
    /// Compares the code with the definition of an API; empty where they say the same.
    ///
    /// For a test of a team's own, which fails where the two have drifted apart:
    /// ```
    /// # #[cfg(feature = "macros")] {
    /// use auth_layer::axum::{ApiDefinition, Router, routing::get};
    /// # use auth_layer::public;
    /// # #[public]
    /// # async fn home() {}
    ///
    /// # fn router() -> Router { Router::new().route("/", get(home)) }
    /// # let text = r#"{"openapi":"3.1.0","paths":{"/":{"get":{}}}}"#;
    /// let document = serde_json::from_str(text).expect("the file is JSON");
    /// let definition = ApiDefinition::parse(&document).expect("it is an OpenAPI document");
    /// assert_eq!(router().access_table().drift(&definition), []);
    /// # }
    /// ```
    /// Where the definition has an audience, handlers of others are compared only with what it says of their
    /// scopes and operations. A handler whose API has none of its own is of the configured one, which nobody
    /// knows here: it counts as the definition's.
    /// What [`danger_guarded_elsewhere`](crate::axum::danger_guarded_elsewhere) was told of is not judged.
    #[must_use]
    pub fn drift(&self, definition: &ApiDefinition) -> Vec<Drift> {
        let mut drift = self.scopes(definition);
        if let Some(operations) = &definition.operations {
            for (operation, demand) in operations {
                drift.extend(self.operation(definition, operation, demand.as_ref()));
            }
            drift.extend(
                self.iter()
                    .filter(|row| other_audiences(row, definition).is_none())
                    .filter_map(|row| not_described(definition, operations.keys(), row)),
            );
        }
        drift
    }

    fn scopes(&self, definition: &ApiDefinition) -> Vec<Drift> {
        let mut required = BTreeSet::new();
        let mut drift = Vec::new();
        for row in self.iter().filter(|row| other_audiences(row, definition).is_none()) {
            for scope in scopes_of(row) {
                if required.insert(scope) && !definition.declared.contains(scope) {
                    let (scope, handler) = (scope.to_owned(), row.handler().to_owned());
                    drift.push(Drift::ScopeNotDeclared { scope, handler });
                }
            }
        }
        let never = definition.declared.iter().filter(|scope| {
            !required.contains(scope.as_str()) && !OF_OPENID_CONNECT.contains(&scope.as_str())
        });
        drift.extend(never.map(|scope| {
            self.required_elsewhere(definition, scope)
                .unwrap_or_else(|| Drift::ScopeNeverRequired { scope: scope.clone() })
        }));
        drift
    }

    /// Of a scope that no handler of the definition's audience requires: whether one of another does.
    fn required_elsewhere(&self, definition: &ApiDefinition, scope: &str) -> Option<Drift> {
        let mut others = self.iter().filter_map(|row| Some((row, other_audiences(row, definition)?)));
        let (row, [code, document]) = others.find(|(row, _)| scopes_of(row).any(|own| own == scope))?;
        let (scope, handler) = (scope.to_owned(), row.handler().to_owned());
        Some(Drift::ScopeOfAnotherAudience { scope, handler, code, document })
    }

    fn operation(
        &self,
        definition: &ApiDefinition,
        operation: &Operation,
        document: Option<&Demand>,
    ) -> Option<Drift> {
        let row = self.serving(&definition.served_at(operation), operation.method);
        let shown = format!("{} {}", operation.method, operation.path);
        let Some(document) = document else {
            // Whatever the other scheme is, it lets in fewer than anyone.
            return row.is_some_and(Row::is_public).then(|| Drift::RequirementDiffers {
                operation: shown,
                code: Demand::Nothing.to_string(),
                document: "what another scheme does".to_owned(),
            });
        };
        let Some(row) = row else {
            return (*document != Demand::Nothing).then_some(Drift::OperationNotServed { operation: shown });
        };
        let code = Demand::of_row(row)?;
        let (code, document) = match other_audiences(row, definition) {
            Some([own, other]) => (shown_for(&code, &own), shown_for(document, &other)),
            None if code == *document => return None,
            None => (code.to_string(), document.to_string()),
        };
        Some(Drift::RequirementDiffers { operation: shown, code, document })
    }

    /// The row that answers a method of a path: its own, that of GET for HEAD, that of each method, and
    /// last the nearest that may have the path within: a service, a router of axum's, or a capture of all
    /// that follows.
    fn serving(&self, path: &str, method: &str) -> Option<&Row> {
        let answering = |is_at: &dyn Fn(&Row) -> bool| {
            let named = |name: &str| {
                let mut rows = self.iter().filter(|row| is_at(row));
                rows.find(|row| row.method().is_some_and(|method| method.as_str() == name))
            };
            let get = || if method == "HEAD" { named("GET") } else { None };
            named(method)
                .or_else(get)
                .or_else(|| self.iter().find(|row| is_at(row) && row.method().is_none()))
        };
        let own = answering(&|row| row.reach() == Reach::Path && unnamed(row.path()) == path);
        own.or_else(|| {
            let nearest = self.iter().filter_map(|row| root_of(row, path)).max_by_key(String::len)?;
            answering(&|row| root_of(row, path).as_ref() == Some(&nearest))
        })
    }
}

/// Below which path a row answers all, or nobody knows what, if the path is there.
fn root_of(row: &Row, path: &str) -> Option<String> {
    let root = match row.reach() {
        Reach::Subtree | Reach::Unlisted => unnamed(row.path()),
        Reach::Path => unnamed(row.path().split_once(WILDCARD)?.0),
        Reach::Remainder => return None,
    };
    is_within(path, &root).then_some(root)
}

fn is_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn shown_for(demand: &Demand, audience: &str) -> String {
    match demand {
        Demand::Nothing => demand.to_string(),
        Demand::OneOf(_) => format!("{demand} (for {audience})"),
    }
}

/// The audience of a handler, and that of the definition, where the two differ.
fn other_audiences(row: &Row, definition: &ApiDefinition) -> Option<[String; 2]> {
    let audience = definition.audience.as_ref().filter(|audience| !is_of(row, audience))?;
    Some([row.rule()?.audience()?.as_str().to_owned(), audience.clone()])
}

fn not_described<'d>(
    definition: &ApiDefinition,
    mut described: impl Iterator<Item = &'d Operation>,
    row: &Row,
) -> Option<Drift> {
    let (method, rule) = (row.method()?.as_str(), row.rule()?);
    if row.reach() != Reach::Path || (rule.scopes().is_empty() && rule.any_scopes().is_empty()) {
        return None;
    }
    let path = unnamed(row.path());
    let is_it = |operation: &Operation| operation.method == method && definition.served_at(operation) == path;
    if described.any(is_it) {
        return None;
    }
    let operation = format!("{method} {}", row.path());
    Some(Drift::OperationNotDescribed { operation, handler: row.handler().to_owned() })
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScopeNeverRequired { scope } => {
                write!(
                    f,
                    "the scope `{scope}` is declared and never required: require it, or remove it from the definition"
                )
            }
            Self::ScopeNotDeclared { scope, handler } => {
                write!(
                    f,
                    "the scope `{scope}` is required by `{handler}` and not declared: declare it in the definition"
                )
            }
            Self::ScopeOfAnotherAudience { scope, handler, code, document } => {
                write!(
                    f,
                    "the scope `{scope}` is declared for {document}, and required by `{handler}` for {code}: declare it there, or require it here"
                )
            }
            Self::OperationNotServed { operation } => {
                write!(
                    f,
                    "`{operation}` is described and not served: route it, or remove it from the document"
                )
            }
            Self::OperationNotDescribed { operation, handler } => {
                write!(f, "`{operation}` is served by `{handler}` and not described: add it to the document")
            }
            Self::RequirementDiffers { operation, code, document } => {
                write!(f, "`{operation}` requires {code} in the code, and {document} in the document")
            }
        }
    }
}

/// Scopes that a login asks for and no API requires (OpenID Connect Core §5.4, §11).
const OF_OPENID_CONNECT: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];
