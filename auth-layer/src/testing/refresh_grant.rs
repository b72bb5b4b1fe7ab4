//! Refresh token grant (RFC 6749 §6), with rotation and reuse detection (RFC 9700 §4.14.2).
//!
//! # Rules
//! 1. With [`Rotation::Strict`] a token is good once. A second use revokes the grant: whether
//!    the thief or the owner came second, neither goes on.
//! 2. With [`Rotation::Overlap`] a used token is good again for a while, and gets its own
//!    successor; after that rule 1 applies.
//! 3. `scope` may narrow this one access token. The next refresh has the whole scope again.
//! 4. `audience` or `resource` may name any API of the provider (RFC 8707 §2.2); the scope is
//!    then what the person allowed and that API declares.
//! 5. A token that is bound to a key comes with a proof of that key (RFC 9449 §5); what comes
//!    without is refused before anything is spent.

use super::encoding::random;
use super::refusal::Refusal;
use super::settings::{Rotation, Settings};
use super::state::{Answer, Grant, RefreshTokenRecord, State};
use super::targets;
use super::tenant_log::EventCode;
use super::token::{Issue, TokenRequest, issue_tokens};
use crate::clock::Timestamp;

/// Exchanges a refresh token for tokens.
pub(super) fn refresh(
    settings: &Settings,
    state: &mut State,
    now: Timestamp,
    request: &TokenRequest,
) -> Result<Answer, Refusal> {
    let TokenRequest { client, parameters, key } = request;
    let token = parameters.required("refresh_token")?;
    let unknown = || Refusal::invalid_grant("the refresh token is unknown");
    let record = state.refresh_tokens.get(token).ok_or_else(unknown)?;
    let grant = state.grants.get(&record.grant).cloned().ok_or_else(unknown)?;
    let name = record.grant.clone();
    if grant.client_id != client.client_id {
        return Err(unknown());
    }
    let bound = record.key.clone();
    if bound.is_some() && bound != *key {
        return Err(Refusal::invalid_grant("the refresh token is bound to another key"));
    }
    let dead = |description: &str| {
        Refusal::invalid_grant(description)
            .logged_as(EventCode::FailedRotation)
            .of_subject(&grant.session.subject)
    };
    let judgement = judge(settings.rotation, record.rotated, now);
    if judgement == Judgement::Reused {
        state.revoke_grant(&name);
        return Err(dead("the refresh token was used before: its family is revoked"));
    }
    if state.living_grant(&name, now).is_none() {
        return Err(dead("the refresh token has expired or was revoked"));
    }
    // Everything that can be refused is refused before the token is spent.
    let audience = targets::asked_audience(settings, parameters)?.or_else(|| grant.audience.clone());
    let requested = narrowed(&grant, &parameters.words("scope"))?;
    let user = state.user(&grant.session.subject).ok_or_else(|| dead("the user is gone"))?;
    let scope = targets::granted_to_user(settings, user, audience.as_deref(), &requested);
    let refresh_token = match judgement {
        Judgement::Keep => None,
        Judgement::Rotate | Judgement::Reused => {
            if let Some(record) = state.refresh_tokens.get_mut(token) {
                record.rotated.get_or_insert(now);
            }
            let successor = random();
            let record = RefreshTokenRecord { grant: name.clone(), rotated: None, key: bound };
            state.refresh_tokens.insert(successor.clone(), record);
            Some(successor)
        }
    };
    let issue = Issue {
        grant: &name,
        audience: audience.as_deref(),
        scope,
        // OpenID Connect Core 1.0 §12.2: an ID token of a refresh should carry no nonce.
        nonce: None,
        refresh_token,
        key: key.as_deref(),
        event: EventCode::Refresh,
    };
    Ok(issue_tokens(settings, state, now, &grant, issue))
}

/// What becomes of a refresh token that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judgement {
    Keep,
    Rotate,
    Reused,
}

fn judge(rotation: Rotation, rotated: Option<Timestamp>, now: Timestamp) -> Judgement {
    match (rotation, rotated) {
        (Rotation::Never, _) => Judgement::Keep,
        (Rotation::Strict | Rotation::Overlap(_), None) => Judgement::Rotate,
        (Rotation::Overlap(overlap), Some(rotated)) if now <= rotated.plus(overlap) => Judgement::Rotate,
        (Rotation::Strict | Rotation::Overlap(_), Some(_)) => Judgement::Reused,
    }
}

/// Returns the scopes that are asked for: those of the grant where none are named.
fn narrowed(grant: &Grant, asked: &[String]) -> Result<Vec<String>, Refusal> {
    if let Some(beyond) = asked.iter().find(|scope| !grant.scope.contains(scope)) {
        return Err(Refusal::invalid_scope(format!("the scope {beyond:?} was not part of the grant")));
    }
    Ok(match asked {
        [] => grant.scope.clone(),
        asked => asked.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_used_token_is_judged_by_the_rotation_and_the_time() {
        let overlap = Rotation::Overlap(Duration::from_secs(10));
        let at = |seconds| Some(Timestamp::from_unix_seconds(seconds));
        let table = [
            ("never rotated", Rotation::Never, None, Judgement::Keep),
            ("first use", Rotation::Strict, None, Judgement::Rotate),
            ("second use", Rotation::Strict, at(100), Judgement::Reused),
            ("first use, overlap", overlap, None, Judgement::Rotate),
            ("within the overlap", overlap, at(90), Judgement::Rotate),
            ("after the overlap", overlap, at(89), Judgement::Reused),
        ];
        let now = Timestamp::from_unix_seconds(100);
        for (name, rotation, rotated, expected) in table {
            assert_eq!(judge(rotation, rotated, now), expected, "{name}");
        }
    }
}
