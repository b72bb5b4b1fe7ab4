//! The error for the text of a scope that no API declares, at the text itself.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{LitStr, Token};

use crate::suggest::nearest;

/// Takes the text that was written, then all that are declared.
pub(crate) fn unknown(tokens: TokenStream) -> TokenStream {
    match Punctuated::<LitStr, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(texts) => {
            let mut texts = texts.into_iter();
            let Some(written) = texts.next() else { return TokenStream::new() };
            let declared: Vec<String> = texts.map(|text| text.value()).collect();
            syn::Error::new(written.span(), message(&written.value(), &declared)).into_compile_error()
        }
        Err(_) => syn::Error::new(
            proc_macro2::Span::call_site(),
            "`scope!` takes the text of one scope: `scope!(\"read:products\")`",
        )
        .into_compile_error(),
    }
}

fn message(written: &str, declared: &[String]) -> String {
    let meant = nearest(written, declared.iter().map(String::as_str))
        .map(|meant| format!(", did you mean {meant:?}?"))
        .unwrap_or_default();
    let shown: Vec<String> = declared.iter().take(SHOWN).map(|scope| format!("{scope:?}")).collect();
    let more = match declared.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("unknown scope {written:?}{meant}\ndeclared: {}{more}", shown.join(", "))
}

/// A longer list is not read.
const SHOWN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let declared: Vec<String> = (0..30).map(|number| format!("scope:{number}")).collect();
        let message = message("nothing", &declared);
        assert!(message.starts_with("unknown scope \"nothing\"\ndeclared: \"scope:0\", "), "{message}");
        assert!(message.ends_with("\"scope:19\" and 10 more"), "{message}");
    }
}
