//! Logout that the provider tells directly (OpenID Connect Back-Channel Logout 1.0).

use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use auth_layer::session::MemoryStore;
use auth_layer::testing::{Endpoint, Fault, TestLogoutToken, TestSession, User, bearer, session_cookie};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};
use tests::{BASE_URL, Reply, Site, Visitor, send_with_body};
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _, service_fn};
use url::Url;

const PATH: &str = "/auth/backchannel-logout";
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

/// One site with cookie sessions and one with stored ones, both on a port that the provider can call.
async fn sites() -> [Site; 2] {
    let cookies = Site::open().await;
    let stored = Site::builder().open_with_store(MemoryStore::new).await;
    for site in [&cookies, &stored] {
        serve(site).await;
    }
    [cookies, stored]
}

async fn serve(site: &Site) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    site.op.register_backchannel_logout_uri(&format!("http://{address}{PATH}"));
    let app = site.app();
    tokio::spawn(async move { axum::serve(listener, app).await });
}

/// The provider's name of a visitor's session there.
async fn sid(visitor: &Visitor) -> String {
    visitor.get("/auth/profile").await.json()["sid"].as_str().unwrap().to_owned()
}

async fn tell(app: Router, token: &str) -> Reply {
    let request = Request::post(PATH).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    send_with_body(app, request, format!("logout_token={token}")).await
}

async fn is_in(visitor: &Visitor) -> bool {
    let reply = visitor.get("/session").await;
    assert!(matches!(reply.status, StatusCode::OK | StatusCode::UNAUTHORIZED), "{reply:?}");
    reply.status == StatusCode::OK
}

#[tokio::test]
async fn a_session_that_ends_at_the_provider_ends_here_and_the_users_other_one_goes_on() {
    for site in sites().await {
        let (laptop, phone) = (site.ada().await, site.ada().await);
        let thief = laptop.copied();
        let answers = site.op.log_out(&sid(&laptop).await).await;
        assert_eq!(answers.len(), 1);
        assert_eq!((answers[0].status, &*answers[0].client_id), (Some(StatusCode::OK), "shop"));
        assert!(!is_in(&laptop).await);
        assert!(laptop.cookies().is_empty(), "and the browser is told to drop its cookies");
        assert!(!is_in(&thief).await);
        assert!(is_in(&phone).await);
    }
}

#[tokio::test]
async fn whoever_logs_in_again_right_after_is_in() {
    for site in sites().await {
        let ada = site.ada().await;
        site.op.log_out(&sid(&ada).await).await;
        ada.log_in(&User::ada()).await;
        assert!(is_in(&ada).await);
        // By the user it is a matter of the second in which the id token was issued.
        site.op.end_sessions_of(&User::ada()).await;
        assert!(!is_in(&ada).await);
        site.clock.advance(SECOND);
        ada.log_in(&User::ada()).await;
        assert!(is_in(&ada).await);
        site.clock.advance(HOUR);
        assert_eq!(ada.get("/token").await.status, StatusCode::OK, "also past a refresh");
    }
}

#[tokio::test]
async fn all_sessions_of_a_user_end_and_nobody_elses() {
    for site in sites().await {
        let (laptop, phone) = (site.ada().await, site.ada().await);
        let bob = site.visitor();
        bob.log_in(&User::bob()).await;
        let answers = site.op.end_sessions_of(&User::ada()).await;
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [Some(StatusCode::OK)]);
        assert!(!is_in(&laptop).await && !is_in(&phone).await);
        assert!(is_in(&bob).await);
    }
}

#[tokio::test]
async fn a_logout_at_the_providers_own_page_ends_the_session_here() {
    for site in sites().await {
        let (ada, browser) = (site.visitor(), site.op.browser());
        let departure = ada.get("/auth/login").await.location();
        let callback = browser.log_in(&User::ada(), &departure).await.unwrap();
        ada.get(&callback[BASE_URL.len()..]).await;
        assert!(is_in(&ada).await);
        let home = format!("{BASE_URL}/");
        let query = [("client_id", "shop"), ("post_logout_redirect_uri", &home)];
        let logout = Url::parse_with_params(&site.op.url(Endpoint::EndSession), query).unwrap();
        browser.open(logout.as_str()).await.unwrap();
        assert_eq!(site.op.logout_answers(1).await[0].status, Some(StatusCode::OK));
        assert!(!is_in(&ada).await);
    }
}

