//! The rules that claims decide: permissions, roles, organization, and how the user authenticated.
//!
//! # Rules
//! 1. A claim is a list of strings, one string, or an object whose members' names count; one of another
//!    type, or a list that holds anything but strings, holds nothing, and so meets no rule.
//! 2. Words compare whole and as they are written: no case is folded, nothing is split at spaces.
//! 3. The class of an authentication (`acr`) and its time (`auth_time`) are read from where the issuer
//!    signed them, and nowhere else: RFC 9470 §6, OpenID Connect Core §2.

use serde_json::{Map, Value};

use crate::claim_path::{ClaimPath, ClaimPaths, ORGANIZATION_NAME};
use crate::clock::Timestamp;
use crate::gate::require::require_words;
use crate::gate::shortfall::{Shortfall, StepUp};
use crate::jose::numeric_date;
use crate::token::{RequiredOrganization, Rule};

/// What of a rule the claims meet or not.
pub(super) fn check_claims(
    rule: &Rule,
    claims: &Map<String, Value>,
    paths: &ClaimPaths,
) -> Result<(), Shortfall> {
    if let Some(wanted) = rule.organization
        && !is_in_organization(wanted, claims, &paths.organization)
    {
        return Err(Shortfall::Organization);
    }
    let holds = |paths: &[ClaimPath], word: &str| paths.iter().any(|path| holds(claims, path, word));
    require_words(rule.permissions, rule.any_permissions, |word| holds(&paths.permissions, word))
        .map_err(Shortfall::Permissions)?;
    require_words(rule.roles, rule.any_roles, |word| holds(&paths.roles, word)).map_err(Shortfall::Roles)?;
    let acr = claims.get("acr").and_then(Value::as_str);
    if rule.acr.is_empty() || acr.is_some_and(|acr| rule.acr.contains(&acr)) {
        return Ok(());
    }
    Err(Shortfall::Authentication(StepUp::of(rule)))
}

/// When the user authenticated, where the claims say so (`auth_time`, seconds).
pub(super) fn authenticated_at(claims: &Map<String, Value>) -> Option<Timestamp> {
    claims.get("auth_time").and_then(Value::as_f64).and_then(numeric_date)
}

fn is_in_organization(
    wanted: RequiredOrganization,
    claims: &Map<String, Value>,
    paths: &[ClaimPath],
) -> bool {
    match wanted {
        RequiredOrganization::Any => paths.iter().any(|path| any_word(claims, path, |_| true)),
        RequiredOrganization::Named(name) => paths.iter().any(|path| {
            // Deliberately not by its name too, which its owner chooses: only an identifier begins so.
            let is_name = path.0.len() == 1 && path.0.iter().all(|step| step == ORGANIZATION_NAME);
            !(is_name && name.starts_with("org_")) && holds(claims, path, name)
        }),
    }
}

fn holds(claims: &Map<String, Value>, path: &ClaimPath, wanted: &str) -> bool {
    any_word(claims, path, |word| word == wanted)
}

/// Whether one of the words that a claim holds is it; an empty text is none.
fn any_word(claims: &Map<String, Value>, path: &ClaimPath, is_it: impl Fn(&str) -> bool) -> bool {
    let is_it = |word: &str| !word.is_empty() && is_it(word);
    match at(claims, path) {
        Some(Value::String(one)) => is_it(one),
        Some(Value::Array(list)) if list.iter().all(Value::is_string) => {
            list.iter().filter_map(Value::as_str).any(is_it)
        }
        Some(Value::Object(members)) => members.keys().any(|name| is_it(name)),
        _ => false,
    }
}

