//! Several issuers: each token is judged by the one that it names, and by no other.

use auth_layer::config::{ResourceServerConfig, TokenProfile, TrustedIssuer};
use auth_layer::jose::Algorithm;
use auth_layer::testing::{IdentityProvider, IdentityProviderBuilder, SigningAlgorithm};
use auth_layer::{Auth, Clock, Timestamp};
use http::StatusCode;
use serde_json::json;
use tests::{Api, BILLING, SHOP, START};

async fn provider(
    change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder,
) -> IdentityProvider {
    let clock = Clock::manual(Timestamp::from_unix_seconds(START));
    let builder = IdentityProvider::builder().clock(clock).own_keys();
    change(builder).start().await.unwrap()
}

/// An API that trusts two issuers; tokens are its first one's unless they are signed apart.
async fn between(
    one: &IdentityProvider,
    two: &IdentityProvider,
    change: impl FnOnce(TrustedIssuer) -> TrustedIssuer + 'static,
) -> Api {
    let second = change(TrustedIssuer::new(&two.issuer()));
    Api::builder().config(|config| config.add_issuer(second)).over(one).await
}

#[tokio::test]
async fn a_token_of_either_issuer_passes_and_says_which() {
    let (one, two) = (provider(|op| op).await, provider(|op| op).await);
    let api = between(&one, &two, |issuer| issuer).await;
    for op in [&one, &two, &one, &two] {
        let reply = api.call(&op.issue_access_token(Api::ada())).await;
        assert_eq!((reply.status, &reply.json()["issuer"]), (StatusCode::OK, &json!(op.issuer())));
    }
}

