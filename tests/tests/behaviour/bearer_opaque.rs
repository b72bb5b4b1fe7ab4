//! Opaque tokens: their issuer is asked (RFC 7662), once for all who wait, and believed for a while.

use std::time::Duration;

use auth_layer::config::TrustedIssuer;
use auth_layer::testing::{Endpoint, Fault, TestAccessToken};
use futures_util::future::join_all;
use http::StatusCode;
use serde_json::{Value, json};
use tests::{Api, ApiBuilder, START};

const SECOND: Duration = Duration::from_secs(1);

/// An API that introspects as the provider's default client.
fn builder() -> ApiBuilder {
    use auth_layer::testing::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};
    Api::builder()
        .issuer(|issuer: TrustedIssuer| issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET))
}

async fn api() -> Api {
    builder().open().await
}

fn asked(api: &Api) -> usize {
    api.op.calls(Endpoint::Introspection)
}

fn opaque() -> TestAccessToken {
    Api::ada().opaque()
}

#[tokio::test]
async fn an_opaque_token_passes_as_a_jwt_does() {
    let api = api().await;
    let reply = api.issued(opaque().with_claim("jti", "one")).await;
    let expected = json!({
        "source": "Bearer",
        "principal": "User",
        "subject": "local|ada",
        "client": "shop",
        "issuer": api.op.issuer(),
        "audience": tests::SHOP,
        "scopes": "read:products",
        "id": "one",
        "expires_at": START + 3_600,
    });
    assert_eq!((reply.status, reply.json()), (StatusCode::OK, expected));
    let client = TestAccessToken::for_client("worker").opaque();
    assert_eq!(api.issued(client).await.json()["principal"], "Client");
}

