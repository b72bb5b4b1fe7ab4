//! Proofs of possession (RFC 9449): a stolen token is worth nothing without its key.

use std::time::Duration;

use auth_layer::AccessToken;
use auth_layer::config::DpopPolicy;
use auth_layer::testing::{DpopKey, SigningAlgorithm, bearer, dpop};
use axum::Router;
use axum::routing::any;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request, StatusCode};
use serde_json::{Value, json};
use tests::{Api, Listener, Reply, SHOP, START};

use crate::support::assert_nothing_of;

const WHO: &str = "https://api.shop.example/who";
const METADATA: &str = r#"resource_metadata="https://api.shop.example/.well-known/oauth-protected-resource""#;
const ALGORITHMS: &str = r#"algs="RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA""#;

/// An API that takes proofs, a client's key, and a token that is bound to it.
struct Bound {
    api: Api,
    key: DpopKey,
    token: String,
}

impl Bound {
    async fn open() -> Self {
        Self::with(DpopPolicy::new()).await
    }

    async fn with(policy: DpopPolicy) -> Self {
        let routes = Router::new()
            .route(
                "/any",
                any(async |token: AccessToken| {
                    token.subject().map_or(String::new(), |name| name.to_string())
                }),
            )
            .route(
                "/thrice",
                any(async |_: AccessToken, _: Option<AccessToken>, user: auth_layer::User| {
                    user.subject().to_string()
                }),
            );
        let api = Api::builder()
            .routes(routes)
            .config(move |config| config.with_base_url(SHOP).with_dpop(policy))
            .open()
            .await;
        let key = api.op.dpop_key();
        let token = api.token(Api::ada().bound_to(key.thumbprint()));
        Self { api, key, token }
    }

    /// A good proof for `GET /who`.
    fn proof(&self) -> String {
        self.key.proof("GET", WHO, Some(&self.token), None)
    }

    /// A proof for `GET /who` that is bent before it is signed.
    fn bent(&self, bend: impl FnOnce(&mut Value, &mut Value)) -> String {
        self.key.proof_with("GET", WHO, Some(&self.token), None, bend)
    }

    async fn call(&self, proof: &str) -> Reply {
        self.send(Request::get("/who"), &[proof]).await
    }

    async fn send(&self, request: http::request::Builder, proofs: &[&str]) -> Reply {
        let request = request.header(AUTHORIZATION, dpop(&self.token));
        let add = |request: http::request::Builder, proof: &&str| {
            request.header("dpop", HeaderValue::from_bytes(proof.as_bytes()).unwrap())
        };
        self.api.send(proofs.iter().fold(request, add)).await
    }

    /// Asserts that a proof is refused, that the log says why, and that it holds nothing of proof or token.
    async fn refuses(&self, attack: &str, proof: &str, why: &str) {
        Listener::start();
        let reply = self.call(proof).await;
        let log = Listener::stop();
        assert_invalid_proof(&reply, attack);
        assert!(log.contains("kind=InvalidProof") && log.contains(why), "{attack}: not {why:?}, but {log}");
        for secret in [proof, &self.token] {
            assert_nothing_of(secret, &log, attack);
            assert_nothing_of(secret, &format!("{reply:?}"), attack);
        }
    }
}

fn challenges(reply: &Reply) -> Vec<&str> {
    reply.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect()
}

#[track_caller]
fn assert_invalid_proof(reply: &Reply, attack: &str) {
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{attack}: {reply:?}");
    let realm = format!("realm=\"{SHOP}\", {METADATA}");
    let expected =
        [format!("DPoP {realm}, error=\"invalid_dpop_proof\", {ALGORITHMS}"), format!("Bearer {realm}")];
    assert_eq!(challenges(reply), expected, "{attack}");
    assert_eq!(reply.json()["error"], "invalid_dpop_proof", "{attack}");
}