#[tokio::test]
async fn the_key_of_one_issuer_signs_for_no_other() {
    let (one, two) = (provider(|op| op).await, provider(|op| op).await);
    let api = between(&one, &two, |issuer| issuer).await;
    for (signer, named) in [(&one, &two), (&two, &one)] {
        let token = signer.issue_access_token(Api::ada().with_claim("iss", named.issuer()));
        assert_eq!(api.call(&token).await.json()["error"], "invalid_token");
        assert_eq!(api.call(&signer.issue_access_token(Api::ada())).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_issuer_is_compared_byte_for_byte() {
    let slashed = provider(|op| op.issuer_with_trailing_slash()).await;
    let plain = provider(|op| op).await;
    let api = between(&slashed, &plain, |issuer| issuer).await;
    let without = slashed.issuer().trim_end_matches('/').to_owned();
    for (name, op, iss, good) in [
        ("with its slash", &slashed, slashed.issuer(), true),
        ("without it", &slashed, without, false),
        ("as it is", &plain, plain.issuer(), true),
        ("with one more", &plain, format!("{}/", plain.issuer()), false),
        ("in capitals", &plain, plain.issuer().to_uppercase(), false),
        ("another scheme", &plain, plain.issuer().replace("http:", "https:"), false),
        ("a longer one", &plain, format!("{}.evil.example", plain.issuer()), false),
        ("a space after it", &plain, format!("{} ", plain.issuer()), false),
        ("the same host by name", &plain, plain.issuer().replace("127.0.0.1", "localhost"), false),
        ("nothing", &plain, String::new(), false),
    ] {
        let reply = api.call(&op.issue_access_token(Api::ada().with_claim("iss", iss))).await;
        assert_eq!(reply.status == StatusCode::OK, good, "{name}: {reply:?}");
    }
}

#[tokio::test]
async fn each_issuer_has_audiences_algorithms_and_a_profile_of_its_own() {
    let one = provider(|op| op.add_signing_key(SigningAlgorithm::Es256)).await;
    let two = provider(|op| op.add_signing_key(SigningAlgorithm::Es256)).await;
    let api = between(&one, &two, |issuer| {
        issuer
            .add_audience(BILLING)
            .add_audience("api://shop")
            .with_algorithms([Algorithm::Es256])
            .with_profile(TokenProfile::Lenient)
    })
    .await;
    let of = |audience: &str| Api::ada().with_audience(audience);
    let es256 = |audience: &str| of(audience).signed_with(SigningAlgorithm::Es256);
    for (name, op, token, good) in [
        ("the API's audience", &one, of(SHOP), true),
        ("another algorithm of its keys", &one, es256(SHOP), true),
        ("the other issuer's audience", &one, of(BILLING), false),
        ("no at+jwt where it is required", &one, of(SHOP).with_header("typ", "JWT"), false),
        ("its own audience", &two, es256(BILLING), true),
        ("its second audience", &two, es256("api://shop"), true),
        ("one of several", &two, es256("https://x.example").add_audience("api://shop"), true),
        ("the API's, which it replaces", &two, es256(SHOP), false),
        ("an algorithm that is not listed", &two, of(BILLING), false),
        ("no at+jwt where it may be missing", &two, es256(BILLING).with_header("typ", "JWT"), true),
    ] {
        let reply = api.call(&op.issue_access_token(token)).await;
        assert_eq!(reply.status == StatusCode::OK, good, "{name}: {reply:?}");
    }
    let both = two.issue_access_token(es256("api://shop").add_audience(BILLING));
    assert_eq!(api.call(&both).await.json()["audience"], "api://shop", "the first that is the API's");
}

#[tokio::test]
async fn an_issuer_that_nobody_trusts_is_never_asked_for_anything() {
    let (one, stranger) = (provider(|op| op).await, provider(|op| op).await);
    let api = Api::builder().over(&one).await;
    let reply = api.call(&stranger.issue_access_token(Api::ada())).await;
    assert_eq!(reply.json()["error"], "invalid_token");
    use auth_layer::testing::Endpoint::{Discovery, Introspection, Jwks};
    assert_eq!([Discovery, Jwks, Introspection].map(|endpoint| stranger.calls(endpoint)), [0, 0, 0]);
}

#[tokio::test]
async fn users_of_one_name_at_two_issuers_are_told_apart_by_their_issuer() {
    let (one, two) = (provider(|op| op).await, provider(|op| op).await);
    let api = between(&one, &two, |issuer| issuer).await;
    let tokens = [one.issue_access_token(Api::ada()), two.issue_access_token(Api::ada())];
    let mut issuers = Vec::new();
    for token in &tokens {
        let told = api.call(token).await.json();
        assert_eq!(told["subject"], "local|ada");
        issuers.push(told["issuer"].as_str().unwrap().to_owned());
    }
    assert_eq!(issuers, [one.issuer(), two.issuer()]);
    // What is revoked of the one is not revoked of the other.
    let (issuer, ada) = (auth_layer::Issuer::from(one.issuer()), auth_layer::Subject::from("local|ada"));
    api.auth.revoke_subject(&issuer, &ada, std::time::Duration::from_secs(3_600));
    assert_eq!(api.call(&tokens[0]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.call(&tokens[1]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn one_issuer_away_leaves_the_other_one_alone() {
    let (one, two) = (provider(|op| op).await, provider(|op| op).await);
    two.stop().await;
    let api = between(&one, &two, |issuer| issuer).await;
    assert_eq!(api.call(&one.issue_access_token(Api::ada())).await.status, StatusCode::OK);
    let reply = api.call(&two.issue_access_token(Api::ada())).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "its token is neither good nor bad");
    assert!(!reply.header("retry-after").is_empty() && reply.header("www-authenticate").is_empty());
}

#[tokio::test]
async fn metadata_of_another_issuer_stops_the_start() {
    let op = provider(|op| op).await;
    // Loopback by another name answers with the metadata of 127.0.0.1.
    let named = op.issuer().replace("127.0.0.1", "localhost");
    let config = ResourceServerConfig::builder(SHOP).add_issuer(TrustedIssuer::new(&named)).build().unwrap();
    let error = Auth::resource_server(config).await.unwrap_err();
    assert!(error.to_string().contains(&op.issuer()), "{error}");
}

#[tokio::test]
async fn keys_at_a_stated_address_need_no_metadata() {
    let op = provider(|op| op).await;
    let jwks = op.url(auth_layer::testing::Endpoint::Jwks);
    let api = Api::builder().issuer(move |issuer| issuer.with_jwks_uri(&jwks)).over(&op).await;
    assert_eq!(api.call(&op.issue_access_token(Api::ada())).await.status, StatusCode::OK);
    assert_eq!(op.calls(auth_layer::testing::Endpoint::Discovery), 0);
}
