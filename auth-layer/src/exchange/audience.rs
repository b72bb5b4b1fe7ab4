//! For whom a token says that it is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Whether a token says that it is for others than this audience.
///
/// To its client a token is opaque (RFC 6749 §1.4), and most are. One that is a JWT and names others would
/// be sent to an API that could use it at those (RFC 9700 §4.9.1): a provider that does not know the
/// parameter that names the audience leaves it out and answers with the token of its default API.
pub(crate) fn is_for_others(token: &str, audience: &str) -> bool {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let Ok(payload) = URL_SAFE_NO_PAD.decode(payload) else { return false };
    match serde_json::from_slice::<Claims>(&payload) {
        Ok(Claims { aud: Some(Audiences::One(one)) }) => one != audience,
        Ok(Claims { aud: Some(Audiences::Several(several)) }) => several.iter().all(|one| one != audience),
        Ok(Claims { aud: None }) | Err(_) => false,
    }
}

#[derive(Deserialize)]
struct Claims {
    aud: Option<Audiences>,
}

/// RFC 7519 §4.1.3.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audiences {
    One(String),
    Several(Vec<String>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_jwt_that_names_others_is_for_others() {
        let jwt = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        for (name, token, expected) in [
            ("the audience", jwt(r#"{"aud":"a"}"#), false),
            ("one of several", jwt(r#"{"aud":["userinfo","a"]}"#), false),
            ("another", jwt(r#"{"aud":"b"}"#), true),
            ("a longer name", jwt(r#"{"aud":"a/"}"#), true),
            ("others", jwt(r#"{"aud":["b","c"]}"#), true),
            ("nobody of a list", jwt(r#"{"aud":[]}"#), true),
            ("nobody", jwt(r"{}"), false),
            ("no audience but a number", jwt(r#"{"aud":1}"#), false),
            ("no object", jwt("1"), false),
            ("no base64", "a.*.c".to_owned(), false),
            ("opaque", "opaque.token".to_owned(), false),
            ("five parts", "a.b.c.d.e".to_owned(), false),
        ] {
            assert_eq!(is_for_others(&token, "a"), expected, "{name}");
        }
    }
}
