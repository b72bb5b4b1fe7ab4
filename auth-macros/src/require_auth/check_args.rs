//! Every refusal of the arguments that needs no types.

use std::collections::HashMap;

use crate::fallback::Refusals;
use crate::require_auth::args::Args;
use crate::require_auth::values::{Entry, List, Texts};
use crate::scope_grammar;

pub(super) fn check_args(args: &Args, refusals: &mut Refusals) {
    for list in args.lists() {
        check_list(list, refusals);
    }
    check_scope_repeats(args, refusals);
    for (what, all, any) in args.texts() {
        check_texts(what, all, any, refusals);
    }
    for (what, text) in [
        ("an audience", args.audience.as_ref()),
        ("an organization", args.organization.as_ref().and_then(|organization| organization.name.as_ref())),
    ] {
        if let Some(text) = text.filter(|text| text.value().trim().is_empty()) {
            let default = if what == "an audience" {
                "leave `audience` out for the configured one"
            } else {
                "write `organization` alone for any"
            };
            refusals.at(text, format!("{what} cannot be empty: {default}"));
        }
    }
    if let Some(max_age) = args.max_age.as_ref().filter(|max_age| max_age.number == 0) {
        let message = "a user who has just authenticated did so a moment ago: write at least `max_age = 1`";
        refusals.add(syn::Error::new(max_age.span, message));
    }
    check_length_of_acr(args, refusals);
    check_principal(args, refusals);
}

/// A login reads no more than this, and would end without the classes that its page asks for, again and again.
fn check_length_of_acr(args: &Args, refusals: &mut Refusals) {
    let Some(acr) = &args.acr else { return };
    let length: usize = acr.entries.iter().map(|class| class.value().len() + 1).sum();
    if length > MAX_ACR_BYTES + 1 {
        refusals.at(
            &acr.key,
            format!(
                "these classes are {} bytes long together, and a login takes {MAX_ACR_BYTES}: name fewer",
                length - 1
            ),
        );
    }
}

fn check_list(List { key, entries, is_empty }: &List, refusals: &mut Refusals) {
    if *is_empty {
        refusals
            .at(key, format!("`{key}` is empty: name a scope, or leave `{key}` out to require a login only"));
    }
    for entry in entries {
        if let Entry::Text(text) = entry
            && let Some(message) = scope_grammar::refuse(&text.value())
        {
            refusals.at(text, message);
        }
    }
}

fn check_scope_repeats(args: &Args, refusals: &mut Refusals) {
    let mut seen = HashMap::new();
    for List { key, entries, .. } in args.lists() {
        for entry in entries {
            let written = entry.written();
            let Some(before) = seen.insert(written.clone(), key) else { continue };
            let message = if before == key {
                format!("the scope `{written}` is in `{key}` twice: remove one")
            } else {
                format!(
                    "the scope `{written}` is in `scopes` already: what all need, any has; remove it from `any_scopes`"
                )
            };
            refusals.add(syn::Error::new(entry.span(), message));
        }
    }
}

fn check_texts(what: &str, all: Option<&Texts>, any: Option<&Texts>, refusals: &mut Refusals) {
    let mut seen = HashMap::new();
    for Texts { key, entries, is_empty } in all.into_iter().chain(any) {
        if *is_empty {
            refusals.at(key, format!("`{key}` is empty: name a {what}, or leave `{key}` out"));
        }
        for entry in entries {
            let text = entry.value();
            if let Some(message) = refuse_text(what, key == "acr", &text) {
                refusals.at(entry, message);
            } else if let Some(before) = seen.insert(text.clone(), key) {
                let message = if before == key {
                    format!("the {what} `{text}` is in `{key}` twice: remove one")
                } else {
                    format!(
                        "the {what} `{text}` is in `{before}` already: what all need, any has; remove it from `{key}`"
                    )
                };
                refusals.at(entry, message);
            }
        }
    }
}

/// A class of authentication is one word of a list with spaces (OpenID Connect Core §3.1.2.1), and
/// stands between quotes in a challenge (RFC 9470 §3).
fn refuse_text(what: &str, is_word: bool, text: &str) -> Option<String> {
    if text.trim() != text || text.is_empty() {
        return Some(format!(
            "a {what} cannot be empty, nor begin or end with a space: write it as the provider does"
        ));
    }
    if text.chars().any(char::is_control) {
        return Some(format!("a {what} has no control characters in it"));
    }
    if is_word && text.contains(' ') {
        let list: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
        return Some(format!("these are classes in one string: write `acr = [{}]`", list.join(", ")));
    }
    if is_word && !text.chars().all(|character| character.is_ascii_graphic()) {
        return Some(format!("a {what} is written in ASCII"));
    }
    None
}

fn check_principal(args: &Args, refusals: &mut Refusals) {
    let Some(client) = &args.client else { return };
    if let Some(user) = &args.user {
        refusals.at(user, "a token stands for a user or for a client: remove one, or both to take either");
    }
    let authentication = args.acr.as_ref().map(|acr| (acr.key.span(), "acr"));
    let authentication =
        authentication.or_else(|| args.max_age.as_ref().map(|max_age| (max_age.span, "max_age")));
    if let Some((span, key)) = authentication {
        let message = format!("a client does not log in, so `{key}` is never met: remove it, or `{client}`");
        refusals.add(syn::Error::new(span, message));
    }
}

/// What `MAX_CHOSEN_BYTES` is to the layer's login.
const MAX_ACR_BYTES: usize = 512;
