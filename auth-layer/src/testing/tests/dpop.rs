//! Proofs of possession at the token endpoint and at `/userinfo`.

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::testing::{ClientRegistration, DpopKey, TestAccessToken};

impl Shop {
    /// Posts a token request with these proofs; a client without a secret names itself in the form.
    async fn token_with(&self, proofs: &[&str], form: &[(&str, &str)]) -> Answer {
        let mut request = self.http.post(self.op.url(Endpoint::Token)).form(form);
        if form.iter().all(|(name, _)| *name != "client_id") {
            request = request.basic_auth(self.op.client_id(), Some(self.op.client_secret()));
        }
        for proof in proofs {
            request = request.header("dpop", *proof);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    fn proof(&self, key: &DpopKey) -> String {
        key.proof("POST", &self.op.url(Endpoint::Token), None, None)
    }

    async fn user_info_with(&self, scheme: &str, token: &str, proof: Option<&str>) -> Answer {
        let request = self.http.get(self.op.url(Endpoint::UserInfo));
        let mut request = request.header("authorization", format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        Answer::of(request.send().await.unwrap()).await
    }
}

const MACHINE: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("audience", API)];

fn code_form(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ]
}

#[track_caller]
fn assert_bound(answer: &Answer, key: &DpopKey) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.text("token_type"), "DPoP");
    assert_eq!(decoded(answer.text("access_token"))[1]["cnf"], json!({ "jkt": key.thumbprint() }));
}

#[tokio::test]
async fn code_refresh_and_client_credentials_give_tokens_that_are_bound_to_the_key() {
    let shop = Shop::open().await;
    let key = shop.op.dpop_key();
    let code = shop.code(&User::ada(), &[]).await;
    let login = shop.token_with(&[&shop.proof(&key)], &code_form(&code)).await;
    assert_bound(&login, &key);

    // A client with a secret may change its key (RFC 9449 §5).
    let other = shop.op.dpop_key();
    let form = [("grant_type", "refresh_token"), ("refresh_token", login.text("refresh_token"))];
    let refreshed = shop.token_with(&[&shop.proof(&other)], &form).await;
    assert_bound(&refreshed, &other);
    let unbound = shop.refresh(refreshed.text("refresh_token")).await;
    assert_eq!(unbound.text("token_type"), "Bearer");

    let machine = shop.token_with(&[&shop.proof(&key)], &MACHINE).await;
    assert_bound(&machine, &key);
    let body = shop.introspect(machine.text("access_token")).await;
    assert_eq!((&body["token_type"], &body["cnf"]["jkt"]), (&json!("DPoP"), &json!(key.thumbprint())));
}

#[tokio::test]
async fn without_a_proof_tokens_are_bearer_tokens() {
    let shop = Shop::open().await;
    let answer = shop.token(&MACHINE).await;
    assert_eq!(answer.text("token_type"), "Bearer");
    assert!(decoded(answer.text("access_token"))[1].get("cnf").is_none());
}

#[tokio::test]
async fn keys_of_every_algorithm_prove_themselves() {
    let shop = Shop::open().await;
    for algorithm in SigningAlgorithm::ALL {
        let key = DpopKey::generate_for(*algorithm).with_clock(shop.clock.clone());
        assert_bound(&shop.token_with(&[&shop.proof(&key)], &MACHINE).await, &key);
    }
}

