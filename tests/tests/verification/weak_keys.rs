//! Published keys that prove nothing, since anybody can sign for them (RFC 8725 §3.5).

use std::sync::Arc;

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RsaKeyPair};
use serde_json::json;

use crate::support::{App, encoded, padded_hash, rsa_signed, unsigned};

#[tokio::test]
async fn rsa_key_of_1024_bits_or_with_exponent_one() {
    let pair = Arc::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
    // DER of a 2048-bit key: the modulus is the 256 bytes from byte 9 on.
    let modulus = pair.public_key().as_ref()[9..265].to_vec();
    let table: [(&str, &[u8], &[u8], bool); 8] = [
        ("honest", &modulus, &[1, 0, 1], true),
        ("1024 bits", &modulus[..128], &[1, 0, 1], false),
        ("e = 1", &modulus, &[1], false),
        ("e = 1 with a zero before", &modulus, &[0, 1], false),
        ("e even", &modulus, &[2], false),
        ("e = 0", &modulus, &[0], false),
        ("e empty", &modulus, &[], false),
        ("n empty", &[], &[1, 0, 1], false),
    ];
    for (attack, n, e, good) in table {
        let app = App::start().await;
        let jwk = json!({ "kty": "RSA", "kid": "rsa", "n": encoded(n), "e": encoded(e) });
        app.publish(move |keys| keys.push(jwk.clone()));
        let (pair, is_one) = (Arc::clone(&pair), e.last() == Some(&1) && e.len() < 3);
        let page = app
            .log_in_with(move |_, claims| {
                let input = unsigned(&json!({ "alg": "RS256", "kid": "rsa" }), claims);
                // With e = 1 the signature is the padded hash itself: nobody needs a private key.
                let signature = if is_one { padded_hash(&input) } else { rsa_signed(&pair, &input) };
                format!("{input}.{}", encoded(signature))
            })
            .await;
        assert_eq!(page.begins_session(), good, "{attack}: {page:?}");
    }
}
