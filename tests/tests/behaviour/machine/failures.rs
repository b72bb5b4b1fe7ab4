//! A provider that is away, slow, or says no: living tokens are served, and nothing is asked too often.

use std::time::Duration;

use auth_layer::machine::{MachineTokenErrorKind, MachineTokenRequest};
use auth_layer::testing::{ClientRegistration, Endpoint, Fault, IdentityProvider};
use auth_layer::{ClientCredentials, config::ClientCredentialsConfig};
use tests::{CATALOGUE, Machines, WORKER_SECRET, eventually, value};

#[tokio::test]
async fn a_living_token_is_served_whatever_the_provider_does() {
    let faults = [
        Fault::Status(500),
        Fault::Status(503),
        Fault::RetryAfter(429, Duration::from_secs(20)),
        Fault::DropConnection,
        Fault::garbage("<html>", "text/html"),
        Fault::Error(400, "invalid_request".into()),
        Fault::Error(401, "invalid_client".into()),
    ];
    for fault in faults {
        let machines = Machines::start().await;
        let machine = machines.machine().await;
        let living = value(&machine).await;
        machines.op.fault(Endpoint::Token, fault.clone());
        machines.pass(3_600 - 10);
        assert_eq!(value(&machine).await, living, "{fault:?}");
        eventually("it happens", async || machines.posts() == 2).await;
        for _ in 0..100 {
            assert_eq!(value(&machine).await, living, "{fault:?}");
        }
        assert_eq!(machines.posts(), 2, "it is not asked again and again: {fault:?}");
    }
}

#[tokio::test]
async fn after_a_failure_nobody_asks_until_the_backoff_is_over() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machines.op.fault(Endpoint::Token, Fault::Status(503));
    let mut posts = 0;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        for _ in 0..50 {
            let error = machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
            assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable);
            assert!(error.retry_after().is_some_and(|left| left >= Duration::from_secs(wait)), "{error:?}");
        }
        posts += 1;
        assert_eq!(machines.posts(), posts);
        // The spread is a quarter.
        machines.clock.advance(Duration::from_millis(wait * 1_250));
    }
    machines.op.clear_faults();
    value(&machine).await;
}

#[tokio::test]
async fn a_provider_that_says_when_to_come_back_is_not_asked_before() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machines.op.fault(Endpoint::Token, Fault::RetryAfter(429, Duration::from_secs(30)));
    let request = MachineTokenRequest::new;
    let error = machine.token_with(request()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    machines.op.clear_faults();
    machines.pass(29);
    let error = machine.token_with(request()).await.unwrap_err();
    assert_eq!((error.retry_after(), error.is_final()), (Some(Duration::from_secs(1)), false));
    machines.pass(1);
    value(&machine).await;
    assert_eq!(machines.posts(), 2);
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_audience_and_a_public_client_are_refused_and_say_so() {
    let machines =
        Machines::start_with(|op| op.unlimited_machine_quota().client(ClientRegistration::public("browser")))
            .await;
    let issuer = machines.op.issuer();
    let wrong = |client: &str, secret: &str| {
        ClientCredentialsConfig::builder(&issuer, client, secret)
            .with_audience("https://catalogue.example")
            .build()
            .unwrap()
    };
    let cases = [
        (wrong("worker", "another-secret"), "invalid_client", "check its id, its secret"),
        (wrong("nobody", WORKER_SECRET), "invalid_client", "check its id, its secret"),
        (wrong("browser", "x"), "invalid_client", "check its id, its secret"),
    ];
    for (config, code, advice) in cases {
        let machine = ClientCredentials::discover(config).await.unwrap();
        let error = machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.is_final()), (&MachineTokenErrorKind::Refused, true));
        assert_eq!(error.code(), Some(code));
        let shown = format!("{error} {error:?} {machine:?}");
        assert!(!["another-secret", WORKER_SECRET].iter().any(|secret| shown.contains(secret)), "{shown}");
        assert!(shown.contains(advice), "{shown}");
    }
    let unknown = MachineTokenRequest::new().with_audience("https://unknown.example");
    let error = machines.machine().await.token_with(unknown).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (&MachineTokenErrorKind::Refused, Some("invalid_target")));
    assert!(
        error.to_string().ends_with("authorize the client for it at the provider (invalid_target)"),
        "{error}"
    );
}

