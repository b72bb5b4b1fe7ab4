//! Proofs of possession where they are demanded, with a nonce or without, and beside sessions (RFC 9449 §7, §9).

use std::time::Duration;

use auth_layer::AccessToken;
use auth_layer::config::{DpopPolicy, ResourceServerConfigBuilder};
use auth_layer::testing::{DpopKey, bearer, dpop};
use axum::Router;
use axum::routing::get;
use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use serde_json::json;
use tests::{Api, Listener, Reply, SHOP, Site, send};

use crate::support::assert_nothing_of;

const NONCE_KEY: &str = "0123456789abcdef0123456789abcdef";

/// An API that takes proofs by a policy, a client's key, and a token that is bound to it.
async fn api(policy: DpopPolicy) -> (Api, DpopKey, String) {
    let api = Api::builder().config(|config| taking(config, policy)).open().await;
    let key = api.op.dpop_key();
    let token = api.token(Api::ada().bound_to(key.thumbprint()));
    (api, key, token)
}

fn taking(config: ResourceServerConfigBuilder, policy: DpopPolicy) -> ResourceServerConfigBuilder {
    config.with_base_url(SHOP).with_dpop(policy)
}

async fn call(api: &Api, key: &DpopKey, token: &str, nonce: Option<&str>) -> Reply {
    let proof = key.proof("GET", "https://api.shop.example/who", Some(token), nonce);
    api.send(Request::get("/who").header(AUTHORIZATION, dpop(token)).header("dpop", proof)).await
}