#[tokio::test]
async fn a_jwt_is_never_asked_about() {
    let api = api().await;
    let good = api.token(Api::ada());
    assert_eq!(api.call(&good).await.status, StatusCode::OK);
    for bad in
        [format!("{good}x"), api.token(Api::ada().with_claim("exp", 1)), good.replacen("eyJ", "eyJA", 1)]
    {
        assert_eq!(api.call(&bad).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(asked(&api), 0);
}

#[tokio::test]
async fn an_opaque_token_is_refused_where_nobody_is_asked() {
    let api = Api::open().await;
    let reply = api.issued(opaque()).await;
    assert_eq!((reply.status, &reply.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_token")));
    assert_eq!(asked(&api), 0);
}

#[tokio::test]
async fn a_hundred_at_once_with_one_token_ask_once() {
    let api = api().await;
    let token = api.token(opaque());
    api.op.fault_times(Endpoint::Introspection, Fault::HoldUntilReleased, 1);
    let released = async {
        api.op.wait_until_held(1).await;
        api.op.release();
    };
    let (replies, ()) = tokio::join!(join_all((0..100).map(|_| api.call(&token))), released);
    assert!(replies.iter().all(|reply| reply.status == StatusCode::OK));
    assert_eq!(asked(&api), 1);
}

#[tokio::test]
async fn a_hundred_at_once_with_a_bad_token_ask_once_too() {
    let api = api().await;
    api.op.fault_times(Endpoint::Introspection, Fault::HoldUntilReleased, 1);
    let released = async {
        api.op.wait_until_held(1).await;
        api.op.release();
    };
    let (replies, ()) = tokio::join!(join_all((0..100).map(|_| api.call("nobody"))), released);
    assert!(replies.iter().all(|reply| reply.status == StatusCode::UNAUTHORIZED));
    assert_eq!(asked(&api), 1);
}

#[tokio::test]
async fn a_caller_who_hangs_up_leaves_the_answer_to_those_who_wait() {
    let api = api().await;
    let token = api.token(opaque());
    api.op.fault_times(Endpoint::Introspection, Fault::HoldUntilReleased, 1);
    let first = tokio::spawn({
        let (api, token) = (api.clone(), token.clone());
        async move { api.call(&token).await }
    });
    api.op.wait_until_held(1).await;
    let second = api.call(&token);
    let hang_up = async {
        first.abort();
        assert!(first.await.is_err());
    };
    let (reply, ()) = tokio::join!(second, hang_up);
    assert_eq!((reply.status, asked(&api)), (StatusCode::OK, 2), "the second asked for himself");
    api.op.release();
    assert_eq!(api.call(&token).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_answer_is_believed_for_a_minute_and_never_beyond_the_end() {
    let api = api().await;
    let (long, short) = (api.token(opaque()), api.token(opaque().with_lifetime(10 * SECOND)));
    for token in [&long, &short, &long, &short] {
        assert_eq!(api.call(token).await.status, StatusCode::OK);
    }
    assert_eq!(asked(&api), 2);
    api.clock.advance(10 * SECOND);
    assert_eq!(api.call(&short).await.status, StatusCode::UNAUTHORIZED, "no skew: its issuer has the word");
    api.clock.advance(49 * SECOND);
    assert_eq!((api.call(&long).await.status, asked(&api)), (StatusCode::OK, 3));
    api.clock.advance(SECOND);
    assert_eq!((api.call(&long).await.status, asked(&api)), (StatusCode::OK, 4), "asked again");
}

#[tokio::test]
async fn a_revocation_at_the_provider_is_seen_when_the_answer_is_old() {
    let api = api().await;
    let token = api.token(opaque());
    assert_eq!(api.call(&token).await.status, StatusCode::OK);
    api.op.revoke_access_token(&token);
    api.clock.advance(59 * SECOND);
    assert_eq!(api.call(&token).await.status, StatusCode::OK, "still believed");
    api.clock.advance(SECOND);
    assert_eq!(api.call(&token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn how_long_an_answer_is_believed_is_the_applications_choice() {
    for (seconds, cache, answers) in [(0, 1 << 26, 3), (5, 1 << 26, 2), (3_600, 1 << 26, 1), (60, 0, 3)] {
        let api = builder()
            .config(move |config| {
                config.with_introspection_cache(seconds * SECOND).with_token_cache_bytes(cache)
            })
            .open()
            .await;
        let token = api.token(opaque());
        for pause in [4, 4, 0] {
            assert_eq!(api.call(&token).await.status, StatusCode::OK, "{seconds} s, {cache} bytes");
            api.clock.advance(pause * SECOND);
        }
        assert_eq!(asked(&api), answers, "{seconds} s, {cache} bytes");
    }
}

#[tokio::test]
async fn a_no_is_remembered_for_ten_seconds_in_which_the_provider_is_not_asked() {
    let api = api().await;
    for _ in 0..20 {
        assert_eq!(api.call("nobody").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(asked(&api), 1);
    api.clock.advance(10 * SECOND);
    assert_eq!((api.call("nobody").await.status, asked(&api)), (StatusCode::UNAUTHORIZED, 2));
}

#[tokio::test]
async fn a_provider_that_is_away_is_503_and_a_known_token_is_still_served() {
    let api = api().await;
    let (known, unknown) = (api.token(opaque()), api.token(opaque()));
    assert_eq!(api.call(&known).await.status, StatusCode::OK);
    for fault in [
        Fault::Status(500),
        Fault::Status(401),
        Fault::Status(403),
        Fault::RetryAfter(429, 7 * SECOND),
        Fault::DropConnection,
        Fault::garbage("<html></html>", "text/html"),
        Fault::garbage("{\"active\":true,\"active\":true}", "application/json"),
        Fault::garbage("{\"active\":\"true\"}", "application/json"),
        Fault::garbage("{}", "application/json"),
        Fault::garbage("[]", "application/json"),
        Fault::Flood(2 << 20),
        Fault::Redirect("https://evil.example/".into()),
    ] {
        let name = format!("{fault:?}");
        api.op.fault(Endpoint::Introspection, fault);
        assert_eq!(api.call(&known).await.status, StatusCode::OK, "{name}");
        let reply = api.call(&unknown).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{name}: neither good nor bad");
        let wait = if name.contains("429") { "7" } else { "1" };
        assert_eq!((reply.header("retry-after"), reply.header("www-authenticate")), (wait, ""), "{name}");
    }
    api.op.clear_faults();
    assert_eq!(api.call(&unknown).await.status, StatusCode::OK, "no failure is remembered");
}

#[tokio::test]
async fn a_yes_is_not_enough_where_the_answer_does_not_name_this_api() {
    let api = api().await;
    for (name, token, good) in [
        ("this API", opaque(), true),
        ("among others", opaque().add_audience("https://x.example"), true),
        ("another API", opaque().with_audience("https://x.example"), false),
        ("none", opaque().without_claim("aud"), false),
        ("an empty list", opaque().with_claim("aud", json!([])), false),
        ("the beginning of it", opaque().with_audience("https://api.shop"), false),
        ("no issuer, which may be left out", opaque().without_claim("iss"), true),
        ("another issuer", opaque().with_claim("iss", "https://x.example"), false),
        ("no end, which may be left out", opaque().without_claim("exp"), true),
        ("an end that has come", opaque().with_claim("exp", START), false),
        ("a beginning to come", opaque().with_claim("nbf", START + 31), false),
        ("an end of another type", opaque().with_claim("exp", "tomorrow"), false),
        ("a subject of another type", opaque().with_claim("sub", 7), false),
        ("a scope of another type", opaque().with_claim("scope", json!([7])), false),
    ] {
        let reply = api.issued(token).await;
        assert_eq!(reply.status == StatusCode::OK, good, "{name}: {reply:?}");
        assert_eq!(reply.header("www-authenticate").contains("invalid_token"), !good, "{name}");
    }
}

#[tokio::test]
async fn the_thirty_third_question_at_once_is_503_and_those_before_it_are_answered() {
    let api = api().await;
    let tokens: Vec<String> = (0..33).map(|_| api.token(opaque())).collect();
    api.op.fault(Endpoint::Introspection, Fault::HoldUntilReleased);
    let released = async {
        api.op.wait_until_held(32).await;
        api.op.clear_faults();
    };
    let (replies, ()) = tokio::join!(join_all(tokens.iter().map(|token| api.call(token))), released);
    let refused = replies.iter().filter(|reply| reply.status == StatusCode::SERVICE_UNAVAILABLE).count();
    let passed = replies.iter().filter(|reply| reply.status == StatusCode::OK).count();
    assert_eq!((passed, refused, asked(&api)), (32, 1, 32));
    for token in &tokens {
        assert_eq!(api.call(token).await.status, StatusCode::OK, "nothing is left of the crowd");
    }
    assert_eq!(asked(&api), 33);
}

#[tokio::test]
async fn one_issuer_is_asked_about_opaque_tokens_and_the_other_never_sees_one() {
    use auth_layer::testing::IdentityProvider;
    let asks = api().await;
    let other = IdentityProvider::builder().clock(asks.op.clock()).start().await.unwrap();
    let trusted = TrustedIssuer::new(&other.issuer());
    let api = builder().config(|config| config.add_issuer(trusted)).over(&asks.op).await;
    assert_eq!(api.issued(opaque()).await.status, StatusCode::OK);
    assert_eq!(api.call(&other.issue_access_token(opaque())).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.calls(Endpoint::Introspection), 0);
    assert_ne!(api.call(&other.issue_access_token(Api::ada())).await.json(), Value::Null);
}
