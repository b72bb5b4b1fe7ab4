//! What a token is for: the audience (RFC 8707 `resource`, Auth0 `audience`) and its scopes.

use super::logs;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::registration::User;
use super::settings::Settings;

/// Returns the API that is asked for, or nothing where none is asked for.
pub(super) fn asked_audience(
    settings: &Settings,
    parameters: &Parameters,
) -> Result<Option<String>, Refusal> {
    let asked = match (parameters.value("audience"), parameters.value("resource")) {
        (Some(audience), Some(resource)) if audience != resource => {
            return Err(Refusal::invalid_target("audience and resource disagree"));
        }
        (audience, resource) => audience.or(resource),
    };
    match asked {
        Some(asked) if !is_known(settings, asked) => {
            Err(Refusal::invalid_target(format!("no API is called {asked:?}")))
        }
        asked => Ok(asked.map(str::to_owned)),
    }
}

/// Returns those of the `requested` scopes which a person's token for `audience` gets.
pub(super) fn granted_to_user(
    settings: &Settings,
    user: &User,
    audience: Option<&str>,
    requested: &[String],
) -> Vec<String> {
    let declared = declared(settings, audience);
    requested
        .iter()
        .filter(|scope| is_openid(scope) || declared.contains(scope) && user.may_have(scope))
        .cloned()
        .collect()
}

/// Returns those of the `requested` scopes which a client's own token for `audience` gets: all
/// that the API declares, where none is requested.
pub(super) fn granted_to_client(settings: &Settings, audience: &str, requested: &[String]) -> Vec<String> {
    let is_asked = |scope: &String| requested.is_empty() || requested.contains(scope);
    let declared = declared(settings, Some(audience)).iter().cloned();
    // What the Management API lets a client do it lets no person do.
    let management = (audience == settings.management_audience()).then(|| logs::SCOPE.to_owned());
    declared.chain(management).filter(is_asked).collect()
}

/// Returns the scopes of `audience` which the user may have, asked for or not.
pub(super) fn permissions(settings: &Settings, user: &User, audience: &str) -> Vec<String> {
    declared(settings, Some(audience)).iter().filter(|scope| user.may_have(scope)).cloned().collect()
}

fn is_known(settings: &Settings, audience: &str) -> bool {
    settings.apis.contains_key(audience) || audience == settings.management_audience()
}

fn declared<'a>(settings: &'a Settings, audience: Option<&str>) -> &'a [String] {
    audience.and_then(|audience| settings.apis.get(audience)).map_or(&[], Vec::as_slice)
}

fn is_openid(scope: &str) -> bool {
    ["openid", "profile", "email", "offline_access"].contains(&scope)
}