#[tokio::test]
async fn a_session_that_nobody_knows_is_over_too() {
    let site = Site::open().await;
    let ada = site.ada().await;
    for token in [TestLogoutToken::of_session("unknown"), TestLogoutToken::of_user("local|nobody")] {
        let reply = tell(site.app(), &site.op.mint_logout_token(&token)).await;
        assert_eq!((reply.status, &*reply.body), (StatusCode::OK, ""), "{reply:?}");
        assert_eq!(reply.header("cache-control"), "no-store");
        assert!(reply.set_cookies().is_empty());
    }
    assert!(is_in(&ada).await);
}

#[tokio::test]
async fn a_sid_ends_its_session_alone_though_the_token_names_the_user_as_well() {
    let site = Site::open().await;
    let (laptop, phone) = (site.ada().await, site.ada().await);
    let token = TestLogoutToken::of_session(sid(&laptop).await).with_subject(User::ada().subject());
    assert_eq!(tell(site.app(), &site.op.mint_logout_token(&token)).await.status, StatusCode::OK);
    assert!(!is_in(&laptop).await && is_in(&phone).await);
}

#[tokio::test]
async fn a_token_with_both_names_ends_sessions_whose_id_token_named_no_sid() {
    let site = Site::open().await;
    let cookie = session_cookie(&site.auth, TestSession::new("local|ada")).await.unwrap();
    let unnamed = site.visitor();
    let (name, value) = cookie.to_str().unwrap().split_once('=').unwrap();
    unnamed.set_cookie(name, value);
    let named = site.ada().await;
    assert!(is_in(&unnamed).await && is_in(&named).await);
    let token = TestLogoutToken::of_session("another").with_subject("local|ada");
    assert_eq!(tell(site.app(), &site.op.mint_logout_token(&token)).await.status, StatusCode::OK);
    assert!(!is_in(&unnamed).await && is_in(&named).await);
}

#[tokio::test]
async fn logouts_of_a_user_that_come_in_any_order_end_what_began_before_the_latest() {
    let site = Site::open().await;
    let early = site.op.mint_logout_token(&TestLogoutToken::of_user(User::ada().subject()));
    site.clock.advance(SECOND);
    let ada = site.ada().await;
    let copy = ada.copied();
    let late = site.op.mint_logout_token(&TestLogoutToken::of_user(User::ada().subject()));
    assert_eq!(tell(site.app(), &late).await.status, StatusCode::OK);
    assert!(!is_in(&ada).await);
    assert_eq!(tell(site.app(), &early).await.status, StatusCode::OK);
    assert!(!is_in(&copy).await);
}

#[tokio::test]
async fn a_refresh_in_flight_does_not_bring_the_session_back() {
    for site in sites().await {
        let ada = site.ada().await;
        let sid = sid(&ada).await;
        site.clock.advance(HOUR);
        site.op.fault_times(Endpoint::Token, Fault::HoldResponseUntilReleased, 1);
        let (copy, slow) = (ada.copied(), ada.clone());
        let slow = tokio::spawn(async move { slow.get("/token").await });
        site.op.wait_until_held(1).await;
        assert_eq!(site.op.log_out(&sid).await[0].status, Some(StatusCode::OK));
        site.op.release();
        let late = slow.await.unwrap();
        assert!(!is_in(&copy).await);
        assert!(!late.set_cookies().iter().any(|cookie| !cookie.contains("Max-Age=0")), "{late:?}");
        assert!(!is_in(&ada).await);
    }
}

#[tokio::test]
async fn bearer_tokens_go_on_until_they_end() {
    let site = Site::builder().bearer(|server| server).open().await;
    serve(&site).await;
    let ada = site.ada().await;
    let token = ada.get("/token").await.token();
    site.op.end_sessions_of(&User::ada()).await;
    assert_eq!(ada.get("/token").await.status, StatusCode::UNAUTHORIZED);
    let reply = site.visitor().send(Request::get("/token").header(AUTHORIZATION, bearer(&token))).await;
    assert_eq!(reply.token(), token);
}

