//! Tokens that a resource server refuses: replaced once for all, and not by everyone.

use auth_layer::machine::MachineTokenRequest;
use auth_layer::testing::{Endpoint, Fault};
use tests::Machines;

#[tokio::test]
async fn a_hundred_callers_whose_token_was_refused_get_one_other() {
    let machines = Machines::start().await;
    let machine = machines.machine().await;
    let tokens = machine.tokens_with(MachineTokenRequest::new());
    let refused = tokens.token().await.unwrap();
    machines.pass(60);
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let (tokens, refused) = (tokens.clone(), refused.clone());
            tokio::spawn(async move { tokens.token_instead_of(&refused).await.unwrap().expose().to_owned() })
        })
        .collect();
    for call in calls {
        assert_ne!(call.await.unwrap(), refused.expose());
    }
    assert_eq!(machines.posts(), 2);
    assert_ne!(tokens.token().await.unwrap().expose(), refused.expose(), "from now on it is everyone's");
}

/// A server whose keys are broken refuses every token: an hour of calls costs six.
#[tokio::test]
async fn a_server_that_refuses_every_token_does_not_drain_the_quota() {
    let machines = Machines::start_with(|op| {
        op.unlimited_machine_quota().access_token_lifetime(std::time::Duration::from_secs(86_400))
    })
    .await;
    let tokens = machines.machine().await.tokens_with(MachineTokenRequest::new());
    for _ in 0..3_600 {
        let token = tokens.token().await.unwrap();
        tokens.token_instead_of(&token).await.unwrap();
        machines.pass(1);
    }
    assert_eq!(machines.posts(), 6, "the first, and after 60, 120, 240, 480 and 960 seconds");
}

#[tokio::test]
async fn a_token_stays_where_no_other_can_be_had() {
    let machines = Machines::start().await;
    let tokens = machines.machine().await.tokens_with(MachineTokenRequest::new());
    let refused = tokens.token().await.unwrap();
    machines.pass(60);
    machines.op.fault(Endpoint::Token, Fault::Status(503));
    tokens.token_instead_of(&refused).await.unwrap_err();
    // Held back by the failure: the same comes back, and says that there is no other.
    assert_eq!(tokens.token_instead_of(&refused).await.unwrap().expose(), refused.expose());
    assert_eq!(tokens.token().await.unwrap().expose(), refused.expose());
}

#[tokio::test]
async fn instances_of_which_each_was_refused_share_the_other_token() {
    let machines = Machines::start().await;
    let fleet = machines.fleet(3).await;
    let tokens: Vec<_> =
        fleet.iter().map(|machine| machine.tokens_with(MachineTokenRequest::new())).collect();
    let mut refused = Vec::new();
    for tokens in &tokens {
        refused.push(tokens.token().await.unwrap());
    }
    machines.pass(60);
    let mut others = Vec::new();
    for (tokens, refused) in tokens.iter().zip(&refused) {
        others.push(tokens.token_instead_of(refused).await.unwrap().expose().to_owned());
    }
    assert_eq!(machines.posts(), 2);
    assert!(others.iter().all(|other| *other == others[0] && other != refused[0].expose()));
}