#[tokio::test]
async fn honest_proof() {
    let bound = Bound::open().await;
    for _ in 0..3 {
        let reply = bound.call(&bound.proof()).await;
        assert_eq!(
            (reply.status, &reply.json()["subject"]),
            (StatusCode::OK, &json!("local|ada")),
            "{reply:?}"
        );
    }
    for algorithm in [
        SigningAlgorithm::Es256,
        SigningAlgorithm::Es384,
        SigningAlgorithm::Rs256,
        SigningAlgorithm::Ps256,
        SigningAlgorithm::EdDsa,
    ] {
        let key = DpopKey::generate_for(algorithm).with_clock(bound.api.clock.clone());
        let token = bound.api.token(Api::ada().bound_to(key.thumbprint()));
        let other = Bound { api: bound.api.clone(), key, token };
        assert_eq!(other.call(&other.proof()).await.status, StatusCode::OK, "{algorithm:?}");
    }
}

#[tokio::test]
async fn proof_used_again() {
    let bound = Bound::open().await;
    let proof = bound.proof();
    assert_eq!(bound.call(&proof).await.status, StatusCode::OK);
    bound.refuses("again", &proof, "the proof was used before").await;
    bound.api.clock.advance(Duration::from_secs(59));
    bound.refuses("to the last second", &proof, "the proof was used before").await;
    bound.api.clock.advance(Duration::from_secs(2));
    bound.refuses("later", &proof, "iat").await;
    // The name alone makes it another one.
    let named = |name: &str| bound.bent(|_, claims| claims["jti"] = json!(name));
    assert_eq!(bound.call(&named("one")).await.status, StatusCode::OK);
    bound.refuses("another proof of the same name", &named("one"), "the proof was used before").await;
    assert_eq!(bound.call(&named("two")).await.status, StatusCode::OK);
    let second = bound.api.op.dpop_key();
    let token = bound.api.token(Api::ada().bound_to(second.thumbprint()));
    let other = Bound { api: bound.api.clone(), key: second, token };
    let named = other.bent(|_, claims| claims["jti"] = json!("one"));
    assert_eq!(other.call(&named).await.status, StatusCode::OK, "another key's name is another name");
}

#[tokio::test]
async fn proof_used_by_two_requests_at_once() {
    let bound = Bound::open().await;
    for _ in 0..20 {
        let proof = bound.proof();
        let replies = futures_util::future::join_all((0..8).map(|_| bound.call(&proof))).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == StatusCode::OK).count(), 1);
    }
}

