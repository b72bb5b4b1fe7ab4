//! The header of a JWS (RFC 7515 §4): an algorithm, and the names of a key and of a kind.

use std::borrow::Cow;

use serde::de::{IgnoredAny, MapAccess};

use crate::jose::algorithm::Algorithm;
use crate::jose::claim::Text;
use crate::jose::error::{Stage, VerifyError};
use crate::jose::members::{Members, Unread, names, read_members};

/// What is believed of a header; all else in it only has to be unique.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<Cow<'a, str>>,
    /// The media type of `typ`, in lower case and without `application/`.
    pub(crate) kind: Option<Cow<'static, str>>,
}

impl<'a> Header<'a> {
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, VerifyError> {
        let wrong = |why: &'static str| VerifyError::new(Stage::Header, why);
        let raw: Raw<'a> = read_members(bytes).map_err(|unread| match unread {
            Unread::Object => wrong("it is no object of unique members"),
            // A member of another type is wrong, never absent.
            Unread::Member(name) => VerifyError::new(Stage::Header, format!("{name} is no string")),
        })?;
        if raw.is_critical {
            return Err(wrong("it has critical extensions"));
        }
        if raw.is_special {
            return Err(wrong("it is no plain signature"));
        }
        let algorithm = raw.algorithm.ok_or_else(|| wrong("it has no alg"))?;
        let algorithm = Algorithm::from_name(&algorithm).ok_or_else(|| wrong("its alg is not allowed"))?;
        if raw.key_id.as_ref().is_some_and(|id| id.len() > MAX_KEY_ID) {
            return Err(wrong("kid is longer than 256 bytes"));
        }
        Ok(Self { algorithm, key_id: raw.key_id, kind: raw.kind.map(|kind| media_type(&kind)) })
    }
}

#[derive(Default)]
struct Raw<'a> {
    algorithm: Option<Cow<'a, str>>,
    key_id: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    is_critical: bool,
    is_special: bool,
}

names!(Parameter {
    "alg" => Algorithm,
    "kid" => KeyId,
    "typ" => Kind,
    "crit" => Critical,
    "b64" => Detached,
    "zip" => Compressed,
    "enc" => Encrypted,
});

impl<'de> Members<'de> for Raw<'de> {
    type Name = Parameter;

    fn read<A: MapAccess<'de>>(&mut self, parameter: Parameter, access: &mut A) -> Result<(), A::Error> {
        let text = match parameter {
            Parameter::Algorithm => &mut self.algorithm,
            Parameter::KeyId => &mut self.key_id,
            Parameter::Kind => &mut self.kind,
            Parameter::Critical => {
                self.is_critical = true;
                return access.next_value::<IgnoredAny>().map(drop);
            }
            // Whatever of these a header has, it is no signature over the payload as it is here.
            Parameter::Detached | Parameter::Compressed | Parameter::Encrypted => {
                self.is_special = true;
                return access.next_value::<IgnoredAny>().map(drop);
            }
        };
        *text = Some(access.next_value::<Text<'_>>()?.0);
        Ok(())
    }
}

/// Media types have no case, and `application/` may be left out where no other slash follows
/// (RFC 7515 §4.1.9).
fn media_type(kind: &str) -> Cow<'static, str> {
    let short = match kind.split_at_checked(APPLICATION.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(APPLICATION) && !rest.contains('/') => rest,
        _ => kind,
    };
    match KINDS.iter().find(|known| known.eq_ignore_ascii_case(short)) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(short.to_ascii_lowercase()),
    }
}

pub(crate) const MAX_KEY_ID: usize = 256;
const APPLICATION: &str = "application/";
/// Those that come every day cost no copy.
const KINDS: [&str; 4] = ["at+jwt", "jwt", "dpop+jwt", "logout+jwt"];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn kind(typ: &str) -> String {
        let header = format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#);
        Header::read(header.as_bytes()).unwrap().kind.unwrap().into_owned()
    }

    #[test]
    fn a_header_names_an_algorithm_a_key_and_a_kind() {
        let header = Header::read(br#"{"alg":"ES256","x5t":["?"],"kid":"a","typ":"JWT"}"#).unwrap();
        let expected = Header {
            algorithm: Algorithm::Es256,
            key_id: Some(Cow::Borrowed("a")),
            kind: Some(Cow::Borrowed("jwt")),
        };
        assert_eq!(header, expected);
        let header = Header::read(br#"{"alg":"Ed25519"}"#).unwrap();
        assert_eq!(header, Header { algorithm: Algorithm::EdDSA, key_id: None, kind: None });
    }

    #[test]
    fn a_kind_is_a_media_type_in_any_case_and_with_or_without_its_prefix() {
        for (typ, expected) in [
            ("JWT", "jwt"),
            ("at+jwt", "at+jwt"),
            ("AT+JWT", "at+jwt"),
            ("application/at+jwt", "at+jwt"),
            ("Application/AT+jwt", "at+jwt"),
            ("dpop+JWT", "dpop+jwt"),
            ("secEvent+jwt", "secevent+jwt"),
            ("application/a/b", "application/a/b"),
            ("text/plain", "text/plain"),
            ("application/", ""),
            ("", ""),
            ("\u{e9}application/jwt", "\u{e9}application/jwt"),
            // The Kelvin sign is no `k`: only ASCII has a case here.
            ("\u{212a}", "\u{212a}"),
        ] {
            assert_eq!(kind(typ), expected, "{typ}");
        }
    }

    #[test]
    fn what_is_missing_twice_mistyped_or_asks_for_more_is_refused() {
        let long = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, "k".repeat(257));
        for (header, why) in [
            ("", "it is no object of unique members"),
            ("[]", "it is no object of unique members"),
            (r#"{"alg":"RS256","alg":"RS256"}"#, "it is no object of unique members"),
            (r#"{"alg":"RS256","\u0061lg":"none"}"#, "it is no object of unique members"),
            (r#"{"alg":"RS256","x":1,"x":2}"#, "it is no object of unique members"),
            (r#"{"alg":"RS256","b64":true,"zip":"DEF"}"#, "it is no plain signature"),
            (r#"{"alg":"RS256"} x"#, "it is no object of unique members"),
            ("{}", "it has no alg"),
            (r#"{"alg":null}"#, "alg is no string"),
            (r#"{"alg":["RS256"]}"#, "alg is no string"),
            (r#"{"alg":"none"}"#, "its alg is not allowed"),
            (r#"{"alg":"HS256"}"#, "its alg is not allowed"),
            (r#"{"alg":"rs256"}"#, "its alg is not allowed"),
            (r#"{"alg":"RS256","crit":[]}"#, "it has critical extensions"),
            (r#"{"alg":"RS256","crit":null}"#, "it has critical extensions"),
            (r#"{"alg":"RS256","b64":false}"#, "it is no plain signature"),
            (r#"{"alg":"RS256","zip":"DEF"}"#, "it is no plain signature"),
            (r#"{"alg":"RS256","enc":"A256GCM"}"#, "it is no plain signature"),
            (r#"{"alg":"RS256","kid":7}"#, "kid is no string"),
            (r#"{"alg":"RS256","typ":null}"#, "typ is no string"),
            (long.as_str(), "kid is longer than 256 bytes"),
        ] {
            let error = Header::read(header.as_bytes()).unwrap_err();
            assert_eq!((error.stage(), error.why()), (Stage::Header, why), "{header}");
        }
    }
}
