//! The memory of verified tokens, attacked: what is served again must be what was verified, and still good.

use std::time::Duration;

use auth_layer::config::TrustedIssuer;
use auth_layer::testing::{
    DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Endpoint, Fault, TestAccessToken, bearer,
};
use auth_layer::{AccessToken, Issuer, Subject, Timestamp};
use axum::Router;
use axum::routing::get;
use futures_util::future::join_all;
use http::{Request, StatusCode};
use tests::{Api, START, send};

use crate::support::{assert_passes, assert_refused};

fn introspecting(issuer: TrustedIssuer) -> TrustedIssuer {
    issuer.with_introspection(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET)
}

#[tokio::test]
async fn token_that_differs_from_a_known_one_in_a_byte() {
    let api = Api::open().await;
    let good = api.token(Api::ada());
    assert_passes(&api, "good", &good).await;
    // Each tenth place, and each of the last ones: they are what the table looks at first.
    let places = (0..good.len()).step_by(10).chain(good.len() - 70..good.len());
    for place in places {
        let mut bent = good.clone().into_bytes();
        bent[place] = if bent[place] == b'x' { b'y' } else { b'x' };
        let bent = String::from_utf8(bent).unwrap();
        let reply = api.call(&bent).await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "byte {place}");
    }
    for bent in [&good[1..], &good[..good.len() - 1], &format!("{good}A"), &good.to_lowercase()] {
        assert_eq!(api.call(bent).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_passes(&api, "good", &good).await;
}

#[tokio::test]
async fn token_whose_signature_ends_as_a_known_ones() {
    let api = Api::open().await;
    let (ada, root) = (api.token(Api::ada()), TestAccessToken::new("local|root"));
    let root = api.op.issue_access_token(root);
    assert_passes(&api, "ada's", &ada).await;
    // The end of a signed token is what the table's hash is made of.
    let forged = format!("{}{}", &root[..root.len() - 64], &ada[ada.len() - 64..]);
    let padded = format!("{}{}", "eyJ", &ada[3..]);
    assert_refused(&api, "another's words under its end", &forged, "fails at its Signature").await;
    assert_eq!(padded, ada);
    assert_eq!(api.call(&ada).await.json()["subject"], "local|ada");
    assert_eq!(api.call(&root).await.json()["subject"], "local|root");
}

#[tokio::test]
async fn expired_token_served_again() {
    let api = Api::builder().issuer(introspecting).open().await;
    let minute = Duration::from_secs(60);
    let tokens = [Api::ada().with_lifetime(minute), Api::ada().with_lifetime(minute).opaque()];
    let [jwt, opaque] = tokens.map(|token| api.token(token));
    for token in [&jwt, &opaque, &jwt, &opaque] {
        assert_passes(&api, "alive", token).await;
    }
    api.clock.advance(minute);
    assert_refused(&api, "opaque", &opaque, "the issuer says that the token is not active").await;
    api.clock.advance(Duration::from_secs(30));
    assert_refused(&api, "signed", &jwt, "fails at its Claims: exp is past by 30 s").await;
}

#[tokio::test]
async fn revoked_token_served_again() {
    let api = Api::builder().issuer(introspecting).open().await;
    let issuer = Issuer::from(api.op.issuer());
    let end = Timestamp::from_unix_seconds(START + 3_600);
    let named = |id: &str| Api::ada().with_claim("jti", id);
    let tokens = [api.token(named("one-of-a-kind")), api.token(named("one-of-a-kind").opaque())];
    for token in &tokens {
        assert_passes(&api, "alive", token).await;
    }
    api.auth.revoke_token(&issuer, "one-of-a-kind", end);
    for token in &tokens {
        assert_eq!(api.call(token).await.status, StatusCode::UNAUTHORIZED);
        api.clock.advance(Duration::from_secs(10));
        assert_refused(&api, "revoked", token, "").await;
    }
    let other = api.token(Api::ada());
    assert_passes(&api, "another of hers", &other).await;
    api.auth.revoke_subject(&issuer, &Subject::from("local|ada"), Duration::from_secs(3_600));
    assert_refused(&api, "all of hers", &other, "the application has revoked the token").await;
}

#[tokio::test]
async fn revocation_while_a_thousand_calls_are_under_way() {
    let api = Api::open().await;
    let token = api.token(Api::ada().with_claim("jti", "one-of-a-kind"));
    let issuer = Issuer::from(api.op.issuer());
    assert_passes(&api, "alive", &token).await;
    let workers = (0..8).map(|_| {
        let (api, token, issuer) = (api.clone(), token.clone(), issuer.clone());
        let work = async move {
            let mut refused = 0;
            for turn in 0..125 {
                if turn == 60 {
                    api.auth.revoke_token(
                        &issuer,
                        "one-of-a-kind",
                        Timestamp::from_unix_seconds(START + 3_600),
                    );
                }
                let passed = api.call(&token).await.status == StatusCode::OK;
                refused += usize::from(!passed);
                assert!(turn < 60 || !passed, "after its own revocation");
            }
            refused
        };
        std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
        })
    });
    let workers: Vec<_> = workers.collect();
    let refused: usize = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    assert!(refused >= 8 * 65, "{refused}");
    assert_refused(&api, "afterwards", &token, "the application has revoked the token").await;
}

