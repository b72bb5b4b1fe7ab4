//! Answers that no honest provider gives, and clocks that jump.

use std::time::Duration;

use auth_layer::machine::{MachineTokenErrorKind, MachineTokenRequest};
use auth_layer::testing::{Endpoint, Fault};
use tests::{Machines, value};

#[tokio::test]
async fn an_answer_that_is_no_token_is_none() {
    let cases = [
        r#"{"access_token":"","token_type":"Bearer","expires_in":60}"#,
        r#"{"access_token":"a\r\nX-Evil: 1","token_type":"Bearer","expires_in":60}"#,
        r#"{"access_token":"at","token_type":"mac","expires_in":60}"#,
        r#"{"access_token":"at","token_type":"Bearer","expires_in":0}"#,
        r#"{"access_token":"at","token_type":"Bearer","expires_in":-1}"#,
        r#"{"access_token":"at","token_type":"Bearer","expires_in":"soon"}"#,
        r#"{"token_type":"Bearer","expires_in":60}"#,
        r"[]",
        "",
    ];
    for body in cases {
        let machines = Machines::start().await;
        let machine = machines.machine().await;
        machines.op.fault(Endpoint::Token, Fault::garbage(body, "application/json"));
        for _ in 0..20 {
            let error = machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
            assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable, "{body}");
        }
        assert_eq!(machines.posts(), 1, "an answer that is none is not asked for again at once: {body}");
    }
}

#[tokio::test]
async fn an_answer_of_a_hundred_megabytes_is_not_read_to_its_end() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machines.op.fault(Endpoint::Token, Fault::Flood(100_000_000));
    let error = machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
    assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable);
}

#[tokio::test]
async fn a_lifetime_without_end_is_only_that() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let body = r#"{"access_token":"at","token_type":"bearer","expires_in":18446744073709551615}"#;
    machines.op.fault(Endpoint::Token, Fault::garbage(body, "application/json"));
    assert_eq!(value(&machine).await, "at");
    machines.pass(400 * 86_400);
    assert_eq!((value(&machine).await, machines.posts()), ("at".to_owned(), 1));
}

#[tokio::test]
async fn credentials_follow_no_redirect() {
    let (machines, other) = (Machines::start().await, Machines::start().await);
    let machine = machines.machine().await;
    machines.op.fault(Endpoint::Token, Fault::Redirect(other.op.url(Endpoint::Token)));
    machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
    assert_eq!((machines.posts(), other.posts()), (1, 0));
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_costs_one_token() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let first = value(&machine).await;
    machines.pass(86_400);
    let second = value(&machine).await;
    machines.clock.set_back(Duration::from_secs(86_400));
    // The second is from the future now: it is served, and another is got, since nobody knows its age.
    assert_ne!(first, second);
    for _ in 0..20 {
        value(&machine).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(machines.posts(), 3);
}

#[tokio::test]
async fn a_clock_that_is_set_back_ends_no_backoff_late() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    machines.op.fault_times(Endpoint::Token, Fault::RetryAfter(429, Duration::from_secs(3_600)), 1);
    machine.token_with(MachineTokenRequest::new()).await.unwrap_err();
    machines.clock.set_back(Duration::from_secs(86_400));
    value(&machine).await;
}
