//! An object of a token, read member by member, once.
//!
//! # Rules
//! 1. A member that comes twice is refused, known or not (RFC 7515 §4, RFC 7519 §4).
//! 2. What is not known is checked for its syntax and let go.
//! 3. Texts are borrowed from the token; only one that has an escape in it is copied.
//!
//! # Limits
//! 256 members.

use std::fmt;
use std::str;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;

use crate::jose::claim::Text;
use crate::jose::legible::Legible;

/// What the members of an object are read into.
pub(crate) trait Members<'de>: Default {
    type Name: Name;

    /// Reads the value of a member; called once for each.
    fn read<A: MapAccess<'de>>(&mut self, name: Self::Name, access: &mut A) -> Result<(), A::Error>;
}

/// The name of a member that is known: see [`names`].
pub(crate) trait Name: Copy {
    fn of(text: &str) -> Option<Self>;

    fn text(self) -> &'static str;

    /// A bit of its own.
    fn bit(self) -> u32;
}

/// Declares an enum of names of members, of which there may be 32.
macro_rules! names {
    ($kind:ident { $($text:literal => $name:ident,)+ }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $kind {
            $($name,)+
        }

        impl $crate::jose::members::Name for $kind {
            fn of(text: &str) -> Option<Self> {
                Some(match text {
                    $($text => Self::$name,)+
                    _ => return None,
                })
            }

            fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            fn bit(self) -> u32 {
                1 << self as u32
            }
        }
    };
}
pub(crate) use names;

/// Why an object was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It is no object of unique members, or of too many.
    Object,
    /// This member is of the wrong type.
    Member(&'static str),
}

/// Reads an object.
pub(crate) fn read_members<'de, M: Members<'de>>(bytes: &'de [u8]) -> Result<M, Unread> {
    // Once for all, instead of text by text, and in what is let go too.
    let text = str::from_utf8(bytes).map_err(|_| Unread::Object)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let (mut members, mut under_way) = (M::default(), None);
    let reader = Reader { members: &mut members, under_way: &mut under_way };
    let read = deserializer.deserialize_map(reader).and_then(|()| deserializer.end());
    match (read, under_way) {
        (Ok(()), _) => Ok(members),
        (Err(error), Some(name)) if error.classify() == Category::Data => Err(Unread::Member(name.text())),
        (Err(_), _) => Err(Unread::Object),
    }
}

struct Reader<'m, M, N> {
    members: &'m mut M,
    /// The member whose value is being read.
    under_way: &'m mut Option<N>,
}

impl<'de, M: Members<'de>> Visitor<'de> for Reader<'_, M, M::Name> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of unique members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let (mut seen, mut strangers, mut count) = (0, Vec::new(), 0);
        while let Some(Text(name)) = access.next_key()? {
            count += 1;
            let repeated = match M::Name::of(&name) {
                Some(known) => {
                    let repeated = seen & known.bit() != 0;
                    seen |= known.bit();
                    if !repeated {
                        *self.under_way = Some(known);
                        self.members.read(known, &mut access)?;
                        *self.under_way = None;
                    }
                    repeated
                }
                None => {
                    access.next_value::<Legible>()?;
                    let repeated = strangers.contains(&name);
                    strangers.push(name);
                    repeated
                }
            };
            if repeated || count > MAX_MEMBERS {
                return Err(A::Error::custom("a member comes twice, or there are too many"));
            }
        }
        Ok(())
    }
}

const MAX_MEMBERS: usize = 256;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    names!(Letter {
        "a" => A,
        "b" => B,
    });

    #[derive(Debug, Default, PartialEq)]
    struct Letters<'a> {
        a: Option<Cow<'a, str>>,
        b: Option<Vec<u8>>,
    }

    impl<'de> Members<'de> for Letters<'de> {
        type Name = Letter;

        fn read<A: MapAccess<'de>>(&mut self, name: Letter, access: &mut A) -> Result<(), A::Error> {
            match name {
                Letter::A => self.a = Some(access.next_value::<Text<'_>>()?.0),
                Letter::B => self.b = Some(access.next_value()?),
            }
            Ok(())
        }
    }

    fn read(text: &str) -> Result<Letters<'_>, Unread> {
        read_members(text.as_bytes())
    }

    #[test]
    fn known_members_are_read_and_texts_are_borrowed() {
        let letters = read(r#"{"x":{"y":[1,2,{}]},"b":[7],"a":"A"}"#).unwrap();
        assert_eq!(letters, Letters { a: Some("A".into()), b: Some(vec![7]) });
        assert!(matches!(letters.a, Some(Cow::Borrowed(_))));
        let escaped = read(r#"{"\u0061":"\u0041"}"#).unwrap();
        assert_eq!(escaped.a.as_deref(), Some("A"), "an escaped name is the name that it writes");
        assert_eq!(read(" {} \n"), Ok(Letters::default()));
        assert_eq!((Letter::of("b"), Letter::B.text(), Letter::B.bit()), (Some(Letter::B), "b", 2));
    }

    #[test]
    fn a_member_of_the_wrong_type_is_named() {
        for (text, name) in [
            (r#"{"a":7}"#, "a"),
            (r#"{"a":null}"#, "a"),
            (r#"{"a":["A"]}"#, "a"),
            (r#"{"a":"A","b":[256]}"#, "b"),
            (r#"{"b":{},"a":7}"#, "b"),
        ] {
            assert_eq!(read(text), Err(Unread::Member(name)), "{text}");
        }
    }

    #[test]
    fn a_member_that_comes_twice_is_refused() {
        for twice in [
            r#"{"a":"1","a":"1"}"#,
            r#"{"a":"1","a":2}"#,
            r#"{"a":"1","\u0061":"1"}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"x":1,"a":"2","\u0078":1}"#,
        ] {
            assert_eq!(read(twice), Err(Unread::Object), "{twice}");
        }
    }

    #[test]
    fn what_is_no_object_is_nothing() {
        let deep = format!("{{\"x\":{}", "[".repeat(5_000));
        for wrong in [
            "",
            "[]",
            "1",
            "null",
            "\"a\"",
            "{",
            "{}{}",
            "{}x",
            r#"{"a"}"#,
            r#"{"a":1e400}"#,
            r#"{"x":01}"#,
            "\u{feff}{}",
            &deep,
        ] {
            assert_eq!(read(wrong), Err(Unread::Object), "{wrong:.20}");
        }
        // Also in what is let go.
        for bytes in [b"{\"a\":\"\xff\"}", b"{\"x\":\"\xff\"}", b"{\"\xff\":\"x\"}"] {
            assert_eq!(read_members::<Letters<'_>>(bytes), Err(Unread::Object));
        }
    }

    #[test]
    fn members_are_counted() {
        for (members, good) in [(256, true), (257, false)] {
            let members: Vec<_> = (0..members).map(|member| format!("\"x{member}\":0")).collect();
            assert_eq!(read(&format!("{{{}}}", members.join(","))).is_ok(), good);
        }
    }
}
