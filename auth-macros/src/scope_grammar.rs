//! The text of one scope: `scope-token` of RFC 6749 §3.3.
//!
//! # Rules
//! `1*( %x21 / %x23-5B / %x5D-7E )`: printable ASCII without space, `"` and `\`.

/// Returns what is wrong with the text of a scope and the line to write, `None` where it is right.
pub(crate) fn refuse(scope: &str) -> Option<String> {
    if scope.is_empty() {
        return Some("a scope cannot be empty: write its name, as in \"read:products\"".to_owned());
    }
    let wrong = scope.chars().find(|character| !is_allowed(*character))?;
    if scope.contains(' ') {
        let list: Vec<String> = scope.split_whitespace().map(|word| format!("{word:?}")).collect();
        return Some(match list.as_slice() {
            [] => "a scope cannot be blank: write its name, as in \"read:products\"".to_owned(),
            [one] => format!("a scope has no space in it (RFC 6749 §3.3): write {one}"),
            many => format!("this is a list of scopes in one string: write {}", many.join(", ")),
        });
    }
    Some(format!(
        "{wrong:?} cannot be in a scope: write printable ASCII without space, quote and backslash (RFC 6749 §3.3)"
    ))
}

const fn is_allowed(character: char) -> bool {
    matches!(character, '\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_that_of_rfc_6749() {
        for code in 0..=0x2FF_u32 {
            let character = char::from_u32(code).unwrap();
            let allowed = code == 0x21 || (0x23..=0x5B).contains(&code) || (0x5D..=0x7E).contains(&code);
            assert_eq!(refuse(&format!("a{character}b")).is_none(), allowed, "{code:#x}");
        }
    }

    #[test]
    fn a_refusal_says_the_line_to_write() {
        let cases = [
            ("", "cannot be empty"),
            ("  ", "cannot be blank"),
            (" read", "write \"read\""),
            ("read write", "write \"read\", \"write\""),
            ("a\"b", "'\"' cannot be in a scope"),
            ("a\\b", "'\\\\' cannot be in a scope"),
            ("scöpe", "'ö' cannot be in a scope"),
        ];
        for (scope, message) in cases {
            let found = refuse(scope).unwrap();
            assert!(found.contains(message), "{scope:?}: {found}");
        }
    }
}
