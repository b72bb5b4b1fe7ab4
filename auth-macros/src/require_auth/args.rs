//! The syntax of the attribute: `key = value` or `key`, separated by commas.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitStr, Path, Token};

use crate::fallback::Refusals;
use crate::paths::AuthLayer;
use crate::require_auth::keys::{REFUSED, example, is_flag, is_known, unknown};
use crate::require_auth::values::{List, Seconds, Texts, path, value};

/// The arguments as they were written.
#[derive(Debug, Default)]
pub(super) struct Args {
    pub(super) scopes: Option<List>,
    pub(super) any_scopes: Option<List>,
    pub(super) permissions: Option<Texts>,
    pub(super) any_permissions: Option<Texts>,
    pub(super) roles: Option<Texts>,
    pub(super) any_roles: Option<Texts>,
    pub(super) acr: Option<Texts>,
    pub(super) max_age: Option<Seconds>,
    pub(super) organization: Option<Organization>,
    pub(super) user: Option<Ident>,
    pub(super) client: Option<Ident>,
    pub(super) audience: Option<LitStr>,
    pub(super) registry: Option<Path>,
    pub(super) auth_layer: Option<Path>,
    /// The attribute around this one is refused already.
    pub(super) is_refused: bool,
}

/// The key `organization`, alone for any or with the one.
#[derive(Debug)]
pub(super) struct Organization {
    pub(super) key: Ident,
    pub(super) name: Option<LitStr>,
}

impl Args {
    /// Parses what can be parsed, and refuses the rest.
    pub(super) fn parse(tokens: TokenStream) -> (Self, Refusals) {
        let parser = |input: ParseStream<'_>| {
            let (mut args, mut refusals) = (Self::default(), Refusals::default());
            while !input.is_empty() {
                if let Err(error) = args.parse_one(input, &mut refusals) {
                    refusals.add(error);
                    skip_to_comma(input)?;
                }
                if !input.is_empty() {
                    if !input.peek(Token![,]) {
                        refusals.add(input.error("expected `,`"));
                        skip_to_comma(input)?;
                    }
                    input.parse::<Option<Token![,]>>()?;
                }
            }
            Ok((args, refusals))
        };
        parser.parse2(tokens).unwrap_or_else(|error| {
            let mut refusals = Refusals::default();
            refusals.add(error);
            (Self::default(), refusals)
        })
    }

    fn parse_one(&mut self, input: ParseStream<'_>, refusals: &mut Refusals) -> syn::Result<()> {
        if input.peek(LitStr) {
            let scope: LitStr = input.parse()?;
            let message =
                format!("say whether all are required or any one: write `scopes = [{:?}]`", scope.value());
            return Err(syn::Error::new(scope.span(), message));
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected `key = value`, as in `scopes = [\"read:products\"]`"));
        }
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        if !is_known(&name) {
            return Err(syn::Error::new(key.span(), unknown(&name)));
        }
        let has_value = input.peek(Token![=]);
        if is_flag(&name) && has_value {
            return Err(syn::Error::new(key.span(), format!("`{name}` stands alone: write `{name}`")));
        }
        if !has_value && !is_flag(&name) && name != "organization" {
            return Err(syn::Error::new(key.span(), format!("write `{name} = {}`", example(&name))));
        }
        input.parse::<Option<Token![=]>>()?;
        if !self.put(&name, &key, has_value, input, refusals)? {
            let message = match name.as_str() {
                "scopes" | "any_scopes" | "permissions" | "any_permissions" | "roles" | "any_roles" => {
                    format!("`{name}` is given twice: write one list")
                }
                _ => format!("`{name}` is given twice: write it once"),
            };
            refusals.at(key, message);
        }
        Ok(())
    }

    /// Parses the value of a key; whether it is the key's first.
    fn put(
        &mut self,
        name: &str,
        key: &Ident,
        has_value: bool,
        input: ParseStream<'_>,
        refusals: &mut Refusals,
    ) -> syn::Result<bool> {
        Ok(match name {
            "scopes" => first(&mut self.scopes, List::parse(key.clone(), input, refusals)?),
            "any_scopes" => first(&mut self.any_scopes, List::parse(key.clone(), input, refusals)?),
            "permissions" => first(&mut self.permissions, Texts::parse(key.clone(), input, refusals)?),
            "any_permissions" => {
                first(&mut self.any_permissions, Texts::parse(key.clone(), input, refusals)?)
            }
            "roles" => first(&mut self.roles, Texts::parse(key.clone(), input, refusals)?),
            "any_roles" => first(&mut self.any_roles, Texts::parse(key.clone(), input, refusals)?),
            "acr" => first(&mut self.acr, Texts::parse_one_or_more(key.clone(), input, refusals)?),
            "max_age" => first(&mut self.max_age, Seconds::parse(key, input)?),
            "organization" => {
                let name = if has_value { Some(value(name, input)?) } else { None };
                first(&mut self.organization, Organization { key: key.clone(), name })
            }
            "user" => first(&mut self.user, key.clone()),
            "client" => first(&mut self.client, key.clone()),
            "audience" => first(&mut self.audience, value(name, input)?),
            "registry" => first(&mut self.registry, path(name, input)?),
            REFUSED => {
                self.is_refused = true;
                true
            }
            _ => first(&mut self.auth_layer, path(name, input)?),
        })
    }

    /// Returns where auth-layer is found.
    pub(super) fn auth_layer(&self) -> AuthLayer {
        self.auth_layer.clone().map_or_else(AuthLayer::default, AuthLayer::at)
    }

    /// Returns the entries of both lists of scopes, in the order written within each.
    pub(super) fn lists(&self) -> impl Iterator<Item = &List> {
        self.scopes.iter().chain(&self.any_scopes)
    }

    /// Returns the lists of texts that are together required: all of the first, any of the second.
    pub(super) fn texts(&self) -> [(&'static str, Option<&Texts>, Option<&Texts>); 3] {
        [
            ("permission", self.permissions.as_ref(), self.any_permissions.as_ref()),
            ("role", self.roles.as_ref(), self.any_roles.as_ref()),
            ("class of authentication", None, self.acr.as_ref()),
        ]
    }
}

fn first<T>(place: &mut Option<T>, value: T) -> bool {
    let is_first = place.is_none();
    place.get_or_insert(value);
    is_first
}

/// Goes on after an error, so that the next one is told too.
pub(super) fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