#[tokio::test]
async fn rotation_while_calls_are_under_way() {
    let api = Api::builder().provider(|op| op.own_keys()).open().await;
    let old = api.token(Api::ada());
    assert_passes(&api, "alive", &old).await;
    api.op.rotate_keys(false);
    let new = api.token(Api::ada());
    // The fetch for the new key is held: until it has come the old one is good.
    api.op.fault_times(Endpoint::Jwks, Fault::HoldUntilReleased, 1);
    let (waiting, ()) = tokio::join!(join_all((0..20).map(|_| api.call(&new))), async {
        api.op.wait_until_held(1).await;
        assert_passes(&api, "meanwhile", &old).await;
        api.op.release();
    });
    assert!(waiting.iter().all(|reply| reply.status == StatusCode::OK));
    assert_refused(&api, "afterwards", &old, "fails at its Key").await;
}

#[tokio::test]
async fn instances_that_share_nothing() {
    let one = Api::open().await;
    let two = Api::builder().over(&one.op).await;
    let token = one.token(Api::ada().with_claim("jti", "one-of-a-kind"));
    assert_passes(&one, "one", &token).await;
    assert_passes(&two, "two", &token).await;
    let issuer = Issuer::from(one.op.issuer());
    one.auth.revoke_token(&issuer, "one-of-a-kind", Timestamp::from_unix_seconds(START + 3_600));
    assert_refused(&one, "one", &token, "the application has revoked the token").await;
    assert_passes(&two, "as the documentation says: each has to be told", &token).await;
}

#[tokio::test]
async fn layer_of_one_api_inside_of_anothers() {
    // The inner layer has the word: its own issuers, audiences and memory, whatever the outer one thinks.
    let outer = Api::open().await;
    let of_billing = |issuer: TrustedIssuer| issuer.add_audience(tests::BILLING);
    let inner = Api::builder().issuer(of_billing).over(&outer.op).await;
    let handler = get(async |token: AccessToken| token.audience().unwrap_or_default().to_owned());
    let app = Router::new().route("/", handler).layer(inner.auth.layer()).layer(outer.auth.layer());
    let call = async |token: TestAccessToken| {
        let value = bearer(&outer.token(token));
        send(app.clone(), Request::get("/").header("authorization", value)).await.status
    };
    assert_eq!(call(Api::ada()).await, StatusCode::UNAUTHORIZED, "good for the outer one alone");
    assert_eq!(call(Api::ada().with_audience(tests::BILLING)).await, StatusCode::OK);
}

#[tokio::test]
async fn answer_about_one_opaque_token_for_another() {
    let api = Api::builder().issuer(introspecting).open().await;
    let tokens: Vec<String> = (0..20)
        .map(|number| api.token(Api::ada().with_claim("jti", format!("id-{number}")).opaque()))
        .collect();
    let mut bad: Vec<String> = tokens.iter().map(|token| format!("{token}x")).collect();
    bad.extend(tokens.iter().map(|token| token.to_uppercase()));
    let all: Vec<&String> = tokens.iter().chain(&bad).chain(&tokens).collect();
    // In lots of twenty: no more than 32 are asked about at once.
    for lot in all.chunks(20) {
        let replies = join_all(lot.iter().map(|token| api.call(token))).await;
        for (token, reply) in lot.iter().zip(replies) {
            match tokens.iter().position(|known| known == *token) {
                Some(number) => assert_eq!(reply.json()["id"], format!("id-{number}")),
                None => assert_eq!(reply.status, StatusCode::UNAUTHORIZED),
            }
        }
    }
}
