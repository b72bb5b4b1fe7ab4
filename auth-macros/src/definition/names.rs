//! The name of the type that stands for a scope.

/// `ReadProducts` for `read:products`; nothing where no name comes of it.
pub(crate) fn type_name(scope: &str) -> Option<String> {
    let words =
        scope.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.map(capitalised).collect();
    // `Self` is the one keyword that is written so.
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic()) && name != "Self";
    is_name.then_some(name)
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_and_what_begins_with_no_letter_is_no_name() {
        for (scope, name) in [
            ("read:products", Some("ReadProducts")),
            ("products.read_all", Some("ProductsReadAll")),
            ("offline_access", Some("OfflineAccess")),
            ("https://graph.example/User.Read", Some("HttpsGraphExampleUserRead")),
            ("createAny", Some("CreateAny")),
            ("v2:read", Some("V2Read")),
            ("2fa", None),
            ("self", None),
            (":", None),
            ("", None),
        ] {
            assert_eq!(type_name(scope).as_deref(), name, "{scope}");
        }
    }
}
