//! The tokens of federated connections, got with a refresh token that others rotate meanwhile.

use auth_layer::Session;
use auth_layer::exchange::{ExchangeErrorKind, FederatedConnection};
use auth_layer::session::MemoryStore;
use auth_layer::testing::{Endpoint, Fault, User};
use http::StatusCode;
use tests::{Site, Visitor, eventually};

use super::kit::{CALENDAR, HOUR, invoices, kind, session, site};

const FEDERATED: &str = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

fn posts(site: &Site) -> usize {
    site.op.token_calls(FEDERATED)
}

#[tokio::test]
async fn a_session_has_the_token_of_a_connection_and_spends_no_refresh_token() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let ada = session(&site, &visitor).await;
    let google = ada.federated_token("google-oauth2").await.unwrap();
    assert!(google.expose().starts_with("google-oauth2.ada@gmail.example."));
    assert_eq!((google.audience(), google.scopes().as_str()), (None, CALENDAR));
    assert_eq!(format!("{:?}", google.source()), "Connection");
    let again = session(&site, &visitor).await.federated_token("google-oauth2").await.unwrap();
    assert_eq!(again.expose(), google.expose(), "it is kept for the session");
    assert_eq!((posts(&site), site.refreshes(), site.op.log_count("seta")), (1, 0, 1));
    assert_eq!(site.auth.ledger().report().count("seta"), 1);
    let outcome = site.auth.exchange(&google, invoices()).await;
    assert_eq!(kind(outcome), ExchangeErrorKind::ForeignToken, "Google's token is not the provider's to see");
}

#[tokio::test]
async fn two_users_never_see_each_others_accounts() {
    let site = site().open().await;
    let mut tasks = Vec::new();
    for user in [User::ada(), User::bob()] {
        let visitor = site.visitor();
        visitor.log_in(&user).await;
        let held = session(&site, &visitor).await;
        for _ in 0..20 {
            let (held, name) = (held.clone(), user.username().to_owned());
            tasks.push(tokio::spawn(async move {
                let token = held.federated_token("google-oauth2").await.unwrap();
                assert!(token.expose().starts_with(&format!("google-oauth2.{name}@gmail.example.")));
            }));
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(posts(&site), 2);
}

#[tokio::test]
async fn a_hint_chooses_among_accounts_and_each_has_its_own_token() {
    let ada = User::ada()
        .add_connected_account("google-oauth2", "ada@gmail.example", CALENDAR)
        .add_connected_account("google-oauth2", "lovelace@gmail.example", "openid");
    let site = Site::builder().provider(|op| op.add_user(ada)).open().await;
    let ada = session(&site, &site.ada().await).await;
    for login in ["ada@gmail.example", "lovelace@gmail.example"] {
        let connection = FederatedConnection::named("google-oauth2").with_login_hint(login);
        let token = ada.federated_token(connection).await.unwrap();
        assert!(token.expose().starts_with(&format!("google-oauth2.{login}.")));
    }
    for connection in [
        FederatedConnection::named("github"),
        FederatedConnection::named("google-oauth2").with_login_hint("eve"),
    ] {
        assert!(!format!("{connection:?}").contains("eve"));
        let error = ada.federated_token(connection).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ExchangeErrorKind::Refused, Some("access_denied")));
    }
}

/// Asks for the token while the session is refreshed, and lets the refresh be first at the provider.
async fn overtaken(site: &Site, visitor: &Visitor, held: Session) {
    site.op.fault_times(Endpoint::Token, Fault::HoldUntilReleased, 1);
    let asking = tokio::spawn(async move { held.federated_token("google-oauth2").await });
    site.op.wait_until_held(1).await;
    visitor.get("/force").await.token();
    site.op.release();
    let token = asking.await.unwrap().expect("the newer refresh token is tried");
    assert!(token.expose().starts_with("google-oauth2.ada@gmail.example."));
    assert_eq!((posts(site), site.op.log_count("feta"), site.op.log_count("seta")), (2, 1, 1));
    assert_eq!(visitor.get("/token").await.status, StatusCode::OK, "and the session lives");
    assert_eq!(site.op.log_count("ferrt"), 0);
}

#[tokio::test]
async fn a_rotation_on_the_way_is_looked_for_once_and_the_newer_refresh_token_tried() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let held = session(&site, &visitor).await;
    overtaken(&site, &visitor, held).await;
}

#[tokio::test]
async fn so_it_is_where_sessions_are_in_a_store() {
    let site = site().open_with_store(MemoryStore::new).await;
    let visitor = site.ada().await;
    let held = session(&site, &visitor).await;
    overtaken(&site, &visitor, held).await;
}

#[tokio::test]
async fn a_refresh_under_way_is_waited_for() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let held = session(&site, &visitor).await;
    site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
    let (refreshing, forced) = (visitor.copied(), held.clone());
    let refreshing = tokio::spawn(async move { refreshing.get("/force").await });
    site.op.wait_until_held(1).await;
    let asking = tokio::spawn(async move { forced.federated_token("google-oauth2").await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(posts(&site), 0, "the refresh token that is being spent is not sent");
    site.op.release();
    assert_eq!(refreshing.await.unwrap().status, StatusCode::OK);
    assert!(asking.await.unwrap().is_ok());
    assert_eq!((posts(&site), site.op.log_count("feta")), (1, 0));
}

#[tokio::test]
async fn a_connections_token_outlives_the_sessions_and_is_got_anew_in_the_background() {
    let site = site().open().await;
    let visitor = site.ada().await;
    let first = session(&site, &visitor).await.federated_token("google-oauth2").await.unwrap();
    site.clock.advance(HOUR - std::time::Duration::from_secs(30));
    visitor.get("/force").await.token();
    let is_next = async || {
        let token = session(&site, &visitor).await.federated_token("google-oauth2").await.unwrap();
        token.expose() != first.expose()
    };
    eventually("the next token is served", is_next).await;
    assert_eq!((posts(&site), site.op.log_count("feta")), (2, 0));
}

#[tokio::test]
async fn a_grant_that_the_provider_ended_brings_no_token_and_the_session_is_left_to_its_refresh() {
    let site = site().open().await;
    let visitor = site.ada().await;
    site.op.revoke_grants(&User::ada());
    let error = session(&site, &visitor).await.federated_token("google-oauth2").await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ExchangeErrorKind::Refused, Some("invalid_grant")));
    assert_eq!(posts(&site), 1, "no newer one was found, so none was tried");
    assert_eq!(visitor.get("/token").await.status, StatusCode::OK, "its token still lives");
    site.clock.advance(HOUR);
    assert_eq!(visitor.get("/token").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_says_so_and_a_logout_drops_what_was_got() {
    let without = Site::builder().config(|config| config.with_scopes("openid read:products")).open().await;
    let ada = session(&without, &without.ada().await).await;
    let outcome = ada.federated_token("google-oauth2").await;
    assert_eq!((kind(outcome), posts(&without)), (ExchangeErrorKind::NoRefreshToken, 0));

    let site = site().open().await;
    let visitor = site.ada().await;
    let ada = session(&site, &visitor).await;
    ada.federated_token("google-oauth2").await.unwrap();
    visitor.get("/auth/logout").await;
    site.auth.drain().await;
    assert_eq!(kind(ada.federated_token("google-oauth2").await), ExchangeErrorKind::Refused);
}
