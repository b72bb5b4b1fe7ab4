//! Descriptions of a definition, as documentation of the program.

use proc_macro2::Span;
use syn::parse_quote_spanned;

/// Documentation from the definition, where the program has none.
pub(crate) fn document(attributes: &mut Vec<syn::Attribute>, description: Option<&str>, span: Span) {
    if let Some(description) = description
        && !attributes.iter().any(|attribute| attribute.path().is_ident("doc"))
    {
        for line in description.lines() {
            let line = format!(" {}", plain(line));
            attributes.push(parse_quote_spanned!(span=> #[doc = #line]));
        }
    }
}

/// A line that rustdoc shows as it is: of a description nothing becomes a link, markup, or a block of code,
/// which `cargo test` would run.
fn plain(line: &str) -> String {
    let mut shown = String::new();
    for character in line.trim().chars() {
        // Any ASCII punctuation may be escaped (CommonMark §2.4).
        if character.is_ascii_punctuation()
            && !matches!(character, ',' | '.' | '\'' | '"' | '(' | ')' | '-' | '/' | '?')
        {
            shown.push('\\');
        }
        shown.push(character);
    }
    shown
}
