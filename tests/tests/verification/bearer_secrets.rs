//! Bearer tokens and proofs that show: in answers, logs, errors and `Debug` (RFC 9700 §4.2, RFC 6750 §5.3).

use std::time::Duration;

use auth_layer::config::{ClientAuthentication, DpopPolicy, ResourceServerConfig, TrustedIssuer};
use auth_layer::testing::{DEFAULT_CLIENT_ID, Endpoint, Fault, bearer, dpop};
use auth_layer::{AccessToken, Secret, User};
use axum::Router;
use axum::extract::Request as AxumRequest;
use axum::routing::get;
use http::Request;
use http::header::AUTHORIZATION;
use tests::{Api, Listener, Reply, SHOP};

use crate::support::{assert_no_part_of, assert_nothing_of};

const SECRET: &str = "introspection-secret-of-this-api";
const WHO: &str = "https://api.shop.example/who";

/// What a handler has at hand, by `Debug`.
async fn shown(token: AccessToken, user: User, request: AxumRequest) -> String {
    let mut headers = http::HeaderMap::new();
    headers.insert(AUTHORIZATION, token.authorization());
    let proof = request.headers().get("dpop").is_some();
    format!(
        "{token:?} {token:#?} {user:?} {headers:?} {:?} {proof} {:?}",
        request.extensions(),
        token.clone().into_any()
    )
}

async fn api() -> Api {
    Api::builder()
        .routes(Router::new().route("/shown", get(shown)))
        .provider(|op| {
            op.client(auth_layer::testing::ClientRegistration::confidential(DEFAULT_CLIENT_ID, SECRET))
        })
        .issuer(|issuer| issuer.with_introspection(DEFAULT_CLIENT_ID, SECRET))
        .config(|config| config.with_base_url(SHOP).with_dpop(DpopPolicy::new()))
        .open()
        .await
}

/// Tokens and proofs of every fate, and the answers to them.
async fn story(api: &Api) -> (Vec<String>, Vec<Reply>) {
    let key = api.op.dpop_key();
    let bound = api.token(Api::ada().bound_to(key.thumbprint()));
    let opaque = api.token(Api::ada().opaque());
    let mut tokens = vec![
        api.token(Api::ada()),
        api.token(Api::ada().with_claim("exp", 1)),
        api.token(Api::ada().with_audience("https://x.example")),
        api.token(Api::ada().with_header("kid", "unknown-key-of-nobody")),
        api.token(Api::ada().with_claim("aud", 7)),
        opaque.clone(),
        format!("{opaque}-of-nobody"),
    ];
    let mut replies = Vec::new();
    for token in &tokens {
        for _ in 0..2 {
            replies.push(api.call(token).await);
        }
    }
    let unheard = api.token(Api::ada().opaque());
    for fault in [
        Fault::Status(500),
        Fault::Status(401),
        Fault::DropResponse,
        Fault::garbage("{\"active\":7}", "application/json"),
        Fault::Redirect("https://evil.example/".into()),
    ] {
        api.op.fault(Endpoint::Introspection, fault);
        replies.push(api.call(&unheard).await);
    }
    api.op.clear_faults();
    tokens.extend([unheard, bound.clone()]);
    let proofs = [
        key.proof("GET", WHO, Some(&bound), None),
        key.proof("POST", WHO, Some(&bound), None),
        key.proof("GET", "https://evil.example/who", Some(&bound), None),
        api.op.dpop_key().proof("GET", WHO, Some(&bound), None),
    ];
    for proof in &proofs {
        for _ in 0..2 {
            let request = Request::get("/who").header(AUTHORIZATION, dpop(&bound)).header("dpop", proof);
            replies.push(api.send(request).await);
        }
    }
    tokens.extend(proofs);
    for pattern in ["Bearer T T", "Bearer T,T", "Bearer\tT", "DPoP T", "Bearer \u{e9}T"] {
        let value = pattern.replace('T', &tokens[0]);
        let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        replies.push(api.send(Request::get("/who").header(AUTHORIZATION, value)).await);
    }
    (tokens, replies)
}