#[tokio::test]
async fn proof_read_by_several_extractors_of_one_request() {
    let bound = Bound::open().await;
    let proof = || bound.key.proof("GET", "https://api.shop.example/thrice", Some(&bound.token), None);
    let one = proof();
    let reply = bound.send(Request::get("/thrice"), &[&one]).await;
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (StatusCode::OK, "local|ada"),
        "it is used once: {reply:?}"
    );
    assert_invalid_proof(&bound.send(Request::get("/thrice"), &[&one]).await, "and by the next request");
    assert_eq!(bound.send(Request::get("/thrice"), &[&proof()]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn proof_absent_twice_or_no_text() {
    let bound = Bound::open().await;
    let (one, two) = (bound.proof(), bound.proof());
    for (attack, proofs) in [
        ("none", vec![]),
        ("two", vec![&*one, &*two]),
        ("the same twice", vec![&*one, &*one]),
        ("an empty one", vec![""]),
        ("an empty one beside", vec![&*one, ""]),
        ("bytes", vec!["\u{e9}\u{e9}"]),
    ] {
        assert_invalid_proof(&bound.send(Request::get("/who"), &proofs).await, attack);
    }
    let listed = format!("{one}, {two}");
    bound.refuses("two in a list", &listed, "fails at its Format").await;
    for proof in
        ["x", "a.b.c", "eyJ..", &one[1..], &format!("{one}="), &".".repeat(9_000), &"A".repeat(9_000)]
    {
        bound.refuses("malformed", proof, "fails at its Format").await;
    }
    assert_eq!(bound.call(&one).await.status, StatusCode::OK, "none of these has used it");
}

#[tokio::test]
async fn proof_for_another_request() {
    let bound = Bound::open().await;
    let of = |method: &str, url: &str| bound.key.proof(method, url, Some(&bound.token), None);
    for method in ["POST", "get", "HEAD", "", "GET "] {
        bound.refuses(method, &of(method, WHO), "fails at its Claims: htm").await;
    }
    for url in [
        "https://api.shop.example/",
        "https://api.shop.example/who/",
        "https://api.shop.example/WHO",
        "https://api.shop.example/who%2f",
        "https://api.shop.example/x/who",
        "http://api.shop.example/who",
        "https://api.shop.example:8443/who",
        "https://evil.example/who",
        "https://api.shop.example.evil.example/who",
        "https://api.shop.example@evil.example/who",
        "https://user@api.shop.example/who",
        "//api.shop.example/who",
        "/who",
        "https:/api.shop.example/who",
        "https:\\\\api.shop.example\\who",
        "",
        "*",
    ] {
        let proof = bound.bent(|_, claims| claims["htu"] = json!(url));
        bound.refuses(url, &proof, "fails at its Claims: htu").await;
    }
    for url in [
        "https://api.shop.example/who",
        "HTTPS://API.shop.example:443/who",
        "https://api.shop.example/who?page=2",
        "https://api.shop.example/who#top",
        "https://api.shop.example/./x/../wh%6f",
    ] {
        let proof = bound.bent(|_, claims| claims["htu"] = json!(url));
        assert_eq!(bound.call(&proof).await.status, StatusCode::OK, "{url}");
    }
    // The query of the request is not covered, and what a client says of the host means nothing.
    let request = Request::get("/who?a=1&b=2")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example");
    assert_eq!(bound.send(request, &[&bound.proof()]).await.status, StatusCode::OK);
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request =
            || Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri("/any");
        let proof = of(method, "https://api.shop.example/any");
        assert_eq!(bound.send(request(), &[&proof]).await.status, StatusCode::OK, "{method}");
        let other = of(if method == "GET" { "POST" } else { "GET" }, "https://api.shop.example/any");
        assert_invalid_proof(&bound.send(request(), &[&other]).await, method);
    }
}

#[tokio::test]
async fn proof_too_old_or_from_the_future() {
    for (policy, age) in
        [(DpopPolicy::new(), 60), (DpopPolicy::new().with_max_age(Duration::from_secs(10)), 10)]
    {
        let bound = Bound::with(policy).await;
        let at = |iat: Value| bound.bent(|_, claims| claims["iat"] = iat);
        for iat in [START, START - age, START + age] {
            assert_eq!(bound.call(&at(json!(iat))).await.status, StatusCode::OK, "{iat}, {age}");
        }
        for iat in [START - age - 1, START + age + 1, 0, START + 10_000_000] {
            bound.refuses(&format!("{iat}, {age}"), &at(json!(iat)), "fails at its Claims: iat").await;
        }
        for iat in
            [json!(format!("{START}")), json!(null), json!(-1), json!([START]), json!(true), json!(1e300)]
        {
            bound.refuses(&iat.to_string(), &at(iat.clone()), "fails at its Claims: iat").await;
        }
    }
}

#[tokio::test]
async fn proof_for_another_token_or_by_another_key() {
    let bound = Bound::open().await;
    let second = bound.api.token(Api::ada().bound_to(bound.key.thumbprint()).with_claim("jti", "second"));
    let of_second = bound.key.proof("GET", WHO, Some(&second), None);
    bound.refuses("another token of the same key", &of_second, "fails at its Claims: ath").await;
    bound.refuses("no token", &bound.key.proof("GET", WHO, None, None), "fails at its Claims: ath").await;
    for ath in [json!(""), json!(7), json!(null), json!([]), json!(bound.token)] {
        let proof = bound.bent(|_, claims| claims["ath"] = ath.clone());
        bound.refuses(&ath.to_string(), &proof, "fails at its Claims: ath").await;
    }
    let thief = bound.api.op.dpop_key();
    let stolen = thief.proof("GET", WHO, Some(&bound.token), None);
    bound
        .refuses("a thief's key", &stolen, "fails at its Key: the access token is bound to another key")
        .await;
    let claimed =
        thief.proof_with("GET", WHO, Some(&bound.token), None, |header, _| header["jwk"] = bound.key.jwk());
    bound.refuses("under the owner's public key", &claimed, "fails at its Signature").await;
    let honest = bound.proof();
    let segments: Vec<&str> = honest.split('.').collect();
    let forged = stolen.split('.').next_back().unwrap();
    for (attack, proof) in [
        ("no signature", format!("{}.{}.", segments[0], segments[1])),
        ("another's signature", format!("{}.{}.{forged}", segments[0], segments[1])),
    ] {
        bound.refuses(attack, &proof, "fails at its Signature").await;
    }
}

#[tokio::test]
async fn proof_of_another_kind_or_key() {
    let bound = Bound::open().await;
    let table: Vec<(&str, Value, &str)> = vec![
        ("typ", json!("JWT"), "typ is not dpop+jwt"),
        ("typ", json!("at+jwt"), "typ is not dpop+jwt"),
        ("typ", json!("dpop"), "typ is not dpop+jwt"),
        ("typ", json!(7), "fails at its Header"),
        ("alg", json!("none"), "its alg is not allowed"),
        ("alg", json!("HS256"), "its alg is not allowed"),
        ("alg", json!("RS256"), "fails at its"),
        ("alg", json!("ES384"), "fails at its"),
        ("crit", json!(["exp"]), "critical"),
        ("jwk", json!(null), "jwk is no public key"),
        ("jwk", json!("x"), "jwk is no public key"),
        ("jwk", json!({}), "jwk is no public key"),
        ("jwk", json!([bound.key.jwk()]), "jwk is no public key"),
        ("jwk", json!({ "kty": "oct", "k": "c2VjcmV0" }), "jwk is no public key"),
    ];
    for (name, value, why) in table {
        let proof = bound.bent(|header, _| header[name] = value.clone());
        bound.refuses(&format!("{name} = {value}"), &proof, why).await;
    }
    for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let proof = bound.bent(|header, _| header["jwk"][private] = json!("AAAA"));
        bound.refuses(private, &proof, "jwk is no public key for its alg, or a weak one").await;
    }
    let absent = bound.bent(|header, _| drop(header.as_object_mut().unwrap().remove("jwk")));
    bound.refuses("no jwk", &absent, "it has no jwk").await;
    let untyped = bound.bent(|header, _| drop(header.as_object_mut().unwrap().remove("typ")));
    bound.refuses("no typ", &untyped, "typ is not dpop+jwt").await;
    for name in ["jti", "htm", "htu", "iat", "ath"] {
        let proof = bound.bent(|_, claims| drop(claims.as_object_mut().unwrap().remove(name)));
        bound.refuses(name, &proof, &format!("fails at its Claims: {name} is missing")).await;
    }
    for jti in [json!(""), json!(7), json!(null), json!("j".repeat(257)), json!(["x"])] {
        let proof = bound.bent(|_, claims| claims["jti"] = jti.clone());
        bound.refuses(&jti.to_string(), &proof, "fails at its Claims: jti").await;
    }
    // The access token itself, which is signed too.
    bound.refuses("the token as its proof", &bound.token, "typ is not dpop+jwt").await;
}

