//! Whether claims are those of an access token for this API (RFC 9068 §4, RFC 8725 §3).
//!
//! # Rules
//! 1. The issuer is exact, one of the API's own audiences is in `aud`, and `exp`, `nbf` and `iat` hold
//!    within the skew. There is no token without an audience or an end.
//! 2. [`Rfc9068`](TokenProfile::Rfc9068): `typ` is `at+jwt`, and `sub`, `client_id`, `iat` and `jti`
//!    are there.
//! 3. [`Lenient`](TokenProfile::Lenient): most providers write `JWT` or nothing as `typ`. So what
//!    marks an id token or a logout token must not be there, whatever its audience.
//!
//! # Attacks
//! An id token, a logout token or a refresh token in the place of an access token, which is of the
//! same issuer and may be of the same audience (RFC 8725 §2.8, RFC 9068 §5).

use std::time::Duration;

use crate::clock::Timestamp;
use crate::config::TokenProfile;
use crate::identifier::{Audience, Issuer};
use crate::jose::claims::AccessTokenClaims;
use crate::jose::error::{Stage, VerifyError};
use crate::jose::times::Now;

/// What an access token must say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccessTokenExpectations<'a> {
    pub(crate) issuer: &'a Issuer,
    /// The names of this API; one of them must be in `aud`.
    pub(crate) audiences: &'a [Audience],
    pub(crate) profile: TokenProfile,
    pub(crate) now: Timestamp,
    /// How far the clocks may differ; more than 60 seconds are 60 seconds.
    pub(crate) skew: Duration,
}

/// Judges claims that are read, of a token whose `typ` is `kind`.
pub(crate) fn judge_access_token(
    kind: Option<&str>,
    claims: &AccessTokenClaims<'_>,
    expected: &AccessTokenExpectations<'_>,
) -> Result<(), VerifyError> {
    check_kind(kind, claims, expected.profile)?;
    match &claims.issuer {
        Some(issuer) if expected.issuer == &**issuer => {}
        Some(_) => return Err(VerifyError::claims("iss is another issuer")),
        None => return Err(VerifyError::claims("iss is missing")),
    }
    let audience = claims.audience.as_ref().ok_or_else(|| VerifyError::claims("aud is missing"))?;
    if !audience.iter().any(|one| expected.audiences.iter().any(|own| own == one)) {
        return Err(VerifyError::claims("aud is another API"));
    }
    check_times(claims, expected).map_err(VerifyError::claims)?;
    if claims.subject.as_deref() == Some("") {
        return Err(VerifyError::claims("sub is empty"));
    }
    if expected.profile == TokenProfile::Rfc9068 {
        let required = [("sub", &claims.subject), ("client_id", &claims.client_id), ("jti", &claims.jti)];
        if let Some((name, _)) = required.iter().find(|(_, claim)| claim.as_deref().is_none_or(str::is_empty))
        {
            return Err(VerifyError::claims(format!("{name} is missing: RFC 9068 requires it")));
        }
        if claims.issued.is_none() {
            return Err(VerifyError::claims("iat is missing: RFC 9068 requires it"));
        }
    }
    Ok(())
}

fn check_kind(
    kind: Option<&str>,
    claims: &AccessTokenClaims<'_>,
    profile: TokenProfile,
) -> Result<(), VerifyError> {
    let is_typed = kind == Some("at+jwt");
    let may_be = match profile {
        TokenProfile::Rfc9068 => is_typed,
        TokenProfile::Lenient => is_typed || kind.is_none_or(|kind| kind == "jwt"),
    };
    if !may_be {
        let why = match profile {
            TokenProfile::Rfc9068 => "typ is not at+jwt: RFC 9068 requires it",
            TokenProfile::Lenient => "typ says that it is another kind of token",
        };
        return Err(VerifyError::new(Stage::Claims, why));
    }
    // Keycloak says in a claim what others say in the header.
    let said = claims.kind.as_deref();
    let says_access = said.is_some_and(|said| ACCESS.iter().any(|access| said.eq_ignore_ascii_case(access)));
    if said.is_some() && !says_access {
        return Err(VerifyError::claims("the claim typ says that it is another kind of token"));
    }
    if claims.has_events {
        return Err(VerifyError::claims("it has events: it is a logout token or a security event"));
    }
    if claims.has_hash {
        return Err(VerifyError::claims("it has at_hash or c_hash: it is an id token"));
    }
    // Keycloak before 25 copied the nonce of the login into its access tokens.
    if claims.has_nonce && !is_typed && !says_access {
        return Err(VerifyError::claims("it has a nonce, and nothing says that it is no id token"));
    }
    Ok(())
}

