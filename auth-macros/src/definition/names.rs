//! The names that a program gives to what a definition names: a type for a scope, a method for an operation.

/// `ReadProducts` for `read:products`; nothing where no name comes of it.
pub(crate) fn type_name(scope: &str) -> Option<String> {
    let words =
        scope.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.map(capitalised).collect();
    // `Self` is the one keyword that is written so.
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic()) && name != "Self";
    is_name.then_some(name)
}

/// `list_products` for `listProducts`, `get_products_id` for `GET /products/{id}`; nothing where no name
/// comes of it.
pub(crate) fn method_name(operation: &str) -> Option<String> {
    let characters: Vec<char> = operation.chars().collect();
    let mut words = vec![String::new()];
    for (at, character) in characters.iter().enumerate() {
        let is_lower = |at: usize| characters.get(at).is_some_and(|next| next.is_ascii_lowercase());
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        // `listProducts`, and the last letter of `HTTPInfo`'s first word.
        let begins = character.is_ascii_uppercase()
            && before.is_some_and(|before| !before.is_ascii_uppercase() || is_lower(at + 1));
        if begins || !character.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| character.is_ascii_alphanumeric()) {
            word.push(character.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    let name = words.join("_");
    // The keywords that cannot be written raw.
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !matches!(name.as_str(), "self" | "super" | "crate");
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
    fn a_method_is_named_in_words() {
        for (operation, name) in [
            ("listProducts", Some("list_products")),
            ("ListProducts", Some("list_products")),
            ("list-products.v2", Some("list_products_v2")),
            ("getHTTPInfo", Some("get_http_info")),
            ("Products_List", Some("products_list")),
            ("GET /products/{id}", Some("get_products_id")),
            ("type", Some("type")),
            ("self", None),
            ("2fa", None),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(method_name(operation).as_deref(), name, "{operation}");
        }
    }

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