#[tokio::test]
async fn bound_token_as_a_bearer_token() {
    let bound = Bound::open().await;
    let why = "the token is bound to a key, and came as a plain bearer token";
    for with_proof in [false, true] {
        let request = Request::get("/who").header(AUTHORIZATION, bearer(&bound.token));
        let request = if with_proof { request.header("dpop", bound.proof()) } else { request };
        Listener::start();
        let reply = bound.api.send(request).await;
        let log = Listener::stop();
        assert_eq!(
            (reply.status, &reply.json()["error"]),
            (StatusCode::UNAUTHORIZED, &json!("invalid_token"))
        );
        let realm = format!("realm=\"{SHOP}\", {METADATA}");
        let expected =
            [format!("DPoP {realm}, {ALGORITHMS}"), format!("Bearer {realm}, error=\"invalid_token\"")];
        assert_eq!(challenges(&reply), expected);
        assert!(log.contains(why), "{log}");
    }
    // Known by now, and still no bearer token; and where no proofs are taken, no token at all.
    assert_eq!(bound.call(&bound.proof()).await.status, StatusCode::OK);
    assert_eq!(bound.api.call(&bound.token).await.status, StatusCode::UNAUTHORIZED);
    let plain = Api::builder().over(&bound.api.op).await;
    assert_eq!(plain.call(&bound.token).await.status, StatusCode::UNAUTHORIZED);
    let request =
        Request::get("/who").header(AUTHORIZATION, dpop(&bound.token)).header("dpop", bound.proof());
    let reply = plain.send(request).await;
    assert_eq!((reply.status, challenges(&reply).len()), (StatusCode::UNAUTHORIZED, 1), "{reply:?}");
}
