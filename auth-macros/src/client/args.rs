//! The syntax of `client!`: where things are found, the trait, its definition, and names for its methods.

use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, LitStr, Path, Token, Visibility, braced};

use crate::paths::AuthLayer;

/// `pub trait ProductsClient from "products.openapi.yaml" { list = "listProducts" }`.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) auth_layer: AuthLayer,
    pub(super) registry: Option<Path>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
    pub(super) definition: LitStr,
    pub(super) renamed: Vec<Renamed>,
}

/// A method that is named here, by its operation.
#[derive(Debug)]
pub(super) struct Renamed {
    pub(super) name: Ident,
    pub(super) operation: LitStr,
}

impl Parse for Client {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut auth_layer = AuthLayer::default();
        let mut registry = None;
        while let Some(key) = key(input) {
            input.parse::<Token![=]>()?;
            let path = path(&key, input)?;
            input.parse::<Token![;]>()?;
            if key == "crate" {
                auth_layer = AuthLayer::at(path);
            } else {
                registry = Some(path);
            }
        }
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        input.parse::<Token![trait]>().map_err(|error| syn::Error::new(error.span(), TRAIT))?;
        let name: Ident = input.parse()?;
        input.parse::<Ident>().ok().filter(|word| word == "from").ok_or_else(|| {
            syn::Error::new(
                name.span(),
                format!(
                    "a client is written from a definition: `trait {name} from \"products.openapi.yaml\";`"
                ),
            )
        })?;
        let definition = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                "a definition is named by its path, as in `from \"products.openapi.yaml\"`",
            )
        })?;
        let renamed = if input.peek(syn::token::Brace) {
            let body;
            braced!(body in input);
            Punctuated::<Renamed, Token![,]>::parse_terminated(&body)?.into_iter().collect()
        } else {
            // At the end it may be left out.
            input.parse::<Option<Token![;]>>()?;
            Vec::new()
        };
        if !input.is_empty() {
            return Err(input.error("one client in one `client!`: write another one for another trait"));
        }
        Ok(Self { auth_layer, registry, attributes, visibility, name, definition, renamed })
    }
}

impl Parse for Renamed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        input.parse::<Token![=]>()?;
        let operation = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                format!(
                    "an operation is a string: `{name} = \"listProducts\"`, or `{name} = \"GET /products\"`"
                ),
            )
        })?;
        Ok(Self { name, operation })
    }
}

impl ToTokens for Renamed {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        self.operation.to_tokens(tokens);
    }
}

/// `crate` or `registry`, where a path follows.
fn key(input: ParseStream<'_>) -> Option<String> {
    if input.peek(Token![crate]) && input.peek2(Token![=]) {
        return input.parse::<Token![crate]>().ok().map(|_| "crate".to_owned());
    }
    let is_registry = input.fork().parse::<Ident>().is_ok_and(|word| word == "registry");
    (is_registry && input.peek2(Token![=]))
        .then(|| input.parse::<Ident>().map_or_else(|_| String::new(), |word| word.to_string()))
}

fn path(key: &str, input: ParseStream<'_>) -> syn::Result<Path> {
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let message = format!("expected a path, without quotes: write `{key} = {};`", text.value());
        return Err(syn::Error::new(text.span(), message));
    }
    input.call(Path::parse_mod_style)
}

const TRAIT: &str = "expected a trait: `pub trait ProductsClient from \"products.openapi.yaml\";`";