fn at<'a>(claims: &'a Map<String, Value>, path: &ClaimPath) -> Option<&'a Value> {
    let (first, rest) = path.0.split_first()?;
    rest.iter().try_fold(claims.get(first)?, |value, name| value.get(name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(rule: Rule, claims: Value) -> Option<Shortfall> {
        check_claims(&rule, claims.as_object().unwrap(), &ClaimPaths::default()).err()
    }

    const RULE: Rule = Rule::authenticated("h");

    #[test]
    fn words_are_found_in_every_place_and_compared_whole() {
        let admin = || RULE.with_roles(&["shop admin"]);
        for claims in [
            json!({ "roles": ["x", "shop admin"] }),
            json!({ "roles": "shop admin" }),
            json!({ "roles": { "shop admin": { "id": 7 } } }),
            json!({ "realm_access": { "roles": ["shop admin"] } }),
            json!({ "roles": 7, "realm_access": { "roles": ["shop admin"] } }),
        ] {
            assert_eq!(refused(admin(), claims.clone()), None, "{claims}");
        }
        for claims in [
            json!({}),
            json!({ "roles": ["shop", "admin"] }),
            json!({ "roles": ["Shop Admin"] }),
            json!({ "roles": ["shop admin", 7] }),
            json!({ "roles": [["shop admin"]] }),
            json!({ "roles": "shop admin, other" }),
            json!({ "roles": true }),
            json!({ "roles": null }),
            json!({ "realm_access": "shop admin" }),
            json!({ "realm_access": [{ "roles": ["shop admin"] }] }),
            json!({ "realm_access.roles": ["shop admin"] }),
            json!({ "permissions": ["shop admin"], "scope": "shop admin" }),
        ] {
            assert!(matches!(refused(admin(), claims.clone()), Some(Shortfall::Roles(_))), "{claims}");
        }
        let empty = RULE.with_permissions(&[""]);
        for claims in [json!({ "permissions": "" }), json!({ "permissions": [""] })] {
            assert!(refused(empty, claims).is_some());
        }
    }

    #[test]
    fn an_identifier_of_an_organization_is_not_met_by_a_name() {
        let named = |name| RULE.with_organization(RequiredOrganization::Named(name));
        let claims = json!({ "org_id": "org_1", "org_name": "shop" });
        assert_eq!(refused(named("org_1"), claims.clone()), None);
        assert_eq!(refused(named("shop"), claims.clone()), None);
        assert_eq!(refused(RULE.with_organization(RequiredOrganization::Any), claims), None);
        for (name, claims) in [
            ("org_2", json!({ "org_id": "org_1", "org_name": "org_2" })),
            ("shop", json!({ "org_id": "org_1" })),
            ("shop", json!({ "organization": "shop" })),
        ] {
            assert_eq!(refused(named(name), claims.clone()), Some(Shortfall::Organization), "{claims}");
        }
        let any = RULE.with_organization(RequiredOrganization::Any);
        for claims in [json!({}), json!({ "org_id": "" }), json!({ "org_id": null }), json!({ "org_id": 7 })]
        {
            assert_eq!(refused(any, claims.clone()), Some(Shortfall::Organization), "{claims}");
        }
    }

    #[test]
    fn one_class_of_authentication_will_do_and_only_a_text_is_one() {
        let strong = RULE.with_acr(&["gold", "silver"]);
        assert_eq!(refused(strong, json!({ "acr": "silver" })), None);
        for claims in [
            json!({}),
            json!({ "acr": "bronze" }),
            json!({ "acr": "gold silver" }),
            json!({ "acr": ["gold"] }),
            json!({ "acr": 0 }),
        ] {
            let found = refused(strong, claims.clone());
            assert!(matches!(found, Some(Shortfall::Authentication(_))), "{claims}");
        }
    }

    #[test]
    fn a_time_is_a_number_of_seconds() {
        let at = |value: Value| authenticated_at(json!({ "auth_time": value }).as_object().unwrap());
        assert_eq!(at(json!(1_700_000_000)).unwrap().unix_seconds(), 1_700_000_000);
        assert_eq!(at(json!(1_700_000_000.7)).unwrap().unix_seconds(), 1_700_000_000);
        for wrong in [json!("1700000000"), json!(-1), json!(1e300), json!(null), json!([1])] {
            assert_eq!(at(wrong.clone()), None, "{wrong}");
        }
    }
}