/// The code is the provider's own text: what of it is shown is letters.
#[tokio::test]
async fn a_code_that_is_none_is_not_shown() {
    let hostile = ["4711", "\u{1b}[2J", "\r\nset-cookie: a=b", ""];
    let cases = hostile.map(|code| (code.to_owned(), code.replace(|c: char| !c.is_ascii_lowercase(), "")));
    for (code, shown) in cases.into_iter().chain([("x".repeat(10_000), "x".repeat(64))]) {
        let machines = Machines::start().await;
        machines.op.fault(Endpoint::Token, Fault::Error(403, code));
        let error = machines.machine().await.token_with(MachineTokenRequest::new()).await.unwrap_err();
        assert_eq!(error.code(), Some(shown.as_str()).filter(|shown| !shown.is_empty()));
        assert!(
            !error.to_string().contains(|c: char| c.is_control()) && !error.to_string().ends_with("()"),
            "{error}"
        );
    }
}

/// Auth0 says `access_denied` to it, others `invalid_request`.
#[tokio::test]
async fn a_request_without_an_audience_at_a_provider_without_a_default_says_which_setting_is_missing() {
    let without = |machines: &Machines| {
        ClientCredentialsConfig::builder(&machines.op.issuer(), "worker", WORKER_SECRET).build().unwrap()
    };
    let machines = Machines::start().await;
    let machine = ClientCredentials::discover(without(&machines)).await.unwrap();
    for answer in [None, Some("access_denied")] {
        if let Some(code) = answer {
            machines.op.fault(Endpoint::Token, Fault::Error(403, code.into()));
        }
        // Another request than before, so that no backoff holds it back.
        let request = MachineTokenRequest::new().with_scopes(if answer.is_some() { "a" } else { "b" });
        let error = machine.token_with(request).await.unwrap_err();
        assert_eq!((error.kind(), error.is_final()), (&MachineTokenErrorKind::NoAudience, true));
        let code = answer.unwrap_or("invalid_request");
        assert_eq!(
            error.to_string(),
            format!(
                "the provider refused a token without an audience: set AUTH_AUDIENCE, or name one with `with_audience` ({code})"
            )
        );
    }
    machines.op.clear_faults();
    machine.token_with(MachineTokenRequest::new().with_audience(CATALOGUE)).await.unwrap();
}

/// A token that grants less than its type says would make `Grants` a lie; and it has counted.
#[tokio::test]
async fn a_token_that_grants_less_is_an_error_that_names_what_is_missing_and_is_not_asked_for_again() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let request = || MachineTokenRequest::new().with_scopes("read:stock delete:stock audit:stock");
    for _ in 0..20 {
        let error = machine.token_with(request()).await.unwrap_err();
        let MachineTokenErrorKind::InsufficientScope { missing } = error.kind() else { panic!("{error:?}") };
        assert_eq!(**missing, ["audit:stock".to_owned(), "delete:stock".to_owned()]);
        assert_eq!(
            error.to_string(),
            "the provider did not grant audit:stock delete:stock to this client: grant it there"
        );
    }
    assert_eq!((machines.posts(), machine.ledger().report().m2m_quota_consumed), (1, 1));
    machines.pass(601);
    machine.token_with(request()).await.unwrap_err();
    assert_eq!(machines.posts(), 2);
}

#[tokio::test]
async fn a_provider_that_is_away_at_the_start_stops_nothing() {
    let machines = Machines::start().await;
    machines.op.stop().await;
    let machine = machines.machine().await;
    let error = machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
    assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable);
    machines.op.restart().await;
    machines.pass(2);
    value(&machine).await;
}

#[tokio::test]
async fn a_provider_that_is_another_one_stops_the_start() {
    let op = IdentityProvider::start().await;
    let lies = Fault::rewrite(|metadata| metadata["issuer"] = "https://evil.example".into());
    op.fault(Endpoint::Discovery, lies);
    let config = ClientCredentialsConfig::builder(&op.issuer(), "worker", "s3cret").build().unwrap();
    let error = ClientCredentials::discover(config).await.unwrap_err();
    assert!(error.to_string().contains("evil.example"), "{error}");
}