fn schemes(reply: &Reply) -> Vec<String> {
    let all = reply.headers.get_all("www-authenticate").iter();
    all.map(|value| value.to_str().unwrap().split(' ').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn unbound_token_under_the_scheme_of_bound_ones() {
    let (api, key, _) = api(DpopPolicy::new()).await;
    let unbound = api.token(Api::ada());
    Listener::start();
    let reply = call(&api, &key, &unbound, None).await;
    let log = Listener::stop();
    assert_eq!((reply.status, &reply.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_token")));
    let first = reply.header("www-authenticate");
    assert!(first.starts_with("DPoP ") && first.contains("error=\"invalid_token\", algs="), "{first}");
    assert!(log.contains("the token came with the scheme DPoP, and is bound to no key"), "{log}");
    assert_nothing_of(&unbound, &log, "unbound");
    assert_eq!(api.call(&unbound).await.status, StatusCode::OK, "as a bearer token it is good");
    // A proof beside a bearer token is nobody's business.
    let stray = Request::get("/who").header(AUTHORIZATION, bearer(&unbound)).header("dpop", "nonsense");
    assert_eq!(api.send(stray).await.status, StatusCode::OK);
    let plain = Api::open().await;
    let reply = call(&plain, &plain.op.dpop_key(), &plain.token(Api::ada()), None).await;
    assert_eq!((reply.status, schemes(&reply)), (StatusCode::UNAUTHORIZED, vec!["Bearer".to_owned()]));
}

#[tokio::test]
async fn bearer_token_where_bound_ones_are_demanded() {
    let (api, key, token) = api(DpopPolicy::new().required()).await;
    assert_eq!(call(&api, &key, &token, None).await.status, StatusCode::OK);
    let unbound = api.token(Api::ada());
    for _ in 0..2 {
        Listener::start();
        let reply = api.call(&unbound).await;
        let log = Listener::stop();
        assert_eq!(
            (reply.status, &reply.json()["error"]),
            (StatusCode::UNAUTHORIZED, &json!("invalid_token"))
        );
        assert_eq!(schemes(&reply), ["DPoP"], "no other scheme is offered");
        assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""));
        assert!(log.contains("this API takes bound ones only"), "{log}");
    }
    let stranger = api.send(Request::get("/who")).await;
    assert_eq!(schemes(&stranger), ["DPoP"]);
    assert!(!stranger.header("www-authenticate").contains("error"));
    let bad = api.call("nonsense").await;
    assert_eq!((schemes(&bad), bad.status), (vec!["DPoP".to_owned()], StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn scheme_of_bound_tokens_in_any_case_and_with_nothing_in_it() {
    let (api, key, token) = api(DpopPolicy::new()).await;
    for scheme in ["DPoP", "dpop", "DPOP"] {
        let proof = key.proof("GET", "https://api.shop.example/who", Some(&token), None);
        let request = Request::get("/who").header(AUTHORIZATION, format!("{scheme} {token}"));
        assert_eq!(api.send(request.header("dpop", proof)).await.status, StatusCode::OK, "{scheme}");
    }
    for value in ["DPoP", "DPoP ", "DPoP a b", "DPoP\ta", "DPoP,a"] {
        let reply = api.send(Request::get("/who").header(AUTHORIZATION, value)).await;
        assert_eq!(
            (reply.status, &reply.json()["error"]),
            (StatusCode::BAD_REQUEST, &json!("invalid_request"))
        );
    }
    let lacking = Router::new().route("/", get(async |_: AccessToken<crate::bearer_header::Quoted>| "never"));
    let lacking = lacking.layer(api.auth.layer());
    let proof = key.proof("GET", "https://api.shop.example/", Some(&token), None);
    let reply =
        send(lacking, Request::get("/").header(AUTHORIZATION, dpop(&token)).header("dpop", proof)).await;
    let first = reply.header("www-authenticate");
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(first.starts_with("DPoP ") && first.contains("error=\"insufficient_scope\""), "{first}");
}

#[tokio::test]
async fn proof_made_ahead_of_time() {
    let (api, key, token) = api(DpopPolicy::new().with_nonce()).await;
    for foreign in [None, Some(""), Some("x"), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        Listener::start();
        let reply = call(&api, &key, &token, foreign).await;
        let log = Listener::stop();
        assert_eq!(
            (reply.status, reply.header("cache-control")),
            (StatusCode::UNAUTHORIZED, "no-store, private")
        );
        if foreign == Some("") {
            assert_eq!(reply.json()["error"], "invalid_dpop_proof", "an empty one is no nonce");
            continue;
        }
        assert_eq!(reply.json()["error"], "use_dpop_nonce", "{foreign:?}");
        assert!(reply.header("www-authenticate").contains("error=\"use_dpop_nonce\""), "{reply:?}");
        assert!(log.contains("kind=UseNonce"), "{log}");
        // The client tries again exactly once.
        let nonce = reply.header("dpop-nonce").to_owned();
        assert_eq!(call(&api, &key, &token, Some(&nonce)).await.status, StatusCode::OK, "{foreign:?}");
        assert_eq!(
            call(&api, &key, &token, Some(&nonce)).await.status,
            StatusCode::OK,
            "it may be used again"
        );
    }
}

#[tokio::test]
async fn nonce_that_is_old_bent_or_of_another_process() {
    let (api, key, token) = api(DpopPolicy::new().with_nonce()).await;
    let nonce = call(&api, &key, &token, None).await.header("dpop-nonce").to_owned();
    let asks_anew = async |api: &Api, nonce: &str| {
        let reply = call(api, &key, &token, Some(nonce)).await;
        assert_eq!(
            (reply.status, &reply.json()["error"]),
            (StatusCode::UNAUTHORIZED, &json!("use_dpop_nonce"))
        );
        assert_ne!(reply.header("dpop-nonce"), "");
    };
    for place in [0, 5, 12, 20, nonce.len() - 1] {
        let mut bent = nonce.clone().into_bytes();
        bent[place] = if bent[place] == b'A' { b'B' } else { b'A' };
        asks_anew(&api, str::from_utf8(&bent).unwrap()).await;
    }
    let policy = DpopPolicy::new().with_nonce();
    let another = Api::builder().config(|config| taking(config, policy)).over(&api.op).await;
    asks_anew(&another, &nonce).await;
    api.clock.advance(Duration::from_secs(119));
    assert_eq!(call(&api, &key, &token, Some(&nonce)).await.status, StatusCode::OK);
    api.clock.advance(Duration::from_secs(1));
    asks_anew(&api, &nonce).await;
}

#[tokio::test]
async fn nonce_at_another_instance_with_the_same_key() {
    let policy = || DpopPolicy::new().with_nonce_key(NONCE_KEY);
    let (one, key, token) = api(policy()).await;
    let two = Api::builder().config(move |config| taking(config, policy())).over(&one.op).await;
    let nonce = call(&one, &key, &token, None).await.header("dpop-nonce").to_owned();
    assert_eq!(call(&two, &key, &token, Some(&nonce)).await.status, StatusCode::OK);
    let text = format!("{:?} {:?}", two.auth, DpopPolicy::new().with_nonce_key(NONCE_KEY));
    assert!(!text.contains(NONCE_KEY), "the key shows in Debug");
}

#[tokio::test]
async fn proof_with_a_nonce_used_again() {
    let (api, key, token) = api(DpopPolicy::new().with_nonce()).await;
    let nonce = call(&api, &key, &token, None).await.header("dpop-nonce").to_owned();
    let proof = key.proof("GET", "https://api.shop.example/who", Some(&token), Some(&nonce));
    let send = || api.send(Request::get("/who").header(AUTHORIZATION, dpop(&token)).header("dpop", &proof));
    assert_eq!(send().await.status, StatusCode::OK);
    let again = send().await;
    assert_eq!(again.json()["error"], "invalid_dpop_proof");
    assert_eq!(again.header("dpop-nonce"), "", "a new nonce would not help");
}

#[tokio::test]
async fn bound_token_that_expires_or_is_revoked_beside_a_good_proof() {
    let (api, key, token) = api(DpopPolicy::new()).await;
    assert_eq!(call(&api, &key, &token, None).await.status, StatusCode::OK);
    let issuer = auth_layer::Issuer::from(api.op.issuer());
    let ada = auth_layer::Subject::from("local|ada");
    api.clock.advance(Duration::from_secs(3_630));
    assert_eq!(call(&api, &key, &token, None).await.json()["error"], "invalid_token");
    let token = api.token(Api::ada().bound_to(key.thumbprint()));
    assert_eq!(call(&api, &key, &token, None).await.status, StatusCode::OK);
    api.auth.revoke_subject(&issuer, &ada, Duration::from_secs(3_600));
    assert_eq!(call(&api, &key, &token, None).await.json()["error"], "invalid_token");
}

#[tokio::test]
async fn path_below_which_the_api_lives() {
    let policy = DpopPolicy::new();
    let api = Api::builder()
        .config(|config| config.with_base_url("https://shop.example/api/v1").with_dpop(policy))
        .open()
        .await;
    let key = api.op.dpop_key();
    let token = api.token(Api::ada().bound_to(key.thumbprint()));
    let call = async |app: Router, path: &str, url: &str| {
        let proof = key.proof("GET", url, Some(&token), None);
        let request = Request::get(path).header(AUTHORIZATION, dpop(&token)).header("dpop", proof);
        send(app, request).await.status
    };
    let seen = "https://shop.example/api/v1/who";
    assert_eq!(call(api.app(), "/who", seen).await, StatusCode::OK, "a proxy took the path away");
    let nested = Router::new().nest("/api/v1", api.app());
    assert_eq!(call(nested.clone(), "/api/v1/who", seen).await, StatusCode::OK, "a router took it away");
    for url in
        ["https://shop.example/who", "https://shop.example/api/who", "https://shop.example/api/v1/api/v1/who"]
    {
        assert_eq!(call(api.app(), "/who", url).await, StatusCode::UNAUTHORIZED, "{url}");
        assert_eq!(call(nested.clone(), "/api/v1/who", url).await, StatusCode::UNAUTHORIZED, "{url}");
    }
}

#[tokio::test]
async fn opaque_token_that_is_bound() {
    use auth_layer::testing::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Endpoint, Fault};
    let (policy, asks) = (DpopPolicy::new(), |issuer: auth_layer::config::TrustedIssuer| {
        issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET)
    });
    let api = Api::builder().issuer(asks).config(|config| taking(config, policy)).open().await;
    let (key, thief) = (api.op.dpop_key(), api.op.dpop_key());
    let token = api.token(Api::ada().opaque().bound_to(key.thumbprint()));
    assert_eq!(call(&api, &key, &token, None).await.status, StatusCode::OK);
    assert_eq!(call(&api, &thief, &token, None).await.json()["error"], "invalid_dpop_proof");
    assert_eq!(api.call(&token).await.json()["error"], "invalid_token");
    // The issuer says DPoP, and forgets to say of which key (RFC 9449 §6.2).
    let keyless = api.token(Api::ada().opaque().bound_to(key.thumbprint()));
    let forget = |answer: &mut serde_json::Value| drop(answer.as_object_mut().unwrap().remove("cnf"));
    api.op.fault(Endpoint::Introspection, Fault::rewrite(forget));
    assert_eq!(api.call(&keyless).await.json()["error"], "invalid_token");
    assert_eq!(call(&api, &key, &keyless, None).await.json()["error"], "invalid_token");
}

#[tokio::test]
async fn bound_token_beside_a_session() {
    let site = Site::builder().bearer(|config| taking(config, DpopPolicy::new())).open().await;
    let ada = site.ada().await;
    let key = site.op.dpop_key();
    let bob =
        auth_layer::testing::TestAccessToken::new("local|bob").with_audience(SHOP).bound_to(key.thumbprint());
    let token = site.op.issue_access_token(bob);
    let with = async |proof: &str| {
        ada.send(Request::get("/user").header(AUTHORIZATION, dpop(&token)).header("dpop", proof)).await
    };
    let proof = key.proof("GET", "https://api.shop.example/user", Some(&token), None);
    assert_eq!(with(&proof).await.body, "local|bob");
    let again = with(&proof).await;
    assert_eq!((again.status, again.set_cookies().len()), (StatusCode::UNAUTHORIZED, 0), "never Ada instead");
    assert_eq!(ada.get("/user").await.body, "local|ada");
}