#[tokio::test]
async fn a_bad_proof_is_refused_and_says_why() {
    let shop = Shop::open().await;
    let (key, other) = (shop.op.dpop_key(), shop.op.dpop_key());
    let url = shop.op.url(Endpoint::Token);
    let bent = |change: &dyn Fn(&mut Value, &mut Value)| key.proof_with("POST", &url, None, None, change);
    let good = shop.proof(&key);
    let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
    for (name, proof, says) in [
        ("no JWT", "x".to_owned(), "JWT"),
        ("no signature", unsigned, "signature"),
        ("a fourth segment", format!("{good}.x"), "JWT"),
        ("padding", format!("{good}="), "JWT"),
        ("another method", key.proof("GET", &url, None, None), "htm"),
        ("another URL", key.proof("POST", &shop.op.issuer(), None, None), "htu"),
        ("typ JWT", bent(&|header, _| header["typ"] = json!("JWT")), "typ"),
        ("alg none", bent(&|header, _| header["alg"] = json!("none")), "alg"),
        ("alg HS256", bent(&|header, _| header["alg"] = json!("HS256")), "alg"),
        ("alg of another key", bent(&|header, _| header["alg"] = json!("ES384")), "jwk"),
        ("no key", bent(&|header, _| header["jwk"] = Value::Null), "jwk"),
        ("a private key", bent(&|header, _| header["jwk"]["d"] = json!("AAAA")), "private"),
        ("another's key", bent(&|header, _| header["jwk"] = other.jwk()), "signature"),
        ("an extension", bent(&|header, _| header["crit"] = json!(["x"])), "crit"),
        ("no iat", bent(&|_, claims| claims["iat"] = Value::Null), "iat"),
        ("iat as text", bent(&|_, claims| claims["iat"] = json!("1800000000")), "iat"),
        ("of a minute ago", bent(&|_, claims| claims["iat"] = json!(1_799_999_939)), "iat"),
        ("of a minute ahead", bent(&|_, claims| claims["iat"] = json!(1_800_000_061)), "iat"),
        ("no jti", bent(&|_, claims| claims["jti"] = Value::Null), "jti"),
        ("an empty jti", bent(&|_, claims| claims["jti"] = json!("")), "jti"),
    ] {
        let refused = shop.token_with(&[&proof], &MACHINE).await;
        assert_eq!((refused.status.as_u16(), refused.text("error")), (400, "invalid_dpop_proof"), "{name}");
        assert!(refused.text("error_description").contains(says), "{name}: {}", refused.body);
    }
    assert_eq!(shop.op.log_count("feccft"), 20);
    assert_bound(&shop.token_with(&[&good], &MACHINE).await, &key);
}

#[tokio::test]
async fn two_proofs_and_one_proof_twice_are_refused() {
    let shop = Shop::open().await;
    let key = shop.op.dpop_key();
    let [first, second] = [(); 2].map(|()| shop.proof(&key));
    shop.token_with(&[&first, &second], &MACHINE).await.assert_error(400, "invalid_dpop_proof");
    assert_eq!(shop.token_with(&[&first], &MACHINE).await.status, 200);
    shop.token_with(&[&first], &MACHINE).await.assert_error(400, "invalid_dpop_proof");
    shop.clock.advance(Duration::from_secs(61));
    shop.token_with(&[&first], &MACHINE).await.assert_error(400, "invalid_dpop_proof");
}

#[tokio::test]
async fn a_proof_that_is_refused_spends_no_code_and_no_refresh_token() {
    let shop = Shop::open().await;
    let key = shop.op.dpop_key();
    let code = shop.code(&User::ada(), &[]).await;
    shop.token_with(&["x"], &code_form(&code)).await.assert_error(400, "invalid_dpop_proof");
    let login = shop.token_with(&[&shop.proof(&key)], &code_form(&code)).await;
    assert_bound(&login, &key);
    let form = [("grant_type", "refresh_token"), ("refresh_token", login.text("refresh_token"))];
    shop.token_with(&["x"], &form).await.assert_error(400, "invalid_dpop_proof");
    assert_bound(&shop.token_with(&[&shop.proof(&key)], &form).await, &key);
}

