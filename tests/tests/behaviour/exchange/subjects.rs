//! Which tokens are exchanged: a session's, an API's own caller's, and none that is shown to the wrong one.

use auth_layer::config::{ClientCredentialsConfig, DpopPolicy, TrustedIssuer};
use auth_layer::exchange::ExchangeRequest;
use auth_layer::ledger::Quota;
use auth_layer::machine::MachineTokenRequest;
use auth_layer::testing::{IdentityProvider, TestAccessToken, User, bearer, dpop};
use auth_layer::token::Principal;
use auth_layer::{AccessToken, ClientCredentials};
use http::Request;
use http::header::AUTHORIZATION;
use serde_json::json;
use tests::{Api, BILLING, SHOP};

use super::kit::{bearer_token, captured, claims, exchanges, invoices, kind, site, token};

fn of(subject: &str) -> TestAccessToken {
    TestAccessToken::new(subject).with_audience(SHOP).with_scopes("read:products")
}

#[tokio::test]
async fn an_api_calls_another_on_behalf_of_the_user_who_called_it() {
    let site = site().bearer(|config| config).open().await;
    let called = bearer_token(&site, &site.op.issue_access_token(of("local|bob"))).await;
    let wanted = ExchangeRequest::for_audience(BILLING).with_scopes(["read:invoices", "pay:invoices"]);
    let billing = site.auth.exchange(&called, wanted).await.unwrap();
    assert_eq!((&claims(&billing)["sub"], &claims(&billing)["aud"]), (&json!("local|bob"), &json!(BILLING)));
    assert_eq!(claims(&billing)["client_id"], "shop", "the API asks as its own client");
    assert_eq!((billing.scopes().as_str(), billing.principal()), ("read:invoices", Principal::User));
    let worker =
        bearer_token(&site, &site.op.issue_access_token(TestAccessToken::for_client("worker"))).await;
    let billing = site.auth.exchange(&worker, invoices()).await.unwrap();
    assert_eq!((claims(&billing)["sub"].as_str(), billing.principal()), (Some("worker"), Principal::Client));
}

#[tokio::test]
async fn a_resource_server_alone_says_what_to_configure() {
    let api = Api::open().await;
    let request = Request::get("/captured").header(AUTHORIZATION, bearer(&api.token(Api::ada())));
    let visitor = tests::Visitor::new(api.app(), api.op.clone());
    let called: AccessToken = captured(&api.auth, &visitor, request).await;
    let error = api.auth.exchange(&called, invoices()).await.unwrap_err();
    assert_eq!(format!("{:?}", error.kind()), "NoClient");
    assert!(
        error.to_string().contains("Auth::discover") && error.to_string().contains("with_resource_server")
    );
    assert!(error.is_final());
}

#[tokio::test]
async fn a_token_that_is_bound_to_its_callers_key_is_refused_and_not_sent() {
    let dpop_too = |config: auth_layer::config::ResourceServerConfigBuilder| {
        config.with_base_url(SHOP).with_dpop(DpopPolicy::new())
    };
    let site = site().bearer(dpop_too).open().await;
    let key = site.op.dpop_key();
    let bound = site.op.issue_access_token(of("local|ada").bound_to(key.thumbprint()));
    let proof = key.proof("GET", &format!("{SHOP}/captured"), Some(&bound), None);
    let request = Request::get("/captured").header(AUTHORIZATION, dpop(&bound)).header("dpop", proof);
    let called: AccessToken = captured(&site.auth, &site.visitor(), request).await;
    let error = site.auth.exchange(&called, invoices()).await.unwrap_err();
    assert_eq!(format!("{:?}", error.kind()), "SenderConstrained");
    assert!(error.to_string().contains("DPoP"));
    let free = bearer_token(&site, &site.op.issue_access_token(of("local|ada"))).await;
    let acting = invoices().with_actor(&called);
    assert_eq!(format!("{:?}", kind(site.auth.exchange(&free, acting).await)), "SenderConstrained");
    assert_eq!(exchanges(&site), 0);
}

#[tokio::test]
async fn a_token_of_another_issuer_is_not_shown_to_the_clients_own() {
    let clock = auth_layer::Clock::manual(auth_layer::Timestamp::from_unix_seconds(1_800_000_000));
    let other = IdentityProvider::builder().clock(clock).own_keys().start().await.unwrap();
    let issuer = TrustedIssuer::new(&other.issuer());
    let site = site().bearer(move |config| config.add_issuer(issuer)).open().await;
    let called = bearer_token(&site, &other.issue_access_token(of("local|ada"))).await;
    assert_eq!(format!("{:?}", kind(site.auth.exchange(&called, invoices()).await)), "ForeignToken");
    let machine =
        ClientCredentialsConfig::builder(&other.issuer(), &other.client_id(), other.client_secret());
    let machine =
        ClientCredentials::discover(machine.with_clock(other.clock()).build().unwrap()).await.unwrap();
    let machine = machine.token_with(MachineTokenRequest::new().with_audience(SHOP)).await.unwrap();
    assert_eq!(format!("{:?}", kind(site.auth.exchange(&machine, invoices()).await)), "ForeignToken");
    let acting = invoices().with_actor(&machine);
    let ada = token(&site, &site.ada().await).await;
    assert_eq!(format!("{:?}", kind(site.auth.exchange(&ada, acting).await)), "ForeignToken");
    assert_eq!((exchanges(&site), other.token_calls(super::kit::TOKEN_EXCHANGE)), (0, 0));
}

