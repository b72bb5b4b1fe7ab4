//! Answers that are no answer: each is what an attacker, or a broken provider, may send.

use auth_layer::exchange::{ExchangeErrorKind, ExchangeRequest};
use auth_layer::testing::{Endpoint, Fault, TestAccessToken};
use serde_json::{Value, json};
use tests::{BILLING, SHOP};

use super::kit::{exchanges, invoices, kind, site, token};

#[tokio::test]
async fn a_token_of_another_audience_is_not_handed_out() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let of = |audience: &str| {
        site.op.issue_access_token(TestAccessToken::new("local|ada").with_audience(audience))
    };
    let several = TestAccessToken::new("local|ada").with_audience(SHOP).add_audience("https://other.example");
    let (shop, several) = (of(SHOP), site.op.issue_access_token(several));
    let right = TestAccessToken::new("local|ada").with_audience(SHOP).add_audience(BILLING);
    let right = site.op.issue_access_token(right);
    for (number, (answered, is_right)) in
        [(shop, false), (several, false), (right, true), ("opaque.token".to_owned(), true)]
            .into_iter()
            .enumerate()
    {
        let told = answered.clone();
        site.op.fault(Endpoint::Token, Fault::rewrite(move |answer| answer["access_token"] = json!(told)));
        let request = invoices().with_scopes([format!("s{number}").as_str(), "read:invoices"]);
        let outcome = site.auth.exchange(&ada, request).await;
        match is_right {
            true => assert_eq!(outcome.unwrap().expose(), answered),
            false => assert_eq!(kind(outcome), ExchangeErrorKind::OtherAudience),
        }
    }
}

#[tokio::test]
async fn what_is_no_bearer_token_of_a_sound_lifetime_is_no_answer() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let members: Vec<(&str, Value, bool)> = vec![
        ("token_type", json!("N_A"), false),
        ("token_type", json!("DPoP"), false),
        ("token_type", json!("bearer"), true),
        ("token_type", Value::Null, false),
        ("issued_token_type", json!("urn:ietf:params:oauth:token-type:refresh_token"), false),
        ("issued_token_type", json!("urn:ietf:params:oauth:token-type:saml2"), false),
        ("issued_token_type", json!("urn:ietf:params:oauth:token-type:id_token"), false),
        ("issued_token_type", json!(""), false),
        ("issued_token_type", json!(7), false),
        ("issued_token_type", json!("urn:ietf:params:oauth:token-type:jwt"), true),
        ("issued_token_type", Value::Null, true),
        ("access_token", json!("x".repeat(16 * 1024 + 1)), false),
        ("access_token", json!("x".repeat(16 * 1024)), true),
        ("access_token", json!(""), false),
        ("access_token", json!("a\r\nb: c"), false),
        ("access_token", json!("a b"), false),
        ("access_token", json!("\u{e4}"), false),
        ("access_token", Value::Null, false),
        ("expires_in", json!(0), false),
        ("expires_in", json!(-1), false),
        ("expires_in", json!(1e300), false),
        ("expires_in", json!("soon"), false),
        ("expires_in", json!("60"), true),
        ("expires_in", json!(u64::MAX), true),
        ("expires_in", Value::Null, true),
        ("scope", json!(["read:invoices"]), false),
        ("refresh_token", json!("a-refresh-token"), true),
        ("id_token", json!("a.b.c"), true),
    ];
    for (number, (member, value, is_sound)) in members.into_iter().enumerate() {
        let (name, told) = (member, value.clone());
        site.op.fault(Endpoint::Token, Fault::rewrite(move |answer| answer[name] = told.clone()));
        let request =
            ExchangeRequest::for_audience(BILLING).with_scopes(["read:invoices", &format!("s{number}")]);
        let outcome = site.auth.exchange(&ada, request).await;
        let shown = value.to_string();
        match is_sound {
            true => {
                let token = outcome.unwrap_or_else(|error| panic!("{member} {shown:.80}: {error}"));
                assert!(token.expires_at() <= ada.expires_at(), "{member} {shown:.80}");
            }
            false => assert_eq!(kind(outcome), ExchangeErrorKind::Unavailable, "{member} {shown:.80}"),
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    site.op.fault_times(Endpoint::Token, Fault::Flood(2 * 1024 * 1024), 1);
    assert_eq!(kind(site.auth.exchange(&ada, invoices()).await), ExchangeErrorKind::Unavailable);
    assert_eq!(exchanges(&site), 1);
}

#[tokio::test]
async fn no_token_is_shown_by_what_can_be_printed() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let billing = site.auth.exchange(&ada, invoices()).await.unwrap();
    let refused = site.auth.exchange(&ada, ExchangeRequest::for_audience("https://unknown.example")).await;
    let request = invoices().with_actor(&ada).instead_of(&billing);
    let texts = format!("{request:?} {request:#?} {billing:?} {refused:?} {:?}", site.auth);
    for secret in [ada.expose(), billing.expose()] {
        let signature = secret.rsplit('.').next().unwrap();
        assert!(!texts.contains(secret) && !texts.contains(signature), "{texts}");
    }
    assert!(billing.authorization().is_sensitive());
}
