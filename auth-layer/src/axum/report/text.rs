//! The table for people: aligned for a terminal, or as Markdown.

use std::fmt;

use crate::axum::access::Access;
use crate::axum::access_table::AccessTable;
use crate::axum::report::json::principal;
use crate::axum::row::{Reach, Row};
use crate::token::{RequiredOrganization, Rule};

impl AccessTable {
    /// Returns the table as Markdown, for documentation.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = line(HEAD.map(str::to_owned));
        text.push_str(&line(HEAD.map(|_| "---".to_owned())));
        for row in self {
            let [method, path, who, more, handler] = cells(row).map(|cell| cell.replace('|', "\\|"));
            // The path itself is code, what is said of its reach is not.
            let (path, reach) = path.split_at(path.find(' ').unwrap_or(path.len()));
            text.push_str(&line([method, format!("`{path}`{reach}"), who, more, format!("`{handler}`")]));
        }
        text
    }
}

/// One line a row, in columns, for a terminal.
impl fmt::Display for AccessTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 5]> =
            std::iter::once(HEAD.map(str::to_owned)).chain(self.iter().map(cells)).collect();
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: [usize; 5] = std::array::from_fn(width);
        for row in &rows {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

fn line(cells: [String; 5]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Method, path, who may call, what else is required, handler.
fn cells(row: &Row) -> [String; 5] {
    let method = row.method().map_or("any", http::Method::as_str).to_owned();
    let path = match row.reach() {
        Reach::Path => row.path().to_owned(),
        Reach::Subtree => format!("{} and below", row.path()),
        Reach::Remainder => format!("{} and below, what no other row answers", row.path()),
        Reach::Unlisted => format!("{} and below, some paths", row.path()),
    };
    let who = match row.access() {
        Access::Public => "anyone".to_owned(),
        Access::Session => "whoever has a session".to_owned(),
        Access::User => "a user".to_owned(),
        Access::Elsewhere => "not known here".to_owned(),
        Access::Required(rule) => scopes(rule),
    };
    [method, path, who, row.rule().map(others).unwrap_or_default(), row.handler().to_owned()]
}

fn scopes(rule: &Rule) -> String {
    let all = rule.scopes().join(" ");
    let any = rule.any_scopes().join(" or ");
    match (all.is_empty(), any.is_empty()) {
        (true, true) => "whoever is logged in".to_owned(),
        (false, true) => all,
        (true, false) => any,
        (false, false) => format!("{all} and ({any})"),
    }
}

fn others(rule: &Rule) -> String {
    let mut others = Vec::new();
    if let Some(audience) = rule.audience() {
        others.push(format!("at {audience}"));
    }
    for (name, all, any) in [
        ("permission", rule.permissions(), rule.any_permissions()),
        ("role", rule.roles(), rule.any_roles()),
        ("acr", &[], rule.acr()),
    ] {
        others.extend(all.iter().map(|word| format!("{name} {word}")));
        if !any.is_empty() {
            others.push(format!("{name} {}", any.join(" or ")));
        }
    }
    if let Some(max_age) = rule.max_age() {
        others.push(format!("authenticated within {} s", max_age.as_secs()));
    }
    match rule.organization() {
        Some(RequiredOrganization::Any) => others.push("an organization".to_owned()),
        Some(RequiredOrganization::Named(name)) => others.push(format!("organization {name}")),
        None => {}
    }
    if let Some(wanted) = rule.principal() {
        others.push(format!("a {}", principal(wanted)));
    }
    others.join(", ")
}

const HEAD: [&str; 5] = ["method", "path", "who", "and", "handler"];
