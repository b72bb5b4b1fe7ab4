//! The keys of the attribute, with what is written for each.

use crate::suggest::nearest;

/// What an unknown key is told.
pub(super) fn unknown(name: &str) -> String {
    nearest(name, KEYS).map_or_else(
        || {
            let known = KEYS.map(|key| format!("`{key}`")).join(", ");
            format!("unknown key `{name}`: the keys are {known}")
        },
        |meant| format!("unknown key `{name}`, did you mean `{meant}`?"),
    )
}

pub(super) fn is_known(name: &str) -> bool {
    KEYS.contains(&name) || name == REFUSED
}

/// Whether the key stands alone, without a value.
pub(super) fn is_flag(name: &str) -> bool {
    matches!(name, "user" | "client") || name == REFUSED
}

/// An example of the key's value.
pub(super) fn example(key: &str) -> &'static str {
    match key {
        "scopes" | "any_scopes" => "[\"read:products\"]",
        "permissions" | "any_permissions" => "[\"products:write\"]",
        "roles" | "any_roles" => "[\"admin\"]",
        "acr" => "[\"urn:example:mfa\"]",
        "max_age" => "300",
        "organization" => "\"org_abc\"",
        "audience" => "\"https://api.shop.example\"",
        "registry" => "crate::scopes",
        _ => "::auth_layer",
    }
}

/// Which requirement a key states: a handler's own takes the place of its module's.
pub(super) fn family(name: &str) -> &str {
    match name {
        "user" | "client" => "user or client",
        other => other,
    }
}

/// Written by the attribute of a module or an `impl` that is refused: its handlers add no more errors.
pub(super) const REFUSED: &str = "__refused";

const KEYS: [&str; 14] = [
    "scopes",
    "any_scopes",
    "permissions",
    "any_permissions",
    "roles",
    "any_roles",
    "acr",
    "max_age",
    "organization",
    "user",
    "client",
    "audience",
    "registry",
    "crate",
];
