//! The error for the text of a scope that no API declares, at the text itself.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{LitStr, Token, bracketed};

use crate::suggest::nearest;

/// Takes the path of auth-layer, the text that was written, and all that are declared.
///
/// Returns a type, because it is called where one belongs: one whose error makes rustc say nothing more.
pub(crate) fn unknown(tokens: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let auth_layer;
        bracketed!(auth_layer in input);
        let auth_layer: TokenStream = auth_layer.parse()?;
        if !input.peek(LitStr) {
            return Err(input.error("`scope!` takes the text of one scope: `scope!(\"read:products\")`"));
        }
        let written: LitStr = input.parse()?;
        input.parse::<Token![,]>()?;
        let declared = Punctuated::<LitStr, Token![,]>::parse_terminated(input)?;
        let declared: Vec<String> = declared.iter().map(LitStr::value).collect();
        let error =
            syn::Error::new(written.span(), message(&written.value(), &declared)).into_compile_error();
        Ok(quote!(#auth_layer::__private::UnknownScope<{ #error }>))
    };
    parser.parse2(tokens).unwrap_or_else(syn::Error::into_compile_error)
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
