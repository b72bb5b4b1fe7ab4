//! What an issuer answers about an opaque token (RFC 7662 §2.2), and what is believed of it.
//!
//! # Invariants
//! 1. No token without `active: true`, this API in `aud`, and, where it is said, this issuer.
//! 2. No token after its `exp` or before its `nbf`; and the answer is believed for a minute at most,
//!    and not beyond `exp`.
//! 3. What is said to be another kind of token (a refresh token, an id token, a logout token) is none.
//! 4. An answer in which a member comes twice, at any depth, is none.

use std::sync::OnceLock;

use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
use auth_layer::fuzzing::{Introspector, Kind};
use auth_layer::{AccessToken, Clock, Timestamp};
use serde_json::Value;
use tokio::runtime::Builder;

use crate::answers::NOBODY;
use crate::json::Json;
use crate::{API, LENIENT, NOW, NOW_SECONDS, SKEW};

/// Takes the body of an answer.
pub fn introspection(data: &[u8]) {
    let json = Json::parse(data).filter(|json| json.is_object() && !json.repeats_within());
    match introspector().judge(data, TOKEN) {
        Ok((token, good_until)) => {
            check(&json.expect("no answer is believed"), data, &token, good_until);
        }
        Err(kind) => {
            assert!(matches!(kind, Kind::InvalidToken | Kind::Unavailable), "{kind:?}");
            let active = json.as_ref().and_then(|json| json.get("active"));
            match active {
                Some(Json::Bool(false)) => assert_eq!(kind, Kind::InvalidToken, "a no is a no"),
                Some(Json::Bool(true)) => {}
                // A provider that says nothing has not said that the token is bad.
                _ => assert_eq!(kind, Kind::Unavailable, "{json:?}"),
            }
        }
    }
}

fn check(json: &Json, data: &[u8], token: &AccessToken, good_until: Timestamp) {
    assert_eq!(json.get("active"), Some(&Json::Bool(true)));
    assert!(json.texts("aud").is_some_and(|all| all.contains(&API)), "another API: {json:?}");
    assert!(json.get("iss").is_none() || json.text("iss") == Some(LENIENT), "another issuer: {json:?}");
    for (name, known) in [("token_type", &TYPES[..]), ("typ", &TYPES), ("token_use", &USES)] {
        let is_known = |kind: &str| known.iter().any(|known| kind.eq_ignore_ascii_case(known));
        assert!(json.get(name).is_none() || json.text(name).is_some_and(is_known), "another kind: {json:?}");
    }
    let is_other = ["at_hash", "c_hash", "events"].iter().any(|name| json.get(name).is_some());
    assert!(!is_other, "another kind of token: {json:?}");
    let end = json.seconds("exp");
    assert_eq!(end.is_some(), json.get("exp").is_some());
    assert!(end.is_none_or(|end| NOW_SECONDS < end), "it has ended: {json:?}");
    assert!(json.seconds("nbf").is_none_or(|nbf| nbf <= NOW_SECONDS + SKEW), "it has not begun: {json:?}");
    let last = end.map_or(NOW_SECONDS + BELIEVED, |end| end.min(NOW_SECONDS + BELIEVED));
    assert_eq!(good_until, Timestamp::from_unix_seconds(last), "{json:?}");
    assert_eq!(token.expires_at(), Timestamp::from_unix_seconds(end.unwrap_or(last)));
    assert_eq!(token.expose(), TOKEN);
    assert_eq!(token.subject().map(|subject| subject.as_str()), json.text("sub"));
    assert_eq!(token.issuer().map(|issuer| issuer.as_str()), Some(LENIENT));
    let claims: Value = serde_json::from_slice(data).expect("it is JSON");
    assert_eq!(token.claims(), claims.as_object());
    let mut granted = Vec::new();
    for name in ["scope", "scp"] {
        match json.get(name) {
            Some(Json::Text(text)) => granted.extend(text.split(' ')),
            _ => granted.extend(json.texts(name).unwrap_or_default()),
        }
    }
    assert!(token.scopes().iter().all(|scope| granted.contains(&scope)), "{token:?} of {granted:?}");
}

pub(crate) fn introspector() -> &'static Introspector {
    static INTROSPECTOR: OnceLock<Introspector> = OnceLock::new();
    INTROSPECTOR.get_or_init(|| {
        let issuer = TrustedIssuer::new(LENIENT)
            .with_jwks_uri(&format!("{NOBODY}/jwks"))
            .with_introspection("api", "not-a-secret")
            .with_introspection_endpoint(&format!("{NOBODY}/introspect"));
        let config = ResourceServerConfig::builder(API)
            .add_issuer(issuer)
            .with_token_cache_bytes(1024 * 1024)
            .with_clock(Clock::manual(NOW))
            .build()
            .expect("the configuration is sound");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        runtime.block_on(Introspector::start(config)).expect("the configuration is sound")
    })
}

const TOKEN: &str = "2YotnFZFEjr1zCsicMWpAA";
/// What an access token may be called (RFC 6749 §7.1, and what servers write in its place).
const TYPES: [&str; 6] =
    ["Bearer", "DPoP", "access_token", "urn:ietf:params:oauth:token-type:access_token", "JWT", "at+jwt"];
const USES: [&str; 2] = ["access", "access_token"];
/// The default of `with_introspection_cache`.
const BELIEVED: u64 = 60;
