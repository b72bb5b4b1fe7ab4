//! A web application that calls others as itself too: one client, one ledger, one store.

use auth_layer::Auth;
use auth_layer::machine::MachineTokenRequest;
use auth_layer::testing::User;
use tests::{SHOP, Site};

/// Design behaviour 23: an access token of a session never adds to it.
#[tokio::test]
async fn the_machines_and_the_users_exchanges_are_in_one_ledger_and_only_machines_count() {
    let site = Site::open().await;
    for user in [User::ada(), User::bob()] {
        let visitor = site.visitor();
        visitor.log_in(&user).await;
        site.clock.advance(std::time::Duration::from_secs(3_600));
        assert!(visitor.get("/token").await.status.is_success());
    }
    let machine = site.auth.client_credentials().unwrap();
    for audience in [SHOP, SHOP, tests::BILLING] {
        machine.token_with(MachineTokenRequest::new().with_audience(audience)).await.unwrap();
    }
    let report = site.auth.ledger().report();
    let counted =
        ["s", "seacft", "sertft", "seccft"].map(|code| (report.count(code), site.op.log_count(code)));
    assert_eq!(counted, [(2, 2), (2, 2), (2, 2), (2, 2)]);
    assert_eq!(report.m2m_quota_consumed, 2);
    assert!(report.lines.iter().all(|line| line.client_id.as_deref() == Some("shop")));
}

#[tokio::test]
async fn an_api_without_a_client_says_what_is_missing() {
    let api = tests::Api::builder().open().await;
    let error = api.auth.client_credentials().unwrap_err();
    assert_eq!(
        error.to_string(),
        "client secret is missing: make the client a confidential one at the provider and set AUTH_CLIENT_SECRET, or use ClientCredentials::discover with a client of its own"
    );
}

#[tokio::test]
async fn what_an_application_gets_for_itself_is_waited_for_when_it_drains() {
    let site = Site::open().await;
    let auth: Auth = site.auth.clone();
    let machine = auth.client_credentials().unwrap().clone();
    site.op.fault(
        auth_layer::testing::Endpoint::Token,
        auth_layer::testing::Fault::Delay(std::time::Duration::from_millis(100)),
    );
    let caller = tokio::spawn(async move {
        machine.token_with(MachineTokenRequest::new().with_audience(SHOP)).await.is_ok()
    });
    tests::eventually("it happens", async || site.op.token_calls("client_credentials") == 1).await;
    auth.drain().await;
    assert_eq!(auth.ledger().report().count("seccft"), 1);
    assert!(caller.await.unwrap());
}