#[tokio::test]
async fn a_public_clients_refresh_token_is_good_with_its_key_only() {
    let spa = ClientRegistration::public("spa").add_redirect_uri(REDIRECT_URI);
    let shop = Shop::with(|builder| builder.client(spa)).await;
    let key = shop.op.dpop_key();
    let code = shop.code(&User::ada(), &[("client_id", "spa")]).await;
    let mut form = code_form(&code);
    form.push(("client_id", "spa"));
    let login = shop.token_with(&[&shop.proof(&key)], &form).await;
    assert_bound(&login, &key);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", login.text("refresh_token")),
        ("client_id", "spa"),
    ];
    shop.token_with(&[&shop.proof(&shop.op.dpop_key())], &form).await.assert_error(400, "invalid_grant");
    shop.token_with(&[], &form).await.assert_error(400, "invalid_grant");
    let refreshed = shop.token_with(&[&shop.proof(&key)], &form).await;
    assert_bound(&refreshed, &key);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refreshed.text("refresh_token")),
        ("client_id", "spa"),
    ];
    shop.token_with(&[], &form).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_demanded_nonce_is_given_with_the_refusal_and_lives_five_minutes() {
    let shop = Shop::with(IdentityProviderBuilder::demand_dpop_nonce).await;
    let key = shop.op.dpop_key();
    let url = shop.op.url(Endpoint::Token);
    let refused = shop.token_with(&[&shop.proof(&key)], &MACHINE).await;
    refused.assert_error(400, "use_dpop_nonce");
    let nonce = refused.headers["dpop-nonce"].to_str().unwrap();
    let with = |nonce: &str| key.proof("POST", &url, None, Some(nonce));
    assert_bound(&shop.token_with(&[&with(nonce)], &MACHINE).await, &key);
    shop.token_with(&[&with("guess")], &MACHINE).await.assert_error(400, "use_dpop_nonce");
    shop.clock.advance(Duration::from_secs(299));
    assert_bound(&shop.token_with(&[&with(nonce)], &MACHINE).await, &key);
    shop.clock.advance(Duration::from_secs(1));
    shop.token_with(&[&with(nonce)], &MACHINE).await.assert_error(400, "use_dpop_nonce");
    assert_eq!(shop.token(&MACHINE).await.text("token_type"), "Bearer", "no proof, no nonce");
}

#[tokio::test]
async fn user_info_takes_a_bound_token_with_its_proof_and_in_no_other_way() {
    let shop = Shop::open().await;
    let (key, other) = (shop.op.dpop_key(), shop.op.dpop_key());
    let ada = || TestAccessToken::new(User::ada().subject()).with_scopes("openid");
    let bound = shop.op.issue_access_token(ada().bound_to(key.thumbprint()));
    let bearer = shop.op.issue_access_token(ada());
    let url = shop.op.url(Endpoint::UserInfo);
    let proof = |key: &DpopKey, token: &str| key.proof("GET", &url, Some(token), None);

    let answer = shop.user_info_with("DPoP", &bound, Some(&proof(&key, &bound))).await;
    assert_eq!(answer.text("sub"), "local|ada");
    for (name, scheme, token, proof, error) in [
        ("as a bearer token", "Bearer", &bound, None, "invalid_token"),
        ("without a proof", "DPoP", &bound, None, "invalid_dpop_proof"),
        ("with another's proof", "DPoP", &bound, Some(proof(&other, &bound)), "invalid_token"),
        ("with a proof for another token", "DPoP", &bound, Some(proof(&key, &bearer)), "invalid_dpop_proof"),
        ("a bearer token as a bound one", "DPoP", &bearer, Some(proof(&key, &bearer)), "invalid_token"),
    ] {
        let refused = shop.user_info_with(scheme, token, proof.as_deref()).await;
        let challenge = refused.headers["www-authenticate"].to_str().unwrap();
        assert_eq!(refused.status, 401, "{name}");
        assert!(challenge.starts_with(scheme) && challenge.contains(error), "{name}: {challenge}");
    }
    assert_eq!(shop.user_info_with("Bearer", &bearer, None).await.status, 200);
}

#[test]
fn a_key_makes_a_new_proof_each_time_and_tells_nothing_private() {
    let key = DpopKey::generate();
    let url = "https://api.shop.example/products?page=2#top";
    let proof = || key.proof("GET", url, Some("token"), Some("nonce"));
    assert_ne!(proof(), proof());
    let [header, claims] = decoded(&proof());
    assert_eq!(header, json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk() }));
    assert_eq!(claims["htu"], "https://api.shop.example/products");
    assert_eq!((&claims["htm"], &claims["nonce"]), (&json!("GET"), &json!("nonce")));
    // RFC 9449 §4.2: the digest of the ASCII value of the token.
    assert_eq!(claims["ath"], "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A");
    let debugged = format!("{key:?}");
    assert!(debugged.contains(&key.thumbprint()) && !debugged.contains("Pkcs"), "{debugged}");
    assert!(key.jwk().get("d").is_none());
}
