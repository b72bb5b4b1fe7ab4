//! The table as JSON, for programs.

use serde_json::{Map, Value, json};

use crate::axum::access::Access;
use crate::axum::access_table::AccessTable;
use crate::axum::row::{Reach, Row};
use crate::token::{Principal, RequiredOrganization, Rule};

impl AccessTable {
    /// Returns the table as JSON: an array of objects, one for each row.
    ///
    /// | member | |
    /// |---|---|
    /// | `path`, `reach` | the path, and `path`, `subtree`, `remainder` or `unlisted` |
    /// | `method` | `null` for each that has no row of its own |
    /// | `handler` | its name with its module, or the type of the service |
    /// | `access` | `public`, `required`, `session`, `user` or `elsewhere` |
    /// | `audience`, `scopes`, `any_scopes`, `permissions`, `any_permissions`, `roles`, `any_roles`, `acr_values`, `max_age`, `organization`, `principal` | where they are required; seconds, `true` for any organization |
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Array(self.iter().map(row).collect())
    }
}

fn row(row: &Row) -> Value {
    let mut members = Map::new();
    members.insert("path".into(), json!(row.path()));
    members.insert("reach".into(), json!(reach(row.reach())));
    members.insert("method".into(), json!(row.method().map(http::Method::as_str)));
    members.insert("handler".into(), json!(row.handler()));
    members.insert("access".into(), json!(access(row.access())));
    if let Some(rule) = row.rule() {
        members.extend(requirements(rule));
    }
    Value::Object(members)
}

/// What a rule requires, each under the name that the attribute has for it, or the wire.
pub(super) fn requirements(rule: &Rule) -> Map<String, Value> {
    let lists = [
        ("scopes", rule.scopes()),
        ("any_scopes", rule.any_scopes()),
        ("permissions", rule.permissions()),
        ("any_permissions", rule.any_permissions()),
        ("roles", rule.roles()),
        ("any_roles", rule.any_roles()),
        ("acr_values", rule.acr()),
    ];
    let mut members: Map<String, Value> = lists
        .into_iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(name, words)| (name.to_owned(), json!(words)))
        .collect();
    if let Some(audience) = rule.audience() {
        members.insert("audience".into(), json!(audience.as_str()));
    }
    if let Some(max_age) = rule.max_age() {
        members.insert("max_age".into(), json!(max_age.as_secs()));
    }
    if let Some(organization) = rule.organization() {
        members.insert(
            "organization".into(),
            match organization {
                RequiredOrganization::Any => json!(true),
                RequiredOrganization::Named(name) => json!(name),
            },
        );
    }
    if let Some(principal) = rule.principal() {
        members.insert("principal".into(), json!(self::principal(principal)));
    }
    members
}

pub(super) const fn access(access: Access) -> &'static str {
    match access {
        Access::Public => "public",
        Access::Required(_) => "required",
        Access::Session => "session",
        Access::User => "user",
        Access::Elsewhere => "elsewhere",
    }
}

pub(super) const fn principal(principal: Principal) -> &'static str {
    match principal {
        Principal::User => "user",
        Principal::Client => "client",
    }
}

const fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Path => "path",
        Reach::Subtree => "subtree",
        Reach::Remainder => "remainder",
        Reach::Unlisted => "unlisted",
    }
}