#[tokio::test]
async fn token_or_proof_in_the_log() {
    Listener::start();
    let api = api().await;
    let (tokens, _) = story(&api).await;
    api.clock.advance(Duration::from_secs(3_700));
    for token in &tokens {
        api.call(token).await;
    }
    let log = Listener::stop();
    assert!(log.matches("a bearer token was refused").count() > 20, "something was logged");
    for token in &tokens {
        assert_nothing_of(token, &log, "the log");
    }
    assert!(!log.contains(SECRET) && !log.contains("local|ada"), "nor the secret, nor who it was");
}

#[tokio::test]
async fn token_or_proof_in_an_answer() {
    let api = api().await;
    let (tokens, replies) = story(&api).await;
    let refused: Vec<_> = replies.iter().filter(|reply| !reply.status.is_success()).collect();
    assert!(refused.len() > 20);
    for reply in refused {
        for token in &tokens {
            assert_nothing_of(token, &format!("{reply:?}"), "an answer");
        }
        assert!(!format!("{reply:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn token_or_proof_in_debug_of_the_application() {
    let api = api().await;
    let (tokens, _) = story(&api).await;
    for text in [
        format!("{:?}", api.auth),
        format!("{:#?}", api.auth),
        format!("{:?}", api.auth.layer()),
        format!("{:?}", tower::Layer::layer(&api.auth.layer(), ())),
    ] {
        for token in &tokens {
            assert_no_part_of(token, &text, "Debug");
        }
        assert!(!text.contains(SECRET) && !text.contains("local|ada"));
        // Whoever derives `Debug` for his state prints this with each line of his log.
        assert!(text.len() < 64 * 1024, "{} bytes of Debug", text.len());
        assert!(!text.contains("read:products"), "nor what the tokens of others grant");
    }
}

#[tokio::test]
async fn token_or_proof_in_debug_of_what_a_handler_has() {
    let api = api().await;
    let token = api.token(Api::ada().with_claim("email", "ada@example.com"));
    let key = api.op.dpop_key();
    let bound = api.token(Api::ada().bound_to(key.thumbprint()));
    let proof = key.proof("GET", "https://api.shop.example/shown", Some(&bound), None);
    let plain = Request::get("/shown").header(AUTHORIZATION, bearer(&token));
    let with_proof = Request::get("/shown").header(AUTHORIZATION, dpop(&bound)).header("dpop", &proof);
    for request in [plain, with_proof] {
        let reply = api.send(request).await;
        assert!(reply.body.contains("read:products") && reply.body.contains("local|ada"), "{reply:?}");
        // Whose token it is, `Debug` of a user says; all else stays.
        let text = reply.body.replace("local|ada", "").replace("read:products", "");
        for secret in [&token, &bound, &proof] {
            assert_nothing_of(secret, &text, "Debug in a handler");
        }
        assert!(text.contains("Sensitive"), "the header is marked: {text}");
    }
}

#[tokio::test]
async fn secret_of_the_api_in_debug_of_its_configuration() {
    for authentication in
        [ClientAuthentication::Basic(Secret::from(SECRET)), ClientAuthentication::Post(Secret::from(SECRET))]
    {
        let issuer = TrustedIssuer::new("https://op.example").with_introspection_as("api", authentication);
        let policy = DpopPolicy::new().with_nonce_key(SECRET);
        let builder = ResourceServerConfig::builder(SHOP)
            .add_issuer(issuer.clone())
            .with_base_url("https://api.shop.example")
            .with_dpop(policy.clone());
        let texts =
            format!("{issuer:?} {policy:?} {builder:?} {builder:#?} {:?}", builder.clone().build().unwrap());
        assert!(!texts.contains(SECRET), "{texts}");
        let error = builder.add_issuer(issuer).build().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(SECRET));
    }
}