fn check_times(claims: &AccessTokenClaims<'_>, expected: &AccessTokenExpectations<'_>) -> Result<(), String> {
    let now = Now::new(expected.now, expected.skew);
    now.is_before("exp", claims.expires.ok_or("exp is missing")?)?;
    claims.not_before.map_or(Ok(()), |not_before| now.is_after("nbf", not_before))?;
    claims.issued.map_or(Ok(()), |issued| now.is_after("iat", issued))
}

/// What the claim `typ` of an access token says at Keycloak.
const ACCESS: [&str; 4] = ["Bearer", "DPoP", "JWT", "at+jwt"];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn honest() -> Value {
        json!({
            "iss": "https://op.example", "sub": "local|ada", "aud": "https://api.example", "exp": NOW + 600,
            "iat": NOW, "client_id": "shop", "jti": "7",
        })
    }

    fn judge(profile: TokenProfile, kind: Option<&str>, claims: &Value) -> Result<(), String> {
        let payload = claims.to_string();
        let expected = AccessTokenExpectations {
            issuer: &Issuer::from("https://op.example"),
            audiences: &["https://api.example".into(), "api://shop".into()],
            profile,
            now: Timestamp::from_unix_seconds(NOW),
            skew: Duration::from_secs(30),
        };
        let claims = AccessTokenClaims::read(payload.as_bytes());
        claims.and_then(|claims| judge_access_token(kind, &claims, &expected)).map_err(|error| {
            assert_eq!(error.stage(), Stage::Claims);
            error.why().to_owned()
        })
    }

    /// Judges honest claims of which some are replaced; `null` removes one.
    #[track_caller]
    fn with(profile: TokenProfile, kind: Option<&str>, changes: Value) -> Result<(), String> {
        let mut claims = honest();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        judge(profile, kind, &claims)
    }

    fn lenient(changes: Value) -> Result<(), String> {
        with(TokenProfile::Lenient, None, changes)
    }

    fn strict(changes: Value) -> Result<(), String> {
        with(TokenProfile::Rfc9068, Some("at+jwt"), changes)
    }

    #[test]
    fn a_token_is_of_its_kind() {
        for (kind, in_rfc9068, in_lenient) in [
            (Some("at+jwt"), true, true),
            (Some("jwt"), false, true),
            (None, false, true),
            (Some(""), false, false),
            (Some("logout+jwt"), false, false),
            (Some("dpop+jwt"), false, false),
            (Some("secevent+jwt"), false, false),
            (Some("rt+jwt"), false, false),
            (Some("jose"), false, false),
        ] {
            assert_eq!(with(TokenProfile::Rfc9068, kind, json!({})).is_ok(), in_rfc9068, "{kind:?}");
            assert_eq!(with(TokenProfile::Lenient, kind, json!({})).is_ok(), in_lenient, "{kind:?}");
        }
    }

    #[test]
    fn a_token_is_of_this_issuer_byte_for_byte() {
        for iss in
            ["https://op.example/", "https://OP.example", "http://op.example", "https://evil.example", ""]
        {
            for judged in [lenient(json!({ "iss": iss })), strict(json!({ "iss": iss }))] {
                assert_eq!(judged, Err("iss is another issuer".into()), "{iss}");
            }
        }
        assert_eq!(lenient(json!({ "iss": null })), Err("iss is missing".into()));
    }

    #[test]
    fn a_token_is_for_this_api() {
        for aud in [json!("api://shop"), json!(["x", "https://api.example"]), json!(["api://shop"])] {
            assert_eq!(lenient(json!({ "aud": aud })), Ok(()));
        }
        for aud in [
            json!("https://api.example/"),
            json!(["x"]),
            json!([]),
            json!(""),
            json!("x https://api.example"),
        ] {
            for judged in [lenient(json!({ "aud": aud })), strict(json!({ "aud": aud }))] {
                assert_eq!(judged, Err("aud is another API".into()), "{aud}");
            }
        }
        assert_eq!(lenient(json!({ "aud": null })), Err("aud is missing".into()));
        assert_eq!(strict(json!({ "aud": null })), Err("aud is missing".into()));
    }

    #[test]
    fn times_hold_within_the_skew_and_an_end_is_required() {
        for (name, value, why) in [
            ("exp", json!(NOW - 29), None),
            ("exp", json!(NOW - 30), Some("exp is past by 30 s: compare the clocks")),
            ("exp", json!(NOW - 280), Some("exp is past by 280 s: compare the clocks")),
            ("exp", json!(0), Some("exp is past by 1800000000 s: compare the clocks")),
            ("exp", Value::Null, Some("exp is missing")),
            ("nbf", json!(NOW + 30), None),
            ("nbf", json!(NOW + 31), Some("nbf is ahead by 31 s: compare the clocks")),
            ("iat", json!(NOW + 30), None),
            ("iat", json!(NOW + 300), Some("iat is ahead by 300 s: compare the clocks")),
        ] {
            for judged in [lenient(json!({ name: value })), strict(json!({ name: value }))] {
                assert_eq!(judged.err().as_deref(), why, "{name} = {value}");
            }
        }
    }

    #[test]
    fn rfc_9068_requires_more_than_providers_send() {
        for name in ["sub", "client_id", "iat", "jti"] {
            assert_eq!(
                strict(json!({ name: null })),
                Err(format!("{name} is missing: RFC 9068 requires it"))
            );
            assert_eq!(lenient(json!({ name: null })), Ok(()), "{name}");
        }
        for name in ["client_id", "jti"] {
            assert!(strict(json!({ name: "" })).is_err(), "{name}");
        }
        assert_eq!(lenient(json!({ "sub": "" })), Err("sub is empty".into()));
    }

    #[test]
    fn a_token_of_another_kind_is_known_by_its_claims() {
        let id_token = Err("it has a nonce, and nothing says that it is no id token".to_owned());
        for (changes, judged) in [
            (json!({ "nonce": "n" }), id_token.clone()),
            (json!({ "nonce": "" }), id_token),
            (json!({ "at_hash": "h" }), Err("it has at_hash or c_hash: it is an id token".into())),
            (json!({ "c_hash": "h" }), Err("it has at_hash or c_hash: it is an id token".into())),
            (json!({ "events": {} }), Err("it has events: it is a logout token or a security event".into())),
            // An access token of Keycloak before 25.
            (json!({ "typ": "Bearer", "nonce": "n" }), Ok(())),
            (
                json!({ "typ": "Bearer", "at_hash": "h" }),
                Err("it has at_hash or c_hash: it is an id token".into()),
            ),
        ] {
            assert_eq!(lenient(changes.clone()), judged, "{changes}");
        }
        let typed = |changes| with(TokenProfile::Lenient, Some("at+jwt"), changes);
        assert_eq!(typed(json!({ "nonce": "n" })), Ok(()), "its header says what it is");
        assert!(typed(json!({ "at_hash": "h" })).is_err());
    }

    #[test]
    fn keycloak_says_the_kind_in_a_claim() {
        for (typ, good) in [
            ("Bearer", true),
            ("bearer", true),
            ("DPoP", true),
            ("ID", false),
            ("Refresh", false),
            ("Offline", false),
            ("Logout", false),
            ("Logout-Token", false),
            ("", false),
        ] {
            assert_eq!(lenient(json!({ "typ": typ })).is_ok(), good, "{typ}");
            assert_eq!(strict(json!({ "typ": typ })).is_ok(), good, "{typ}");
        }
    }

    #[test]
    fn a_skew_of_an_hour_is_a_minute() {
        let claims =
            AccessTokenClaims { expires: Some(Timestamp::from_unix_seconds(NOW - 60)), ..Default::default() };
        let issuer = Issuer::from("https://op.example");
        let expected = AccessTokenExpectations {
            issuer: &issuer,
            audiences: &[],
            profile: TokenProfile::default(),
            now: Timestamp::from_unix_seconds(NOW),
            skew: Duration::from_secs(3_600),
        };
        assert!(check_times(&claims, &expected).is_err());
    }
}