#[tokio::test]
async fn without_keys_the_logout_fails_and_may_be_sent_again() {
    let site = Site::open().await;
    site.op.fault(Endpoint::Jwks, Fault::Status(500));
    let token = site.op.mint_logout_token(&TestLogoutToken::of_session("s1"));
    let reply = tell(site.app(), &token).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "as §2.8 has it: {reply:?}");
    assert_eq!(reply.json()["error"], "temporarily_unavailable");
    assert_eq!(reply.header("retry-after"), "1");
    site.op.clear_faults();
    site.clock.advance(SECOND);
    assert_eq!(tell(site.app(), &token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_provider_that_hangs_up_has_its_session_ended_all_the_same() {
    let site = Site::open().await;
    let ada = site.ada().await;
    // A new key has to be fetched; within 30 seconds of the last fetch it would not be.
    site.clock.advance(Duration::from_secs(90));
    site.op.rotate_keys(true);
    let token = site.op.mint_logout_token(&TestLogoutToken::of_session(sid(&ada).await));
    site.op.fault_times(Endpoint::Jwks, Fault::HoldUntilReleased, 1);
    let app = site.app();
    let telling = tokio::spawn(async move { tell(app, &token).await });
    site.op.wait_until_held(1).await;
    telling.abort();
    assert!(telling.await.unwrap_err().is_cancelled());
    assert!(is_in(&ada).await);
    site.op.release();
    tests::eventually("the session is over", async || !is_in(&ada).await).await;
}

#[tokio::test]
async fn the_route_can_be_moved_and_switched_off() {
    let moved =
        Site::builder().config(|config| config.with_backchannel_logout_path("/oidc/over")).open().await;
    let off = Site::builder().config(|config| config.without_backchannel_logout()).open().await;
    for (site, path, expected) in [
        (&moved, "/oidc/over", StatusCode::OK),
        (&moved, PATH, StatusCode::NOT_FOUND),
        (&off, PATH, StatusCode::NOT_FOUND),
    ] {
        let token = site.op.mint_logout_token(&TestLogoutToken::of_session("s1"));
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let reply = send_with_body(site.app(), request, format!("logout_token={token}")).await;
        assert_eq!(reply.status, expected, "{path}");
    }
}

/// Sends a form in a body of any kind through the layer around a plain service.
async fn tell_in<B>(site: &Site, body: impl FnOnce(String) -> B) -> StatusCode
where
    B: axum::body::HttpBody + Send + 'static,
{
    let inner = service_fn(async |_: Request<B>| Ok::<_, Infallible>(Response::new(String::new())));
    let token = site.op.mint_logout_token(&TestLogoutToken::of_session("s1"));
    let request = Request::post(PATH).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.body(body(format!("logout_token={token}"))).unwrap();
    site.auth.layer().layer(inner).oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn a_body_of_any_kind_is_read() {
    let site = Site::open().await;
    assert_eq!(tell_in(&site, |form| form).await, StatusCode::OK);
    assert_eq!(tell_in(&site, Full::<Bytes>::from).await, StatusCode::OK);
    assert_eq!(tell_in(&site, Body::from).await, StatusCode::OK);
    assert_eq!(tell_in(&site, tonic::body::Body::new).await, StatusCode::OK);
    // It is not `Sync`, and its error cannot be sent to another thread.
    assert_eq!(
        tell_in(&site, |form| Full::<Bytes>::from(form).map_err(|_| Rc::new(())).boxed_unsync()).await,
        StatusCode::OK
    );
    assert_eq!(tell_in(&site, |_| Empty::<Bytes>::new()).await, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn nothing_but_the_token_counts() {
    let site = Site::open().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-purpose", "prefetch"),
        ("cookie", "auth_session=stale"),
        ("authorization", "Bearer of-nobody"),
    ] {
        let token = site.op.mint_logout_token(&TestLogoutToken::of_session("s1"));
        let kind = "Application/X-WWW-Form-URLencoded; charset=UTF-8";
        let request = Request::post(PATH).header(CONTENT_TYPE, kind).header(name, value);
        let body = format!("more=1&logout_token={token}&more=2");
        let reply = send_with_body(site.app(), request, body).await;
        assert_eq!((reply.status, reply.set_cookies().len()), (StatusCode::OK, 0), "{name}: {reply:?}");
    }
}
