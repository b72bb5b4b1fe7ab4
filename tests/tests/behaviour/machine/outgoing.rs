//! Machine tokens on the requests of a client: at hand for each of them, replaced once, and for one origin.

use auth_layer::machine::MachineTokenErrorKind;
use auth_layer::outbound::authorize::AuthorizeErrorKind;
use auth_layer::require_auth;
use auth_layer::testing::{Endpoint, Fault};
use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, StatusCode};
use http_body_util::Full;
use tests::{CATALOGUE, Machines};
use tower::{Layer as _, ServiceExt as _};

use crate::outgoing::api::{Api, hyper};

mod scopes {
    auth_layer::scopes! {
        pub(crate) api Catalogue = "https://catalogue.example" { ReadStock = "read:stock" }
    }
}

#[require_auth(scopes = [scopes::ReadStock])]
struct ReadsStock;

fn get(url: &str) -> Request<Full<Bytes>> {
    Request::get(format!("{url}/stock")).body(Full::default()).unwrap()
}

#[tokio::test]
async fn a_hundred_requests_at_once_bring_one_token() {
    let (machines, api) = (Machines::start().await, Api::start().await);
    let machine = machines.machine().await;
    let client = machine.authorize::<ReadsStock>(&api.url).unwrap().layer(hyper());
    let answers = join_all((0..100).map(|_| client.clone().oneshot(get(&api.url)))).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == StatusCode::OK));
    assert_eq!((machines.posts(), api.seen().len()), (1, 100));
    let token = machine.token::<ReadsStock>().await.unwrap();
    assert_eq!(token.audience(), Some(CATALOGUE));
    assert!(api.seen().iter().all(|seen| seen.token() == token.expose()));
}

#[tokio::test]
async fn a_machines_token_that_is_refused_is_replaced_for_all_who_were_refused_with_it() {
    let (machines, api) = (Machines::start().await, Api::start().await);
    let machine = machines.machine().await;
    let client = machine.authorize::<ReadsStock>(&api.url).unwrap().layer(hyper());
    let refused = machine.token::<ReadsStock>().await.unwrap();
    api.refuse(refused.expose());
    // One that was issued a moment ago is not worth another.
    assert_eq!(client.clone().oneshot(get(&api.url)).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(machines.posts(), 1);
    machines.pass(60);
    let answers = join_all((0..50).map(|_| client.clone().oneshot(get(&api.url)))).await;
    assert!(answers.into_iter().all(|answer| answer.unwrap().status() == StatusCode::OK));
    assert_eq!(machines.posts(), 2);
}

#[tokio::test]
async fn a_machines_token_goes_to_no_other_origin() {
    let (machines, api, other) = (Machines::start().await, Api::start().await, Api::start().await);
    let machine = machines.machine().await;
    let client = machine.authorize::<ReadsStock>(&api.url).unwrap().layer(hyper());
    client.oneshot(get(&other.url)).await.unwrap();
    assert_eq!((other.seen()[0].header("authorization"), machines.posts()), ("", 0));
    let error = machine.authorize::<ReadsStock>("http://catalogue.example").unwrap_err();
    assert!(error.to_string().contains("danger_authorize_over_http"), "{error}");
}

#[tokio::test]
async fn a_request_for_which_there_is_no_machine_token_is_not_sent() {
    let (machines, api) = (Machines::start().await, Api::start().await);
    let machine = machines.machine().await;
    machines.op.fault(Endpoint::Token, Fault::Status(503));
    let client = machine.authorize::<ReadsStock>(&api.url).unwrap().layer(hyper());
    for _ in 0..20 {
        let error = client.clone().oneshot(get(&api.url)).await.unwrap_err();
        assert_eq!(error.kind(), AuthorizeErrorKind::Unavailable, "{error}");
    }
    assert_eq!((api.seen().len(), machines.posts()), (0, 1));
    let error = machine.token::<ReadsStock>().await.unwrap_err();
    assert_eq!(error.kind(), &MachineTokenErrorKind::Unavailable);
}

#[tokio::test]
async fn requests_for_which_the_scopes_are_missing_are_not_sent_and_say_which() {
    let machines =
        Machines::start_with(|op| op.unlimited_machine_quota().add_api(CATALOGUE, &["write:stock"])).await;
    let api = Api::start().await;
    let machine = machines.machine().await;
    let client = machine.authorize::<ReadsStock>(&api.url).unwrap().layer(hyper());
    let error = client.oneshot(get(&api.url)).await.unwrap_err();
    let mut causes = Vec::new();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    assert!(causes.iter().any(|cause| cause.contains("did not grant read:stock")), "{causes:?}");
    assert_eq!(api.seen().len(), 0);
}
