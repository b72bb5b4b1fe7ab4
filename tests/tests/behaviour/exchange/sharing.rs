//! Who shares a token, and who never does.

use std::collections::BTreeSet;

use auth_layer::exchange::ExchangeRequest;
use auth_layer::testing::{Endpoint, Fault, User};
use auth_layer::token::Principal;
use auth_layer::{AccessToken, Auth};
use tests::{BILLING, SHOP, Site};

use super::kit::{claims, exchanges, invoices, site, token};

async fn all_at_once(auth: &Auth, token: &AccessToken, requests: Vec<ExchangeRequest>) -> Vec<AccessToken> {
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let (auth, token) = (auth.clone(), token.clone());
            tokio::spawn(async move { auth.exchange(&token, request).await.expect("a token") })
        })
        .collect();
    let mut exchanged = Vec::with_capacity(tasks.len());
    for task in tasks {
        exchanged.push(task.await.unwrap());
    }
    exchanged
}

fn distinct(tokens: &[AccessToken]) -> usize {
    tokens.iter().map(AccessToken::expose).collect::<BTreeSet<_>>().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_at_once_share_one_post_and_one_token() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let exchanged = all_at_once(&site.auth, &ada, vec![invoices(); 1_000]).await;
    assert_eq!((exchanges(&site), distinct(&exchanged)), (1, 1));
    let billing = &exchanged[0];
    assert_eq!((billing.audience(), billing.scopes().as_str()), (Some(BILLING), "read:invoices"));
    assert_eq!(
        (billing.principal(), format!("{:?}", billing.source())),
        (Principal::User, "Exchange".into())
    );
    assert_eq!((&claims(billing)["sub"], &claims(billing)["aud"]), (&"local|ada".into(), &BILLING.into()));
    assert_ne!(billing.expose(), ada.expose());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_who_want_four_things_make_four_posts() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let wanted = [
        invoices(),
        ExchangeRequest::for_audience(BILLING),
        ExchangeRequest::for_audience(BILLING).with_scopes(["pay:invoices", "read:invoices"]),
        ExchangeRequest::for_audience(SHOP),
    ];
    let requests = (0..1_000).map(|number| wanted[number % 4].clone()).collect();
    let exchanged = all_at_once(&site.auth, &ada, requests).await;
    assert_eq!((exchanges(&site), distinct(&exchanged)), (4, 4));
}

#[tokio::test]
async fn a_living_token_is_served_without_the_provider() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let first = site.auth.exchange(&ada, invoices()).await.unwrap();
    site.op.stop().await;
    for request in [invoices(), invoices().with_scopes(["read:invoices", "read:invoices"])] {
        assert_eq!(site.auth.exchange(&ada, request).await.unwrap().expose(), first.expose());
    }
    assert_eq!(exchanges(&site), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_who_exchange_at_the_same_instant_never_see_each_others_token() {
    let site = site().open().await;
    let visitors = [(User::ada(), "local|ada"), (User::bob(), "local|bob")];
    let mut tasks = Vec::new();
    for (user, subject) in visitors {
        let visitor = site.visitor();
        visitor.log_in(&user).await;
        let held = token(&site, &visitor).await;
        for _ in 0..50 {
            let (auth, held) = (site.auth.clone(), held.clone());
            tasks.push(tokio::spawn(async move {
                let billing = auth.exchange(&held, invoices()).await.unwrap();
                assert_eq!(claims(&billing)["sub"], subject);
            }));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(exchanges(&site), 2);
}

#[tokio::test]
async fn two_sessions_of_one_user_share_nothing() {
    let site = site().open().await;
    let (one, two) = (token(&site, &site.ada().await).await, token(&site, &site.ada().await).await);
    let (one, two) = (
        site.auth.exchange(&one, invoices()).await.unwrap(),
        site.auth.exchange(&two, invoices()).await.unwrap(),
    );
    assert_ne!(one.expose(), two.expose());
    assert_eq!(exchanges(&site), 2);
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_its_exchange_to_the_next() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    for (number, fault) in
        [Fault::HoldUntilReleased, Fault::HoldResponseUntilReleased].into_iter().enumerate()
    {
        site.op.fault_times(Endpoint::Token, fault, 1);
        let request = ExchangeRequest::for_audience([BILLING, SHOP][number]);
        let (auth, held, wanted) = (site.auth.clone(), ada.clone(), request.clone());
        let leaving = tokio::spawn(async move { auth.exchange(&held, wanted).await });
        site.op.wait_until_held(1).await;
        leaving.abort();
        drop(leaving.await);
        let (auth, held) = (site.auth.clone(), ada.clone());
        let staying = tokio::spawn(async move { auth.exchange(&held, request).await });
        tokio::task::yield_now().await;
        site.op.release();
        assert!(staying.await.unwrap().is_ok());
        assert_eq!(exchanges(&site), number + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_callers_whom_an_api_refused_one_token_get_the_next_with_one_post() {
    let site = site().open().await;
    let ada = token(&site, &site.ada().await).await;
    let refused = site.auth.exchange(&ada, invoices()).await.unwrap();
    let requests = vec![invoices().instead_of(&refused); 100];
    let exchanged = all_at_once(&site.auth, &ada, requests).await;
    assert_eq!((exchanges(&site), distinct(&exchanged)), (2, 1));
    assert_ne!(exchanged[0].expose(), refused.expose());
    let later = site.auth.exchange(&ada, invoices()).await.unwrap();
    assert_eq!(later.expose(), exchanged[0].expose(), "who was not refused has the next one too");
}

#[tokio::test]
async fn a_logout_drops_what_was_got_and_the_dead_token_gets_no_more() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let ada = token(&site, &visitor).await;
    site.auth.exchange(&ada, invoices()).await.unwrap();
    visitor.get("/auth/logout").await;
    site.auth.drain().await;
    let refused = site.auth.exchange(&ada, invoices()).await.unwrap_err();
    assert_eq!(
        (format!("{:?}", refused.kind()), refused.code()),
        ("Refused".into(), Some("invalid_request"))
    );
    assert_eq!(exchanges(&site), 2, "nothing was served from before");
}

#[tokio::test]
async fn copies_of_auth_share_what_is_kept() {
    let site = Site::builder().open().await;
    let ada = token(&site, &site.ada().await).await;
    for _ in 0..3 {
        site.auth.clone().exchange(&ada, invoices()).await.unwrap();
    }
    assert_eq!(exchanges(&site), 1);
}
