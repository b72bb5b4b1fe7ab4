//! The task that looks after the keys: it ends with what it looks after, and outlives what it need not.

use std::time::Duration;

use auth_layer::testing::{Endpoint, Fault};
use futures_util::future::poll_immediate;
use http::StatusCode;
use tests::{Api, eventually};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

const MINUTE: Duration = Duration::from_secs(60);

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn no_task_is_left_once_the_last_handle_and_layer_are_gone() {
    let op = Api::quick_provider().await;
    let api = Api::builder().over(&op).await;
    let (auth, app) = (api.auth.clone(), api.app());
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    drop((api, auth));
    // The layer alone keeps it going.
    op.clock().advance(5 * MINUTE);
    eventually("keys are fetched again", async || op.calls(Endpoint::Jwks) == 2).await;
    drop(app);
    op.stop().await;
    eventually("all tasks end", async || tasks() == 0).await;
}

#[tokio::test]
async fn a_start_that_is_refused_leaves_no_task() {
    use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
    let op = Api::quick_provider().await;
    op.fault(
        Endpoint::Discovery,
        Fault::rewrite(|metadata| metadata["issuer"] = "https://evil.example".into()),
    );
    let config = ResourceServerConfig::builder(tests::SHOP).add_issuer(TrustedIssuer::new(&op.issuer()));
    let error = auth_layer::Auth::resource_server(config.build().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("https://evil.example"), "{error}");
    op.stop().await;
    eventually("all tasks end", async || tasks() == 0).await;
}

#[tokio::test]
async fn a_runtime_whose_clock_is_paused_serves_all_the_same() {
    let api = Api::quick().await;
    let known = api.fresh();
    assert_eq!(api.status(&known).await, StatusCode::OK);
    tokio::time::pause();
    for _ in 0..50 {
        tokio::time::advance(MINUTE).await;
        assert_eq!(api.status(&known).await, StatusCode::OK);
        assert_eq!(api.status(&api.fresh()).await, StatusCode::OK);
    }
    assert_eq!(api.op.calls(Endpoint::Jwks), 1, "our own clock stands still");
    api.clock.advance(5 * MINUTE);
    assert_eq!(api.status(&api.fresh()).await, StatusCode::OK, "whatever becomes of the fetch");
    tokio::time::resume();
    api.op.rotate_keys(true);
    eventually("keys are fetched again", async || {
        api.clock.advance(MINUTE);
        api.status(&api.fresh()).await == StatusCode::OK
    })
    .await;
}

#[test]
fn a_fetch_that_goes_with_its_runtime_leaves_nobody_waiting() {
    // The provider lives in one runtime, the API in another, and is asked from a third.
    let (providers, its_own, another) = (runtime(), runtime(), runtime());
    let op = providers.block_on(Api::quick_provider());
    op.fault_times(Endpoint::Discovery, Fault::Status(500), 1);
    let api = its_own.block_on(Api::builder().over(&op));
    op.fault_times(Endpoint::Jwks, Fault::HoldUntilReleased, 1);
    api.clock.advance(Duration::from_secs(1));
    another.block_on(op.wait_until_held(1));
    let token = api.fresh();
    let mut waiting = Box::pin(api.status(&token));
    assert!(another.block_on(async { poll_immediate(&mut waiting).await }).is_none(), "it waits");
    drop(its_own);
    let status = another.block_on(async { timeout(Duration::from_secs(10), waiting).await });
    assert_eq!(status.expect("nobody waits for a fetch that is gone"), StatusCode::SERVICE_UNAVAILABLE);
    api.clock.advance(Duration::from_secs(2));
    assert_eq!(another.block_on(api.status(&token)), StatusCode::OK);
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