/// A program with two providers: the one would learn the token of the other.
#[tokio::test]
async fn a_sessions_token_is_shown_to_no_other_provider_than_its_own() {
    let (one, other) = (site().open().await, site().open().await);
    let ada = token(&one, &one.ada().await).await;
    assert_eq!(format!("{:?}", kind(other.auth.exchange(&ada, invoices()).await)), "ForeignToken");
    let bob = token(&other, &other.ada().await).await;
    let acting = invoices().with_actor(&ada);
    assert_eq!(format!("{:?}", kind(other.auth.exchange(&bob, acting).await)), "ForeignToken");
    assert_eq!((exchanges(&one), exchanges(&other)), (0, 0));
    one.auth.exchange(&ada, invoices()).await.unwrap();
}

#[tokio::test]
async fn an_exchanged_token_can_be_exchanged_and_says_who_acted() {
    let site = site().bearer(|config| config).open().await;
    let ada = token(&site, &site.ada().await).await;
    let worker =
        bearer_token(&site, &site.op.issue_access_token(TestAccessToken::for_client("worker"))).await;
    let billing = site.auth.exchange(&ada, invoices().with_actor(&worker)).await.unwrap();
    assert_eq!(claims(&billing)["act"], json!({ "sub": "worker" }));
    assert!(claims(&site.auth.exchange(&ada, invoices()).await.unwrap()).get("act").is_none());
    let back = site.auth.exchange(&billing, ExchangeRequest::for_audience(SHOP)).await.unwrap();
    assert_eq!(
        (&claims(&back)["sub"], &claims(&back)["act"]["sub"]),
        (&json!("local|ada"), &json!("worker"))
    );
    assert!(back.expires_at() <= billing.expires_at());
    assert_eq!(exchanges(&site), 3);
}

#[tokio::test]
async fn a_type_of_ones_own_is_asked_for_by_name_and_the_ledger_agrees_with_the_log() {
    let site = site().provider(|op| op.add_token_exchange_profile("urn:acme:token")).open().await;
    let ada = token(&site, &site.ada().await).await;
    let own = |name: &str| invoices().with_subject_token_type(name);
    site.auth.exchange(&ada, own("urn:acme:token")).await.unwrap();
    assert_eq!(format!("{:?}", kind(site.auth.exchange(&ada, own("urn:acme:unknown")).await)), "Refused");
    site.auth.exchange(&ada, invoices()).await.unwrap();
    let unknown = ExchangeRequest::for_audience("https://unknown.example");
    assert_eq!(format!("{:?}", kind(site.auth.exchange(&ada, unknown).await)), "Refused");
    let report = site.auth.ledger().report();
    for code in
        ["secte", "fecte", "success_on_behalf_of_token_exchange", "failed_on_behalf_of_token_exchange"]
    {
        assert_eq!((site.op.log_count(code), report.count(code)), (1, 1), "{code}");
    }
    assert_eq!((report.m2m_quota_consumed, report.undocumented, report.count("seccft")), (0, 2, 0));
    let line = report.lines.iter().find(|line| line.log_code == Some("secte")).unwrap();
    assert_eq!((line.quota, line.audience.as_deref()), (Quota::Undocumented, Some(BILLING)));
    assert_eq!(line.client_id.as_deref(), Some("shop"));
}

#[tokio::test]
async fn a_user_who_lost_a_scope_is_not_given_it() {
    let site = site().open().await;
    let visitor = site.visitor();
    visitor.log_in(&User::bob()).await;
    let bob = token(&site, &visitor).await;
    let both = ExchangeRequest::for_audience(BILLING).with_scopes(["pay:invoices", "read:invoices"]);
    assert_eq!(site.auth.exchange(&bob, both).await.unwrap().scopes().as_str(), "read:invoices");
    let all = ExchangeRequest::for_audience(BILLING);
    assert_eq!(site.auth.exchange(&bob, all).await.unwrap().scopes().as_str(), "read:invoices");
    let denied = ExchangeRequest::for_audience(BILLING).with_scopes(["pay:invoices"]);
    let error = site.auth.exchange(&bob, denied).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_scope"));
}
