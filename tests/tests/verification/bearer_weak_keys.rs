//! Access tokens under published keys that prove nothing, since anybody can sign for them (RFC 8725 §3.5).

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use serde_json::{Value, json};
use tests::Api;

use crate::support::{
    OWN_HEADER, OwnKey, assert_passes, assert_refused, encoded, good_claims, padded_hash, rsa_signed,
    unsigned,
};

const NO_KEY: &str = "fails at its Key: no key of the provider fits";

/// An API whose provider publishes this key before its own.
async fn publishing(jwk: Value) -> Api {
    let op = Api::open().await.op;
    op.publish_jwk(jwk);
    Api::builder().over(&op).await
}

#[tokio::test]
async fn rsa_key_of_1024_bits_or_with_exponent_one_for_access_tokens() {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    // DER of a 2048-bit key: the modulus is the 256 bytes from byte 9 on.
    let modulus = pair.public_key().as_ref()[9..265].to_vec();
    let table: [(&str, &[u8], &[u8], bool); 8] = [
        ("honest", &modulus, &[1, 0, 1], true),
        ("1024 bits", &modulus[..128], &[1, 0, 1], false),
        ("2040 bits", &modulus[..255], &[1, 0, 1], false),
        ("e = 1", &modulus, &[1], false),
        ("e = 1 with a zero before", &modulus, &[0, 1], false),
        ("e even", &modulus, &[2], false),
        ("e = 0", &modulus, &[0], false),
        ("n = 0", &[0; 256], &[1, 0, 1], false),
    ];
    for (attack, n, e, good) in table {
        let jwk = json!({ "kty": "RSA", "kid": "rsa", "n": encoded(n), "e": encoded(e) });
        let api = publishing(jwk).await;
        let input = unsigned(&json!({ "alg": "RS256", "kid": "rsa", "typ": "at+jwt" }), &good_claims(&api));
        // With e = 1 the signature is the padded hash itself: nobody needs a private key.
        let is_one = e.last() == Some(&1) && e.len() < 3;
        let signature = if is_one { padded_hash(&input) } else { rsa_signed(&pair, &input) };
        let token = format!("{input}.{}", encoded(signature));
        match good {
            true => assert_passes(&api, attack, &token).await,
            false => assert_refused(&api, attack, &token, NO_KEY).await,
        }
        assert_passes(&api, "the honest key beside it", &api.token(Api::ada())).await;
    }
}

#[tokio::test]
async fn elliptic_key_that_is_not_on_its_curve_or_of_small_order() {
    let own = OwnKey::get().jwk();
    let bent = |name: &str, value: Value| {
        let mut jwk = own.clone();
        jwk[name] = value;
        jwk
    };
    for (attack, jwk, good) in [
        ("honest", own.clone(), true),
        ("off the curve", bent("y", json!(encoded([7; 32]))), false),
        (
            "the origin",
            json!({ "kty": "EC", "crv": "P-256", "kid": "own", "x": encoded([0; 32]), "y": encoded([0; 32]) }),
            false,
        ),
        ("a coordinate that is too short", bent("x", json!(encoded([7; 31]))), false),
        ("another curve", bent("crv", json!("P-384")), false),
        ("for encryption", bent("use", json!("enc")), false),
        ("for another algorithm", bent("alg", json!("ES384")), false),
        ("private", bent("d", json!("AA")), false),
    ] {
        let api = publishing(jwk).await;
        let token = OwnKey::get().sign_raw(OWN_HEADER, &good_claims(&api).to_string());
        match good {
            true => assert_passes(&api, attack, &token).await,
            false => assert_refused(&api, attack, &token, NO_KEY).await,
        }
    }
    // Ed25519: the neutral point verifies S = 0 for any message.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": encoded(neutral) });
    let api = publishing(jwk).await;
    let input = unsigned(&json!({ "alg": "EdDSA", "kid": "ed", "typ": "at+jwt" }), &good_claims(&api));
    let token = format!("{input}.{}", encoded([&neutral[..], &[0; 32]].concat()));
    assert_refused(&api, "small order", &token, NO_KEY).await;
}
