//! Keys as a resource server meets them.

use serde_json::json;

use super::*;
use crate::testing::TestAccessToken;

#[tokio::test]
async fn each_algorithm_signs_logins_and_minted_tokens_with_the_published_key() {
    for algorithm in SigningAlgorithm::ALL {
        let shop = Shop::with(|builder| builder.signing(*algorithm)).await;
        let login = shop.tokens(&User::ada(), &[]).await;
        let minted = shop.op.issue_access_token(TestAccessToken::new("ada"));
        for token in [login.text("id_token"), login.text("access_token"), &minted] {
            assert_eq!(decoded(token)[0]["alg"], algorithm.name());
            assert_eq!(shop.verifying(token).await, [0], "{algorithm:?}");
        }
        let metadata = shop.get(Endpoint::Discovery).await.body;
        assert_eq!(metadata["id_token_signing_alg_values_supported"], json!([algorithm.name()]));
    }
}

#[tokio::test]
async fn a_token_is_signed_with_one_of_several_published_keys() {
    let further = [SigningAlgorithm::EdDsa, SigningAlgorithm::Es384];
    let shop = Shop::with(|builder| {
        further.into_iter().fold(builder, |builder, algorithm| {
            builder.signing(SigningAlgorithm::Es256).add_signing_key(algorithm)
        })
    })
    .await;
    let ada = || TestAccessToken::new("ada");
    for (token, place) in [
        (ada(), 0),
        (ada().signed_with(SigningAlgorithm::EdDsa), 1),
        (ada().signed_with(SigningAlgorithm::Es384), 2),
    ] {
        let token = shop.op.issue_access_token(token);
        assert_eq!(shop.verifying(&token).await, [place]);
        let kid = &shop.get(Endpoint::Jwks).await.body["keys"][place]["kid"];
        assert_eq!(&decoded(&token)[0]["kid"], kid);
    }
}

#[tokio::test]
async fn keys_without_kid_are_nameless_in_the_set_and_in_the_header() {
    let shop = Shop::with(IdentityProviderBuilder::keys_without_kid).await;
    shop.op.rotate_keys(true);
    let jwks = shop.get(Endpoint::Jwks).await.body;
    let keys = jwks["keys"].as_array().unwrap();
    assert!(keys.len() == 2 && keys.iter().all(|key| key.get("kid").is_none()), "{jwks}");
    let token = shop.op.issue_access_token(TestAccessToken::new("ada"));
    assert!(decoded(&token)[0].get("kid").is_none());
    assert_eq!(shop.verifying(&token).await, [0]);
}

#[tokio::test]
async fn a_bad_key_is_published_among_good_ones() {
    let shop = Shop::open().await;
    let bad = json!({ "kty": "RSA", "n": "AQ", "e": "AQ", "kid": "weak" });
    shop.op.publish_jwk(bad.clone());
    shop.op.publish_jwk(json!("no key at all"));
    let token = shop.op.issue_access_token(TestAccessToken::new("ada"));
    assert_eq!(shop.verifying(&token).await, [2]);
    shop.op.rotate_keys(false);
    let jwks = shop.get(Endpoint::Jwks).await.body;
    assert_eq!(jwks["keys"][0], bad);
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 3);
}
