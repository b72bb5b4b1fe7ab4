//! Exchanged tokens whose type says what they grant.

use auth_layer::exchange::ExchangeErrorKind;
use auth_layer::testing::{Endpoint, Fault, User};
use auth_layer::token::Grants;
use auth_layer::{AccessToken, require_auth};
use tests::{BILLING, SHOP};

use super::kit::{exchanges, kind, site, token};
use crate::scopes::ReadInvoices;

#[require_auth(scopes = ["read:invoices"], registry = crate::scopes)]
struct ReadsInvoices;

#[require_auth(scopes = ["read:products"], registry = crate::scopes)]
struct ReadsProducts;

#[require_auth(scopes = ["read:invoices", "pay:invoices"], registry = billing)]
struct PaysInvoices;

mod billing {
    auth_layer::scopes! {
        pub(crate) api Billing = "https://billing.shop.example" {
            ReadInvoices = "read:invoices",
            PayInvoices = "pay:invoices",
        }
    }
}

fn list(token: &AccessToken<impl Grants<ReadInvoices>>) -> String {
    format!("{} {}", token.audience().unwrap_or_default(), token.scopes())
}

#[tokio::test]
async fn a_function_that_needs_a_scope_takes_the_token_that_was_exchanged_for_it() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let billing = site.auth.exchange_for::<ReadsInvoices>(&ada).await.unwrap();
    assert_eq!(list(&billing), format!("{BILLING} read:invoices"));
    site.auth.exchange_for::<ReadsInvoices>(&ada).await.unwrap();
    assert_eq!(exchanges(&site), 1);
    let shop = site.auth.exchange_for::<ReadsProducts>(&billing).await.unwrap();
    assert_eq!((shop.audience(), shop.scopes().as_str()), (Some(SHOP), "read:products"));
}

#[tokio::test]
async fn a_token_that_grants_less_is_no_token_and_the_missing_is_named() {
    let site = site().open().await;
    let visitor = site.visitor();
    visitor.log_in(&User::bob()).await;
    let bob = token(&site, &visitor).await;
    for _ in 0..3 {
        let error = site.auth.exchange_for::<PaysInvoices>(&bob).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.missing()),
            (ExchangeErrorKind::MissingScopes, &["pay:invoices".into()][..])
        );
        assert!(error.to_string().ends_with("(pay:invoices)"), "{error}");
    }
    assert_eq!(exchanges(&site), 1, "that it grants less is known by now");
    let ada = token(&site, &site.ada().await).await;
    assert!(site.auth.exchange_for::<PaysInvoices>(&ada).await.is_ok());
}

#[tokio::test]
async fn an_answer_with_another_scope_than_asked_for_grants_nothing_that_it_does_not_say() {
    for (scope, missing) in [
        (serde_json::json!(""), true),
        (serde_json::json!("read"), true),
        (serde_json::json!("read:invoices:all READ:INVOICES"), true),
        (serde_json::json!("other read:invoices"), false),
        // As it was asked for (RFC 8693 §2.2.1).
        (serde_json::Value::Null, false),
    ] {
        let site = site().open().await;
        let ada = token(&site, &site.ada().await).await;
        let told = scope.clone();
        site.op.fault(Endpoint::Token, Fault::rewrite(move |answer| answer["scope"] = told.clone()));
        let outcome = site.auth.exchange_for::<ReadsInvoices>(&ada).await;
        match missing {
            true => assert_eq!(kind(outcome), ExchangeErrorKind::MissingScopes, "{scope}"),
            false => assert!(outcome.is_ok(), "{scope}"),
        }
    }
}
