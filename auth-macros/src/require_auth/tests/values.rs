//! What is required beside scopes.

use quote::quote;

use super::{expansion, refusals};

#[test]
fn what_is_required_beside_scopes_is_in_the_rule() {
    insta::assert_snapshot!(expansion(
        quote!(
            permissions = ["products:write"],
            any_permissions = ["a", "b"],
            roles = ["shop admin"],
            any_roles = ["x"],
            acr = ["urn:example:mfa", "urn:example:pin"],
            max_age = 5 * 60,
            organization = "org_1",
            user
        ),
        quote!(
            async fn products(token: AccessToken) {}
        ),
    ));
}

#[test]
fn values_that_can_never_be_met_are_refused() {
    let (half, other_half) = ("a".repeat(256), "b".repeat(256));
    let cases = [
        (quote!(acr = [#half, #other_half]), "513 bytes long together"),
        (quote!(permissions = []), "`permissions` is empty"),
        (quote!(roles = [""]), "cannot be empty, nor begin"),
        (quote!(roles = ["a", "a"]), "in `roles` twice"),
        (quote!(roles = ["a"], any_roles = ["a"]), "is in `roles` already"),
        (quote!(roles = [admin]), "in quotes: write \"admin\""),
        (quote!(roles = [7]), "expected a string"),
        (quote!(roles = "admin"), "this is a list"),
        (quote!(acr = "gold silver"), "write `acr = [\"gold\", \"silver\"]`"),
        (quote!(acr = ["or\u{e9}"]), "written in ASCII"),
        (quote!(max_age = 0), "at least `max_age = 1`"),
        (quote!(max_age = "5m"), "a number of seconds: `max_age = 300`"),
        (quote!(max_age = 5m), "a number of seconds"),
        (quote!(max_age = 99999999999999999999999), "number too large"),
        (quote!(max_age = 5 * m), "a number of seconds"),
        (quote!(max_age = 5 *), "a number of seconds"),
        (quote!(max_age = 5 + 60), "a number of seconds"),
        (quote!(max_age = 9999999999 * 9999999999), "a number of seconds"),
        (quote!(max_age), "write `max_age = 300`"),
        (quote!(user = true), "write `user`"),
        (quote!(user, client), "a user or for a client"),
        (quote!(client, max_age = 5), "`max_age` is never met"),
        (quote!(client, acr = "a"), "`acr` is never met"),
        (quote!(organization = ""), "write `organization` alone"),
        (quote!(organization = acme), "expected a string"),
    ];
    for (args, expected) in cases {
        let item = quote!(
            async fn products(token: AccessToken) {}
        );
        let found = refusals(args.clone(), item);
        assert!(matches!(&found[..], [one] if one.contains(expected)), "{args}: {found:?}");
    }
}
