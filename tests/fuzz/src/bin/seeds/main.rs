//! Writes `src/signed.txt` and the seeds of every target into `corpus/`: `cargo xtask fuzz --seeds`.
//!
//! ES256 and PS256 sign with chance in it: after a second run those tokens are others.

use std::fs;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use fuzz::keys::{Algorithm, encode, thumbprint};
use fuzz::shapes;
use serde_json::{Value, json};

mod answers;
mod documents;
mod lines;
mod logs;
mod records;

fn main() -> std::io::Result<()> {
    let bound_to = encode(&thumbprint(&Algorithm::Es256.jwk()).expect("the key has a thumbprint"));
    let shapes = shapes::all(&bound_to);
    let tokens = signed(&shapes);
    let named = |name: &str| {
        tokens.iter().find(|(found, _)| found.starts_with(name)).expect("it was signed").1.clone()
    };
    let proofs = proofs(&named("bound.rfc9068"));
    let lines: Vec<String> =
        tokens.iter().chain(&proofs).map(|(name, token)| format!("{name} {token}\n")).collect();
    fs::write("src/signed.txt", lines.concat())?;

    for (name, token) in &tokens {
        put("jwt", name, token)?;
    }
    for (name, token) in unsigned(&named("good.rfc9068.ES256")) {
        put("jwt", name, &token)?;
    }
    let proof = |name: &str| proofs.iter().find(|(found, _)| found == name).expect("it was signed").1.clone();
    let with_proof = |proof: &str| format!("Authorization: DPoP {}\nDPoP: {proof}", named("bound.rfc9068"));
    put("header", "bound.good", with_proof(&proof("proof.good.ES256")))?;
    put("header", "bound.by_another_key", with_proof(&proof("proof.bad.key.EdDSA")))?;
    for (name, lines) in headers(&named) {
        put("header", name, &lines)?;
    }
    for (name, proof) in &proofs {
        put("dpop_proof", name, proof)?;
        put("dpop_proof", &format!("{name}.claims"), claims_of(proof))?;
    }
    put("dpop_proof", "nonce", fuzz::nonce())?;
    for shape in &shapes {
        put("claims", shape.name, shape.claims.to_string())?;
    }
    for (name, claims) in odd_claims() {
        put("claims", name, claims)?;
    }
    for (name, document) in documents::all() {
        put("jwks", name, &document)?;
    }
    for (name, answer) in answers::all() {
        put("introspection", name, &answer)?;
    }
    for (name, cookies) in COOKIES {
        put("session_cookie", name, cookies)?;
    }
    for (name, record) in records::all() {
        put("session_record", name, record)?;
    }
    for (name, values) in lines::CHALLENGES {
        put("challenge", name, values)?;
    }
    for (name, headers) in lines::QUOTAS {
        put("quota_headers", name, headers)?;
    }
    for (name, log) in logs::all() {
        put("tenant_log", name, log)?;
    }
    for (at, query) in QUERIES.iter().enumerate() {
        put("callback", &format!("query{at:02}"), query)?;
    }
    Ok(())
}

fn put(target: &str, name: &str, content: impl AsRef<[u8]>) -> std::io::Result<()> {
    let folder = Path::new("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), content)
}

/// Each shape under one algorithm in turn, and one shape under all.
fn signed(shapes: &[shapes::Shape]) -> Vec<(String, String)> {
    let sign = |shape: &shapes::Shape, algorithm: Algorithm| {
        let mut header = json!({ "alg": algorithm.name(), "kid": algorithm.key_id() });
        if let Some(typ) = shape.typ {
            header["typ"] = typ.into();
        }
        let token = algorithm.sign(&header.to_string(), shape.claims.to_string().as_bytes());
        (format!("{}.{}", shape.name, algorithm.name()), token)
    };
    let in_turn = shapes.iter().zip(Algorithm::ALL.into_iter().cycle());
    let mut all: Vec<_> = in_turn.map(|(shape, algorithm)| sign(shape, algorithm)).collect();
    all.extend(Algorithm::ALL.into_iter().skip(1).map(|algorithm| sign(&shapes[0], algorithm)));
    // As RFC 9864 names it, and without the name of a key.
    let payload = shapes[0].claims.to_string();
    let named_anew = Algorithm::EdDsa.sign(r#"{"alg":"Ed25519","typ":"at+jwt"}"#, payload.as_bytes());
    all.push(("good.without_kid.EdDSA".to_owned(), named_anew));
    all
}

/// What nobody signed, and what is no token.
fn unsigned(good: &str) -> Vec<(&'static str, String)> {
    let payload = good.split('.').nth(1).unwrap_or_default();
    let with = |header: &str| format!("{}.{payload}.", encode(header.as_bytes()));
    vec![
        ("unsigned.none", with(r#"{"alg":"none"}"#)),
        ("unsigned.hmac", format!("{}{}", with(r#"{"alg":"HS256","kid":"rsa"}"#), encode(&[7; 32]))),
        ("unsigned.crit", format!("{}AA", with(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#))),
        (
            "unsigned.jku",
            format!("{}AA", with(r#"{"alg":"RS256","jku":"https://evil.example/jwks","kid":"new"}"#)),
        ),
        ("unsigned.twice", format!("{}AA", with(r#"{"alg":"ES256","kid":"ec","\u006bid":"rsa"}"#))),
        ("unsigned.encrypted", format!("{}.a.b.c.d", encode(br#"{"alg":"dir","enc":"A256GCM"}"#))),
        ("unsigned.padded", good.replacen('.', "=.", 1)),
    ]
}

fn headers(named: &dyn Fn(&str) -> String) -> Vec<(&'static str, String)> {
    let bearer = |name: &str| format!("Authorization: Bearer {}", named(name));
    vec![
        ("good.strict", bearer("good.rfc9068.ES256")),
        ("good.lenient", bearer("good.keycloak.E")),
        ("good.any_case", format!("authorization:   bEARER   {}  ", named("good.rfc9068.EdDSA"))),
        ("bad.expired", bearer("bad.expired")),
        ("bad.id_token", bearer("bad.id_token")),
        ("bound.as_bearer", bearer("bound.rfc9068")),
        ("bound.without_proof", format!("Authorization: DPoP {}", named("bound.rfc9068"))),
        ("opaque.refused", "Authorization: Bearer mF_9.B5f-4.1JqM".to_owned()),
        ("opaque.asked_about", "Authorization: Bearer mF_9.B5f-4.1JqM\nX-Introspect: 1".to_owned()),
        ("two_headers", "Authorization: Bearer a\nAuthorization: Basic dTpw".to_owned()),
        ("two_tokens", "Authorization: Bearer a, Bearer b".to_owned()),
        ("two_words", "Authorization: Bearer a b".to_owned()),
        ("no_token", "Authorization: Bearer".to_owned()),
        ("basic", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned()),
        ("page", "Accept: text/html\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document".to_owned()),
        ("grpc", "Content-Type: application/grpc\nTe: trailers\nAuthorization: Bearer a.b.c".to_owned()),
        ("grpc.good", format!("Content-Type: application/grpc+proto\n{}", bearer("good.rfc9068.EdDSA"))),
        ("not_ascii", "Authorization: Bearer \u{fc}ber".to_owned()),
        ("empty", String::new()),
    ]
}

/// Proofs for a bound token, by its key and by another.
fn proofs(token: &str) -> Vec<(String, String)> {
    let hash = encode(digest(&SHA256, token.as_bytes()).as_ref());
    let proof = |name: &str, algorithm: Algorithm, changes: Value| {
        let header = json!({ "typ": "dpop+jwt", "alg": algorithm.name(), "jwk": algorithm.jwk() });
        let mut claims = json!({
            "jti": "-BwC3ESc6acc2lTc", "htm": "GET", "htu": "https://api.example/orders", "iat": 1_800_000_000, "ath": hash,
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        (name.to_owned(), algorithm.sign(&header.to_string(), claims.to_string().as_bytes()))
    };
    let nonce = fuzz::nonce();
    vec![
        proof("proof.good.ES256", Algorithm::Es256, json!({})),
        proof("proof.good.nonce.ES256", Algorithm::Es256, json!({ "nonce": nonce, "jti": "2" })),
        proof(
            "proof.good.written.ES256",
            Algorithm::Es256,
            json!({ "htu": "HTTPS://API.example:443/%6frders?a=b#c" }),
        ),
        proof("proof.bad.key.EdDSA", Algorithm::EdDsa, json!({})),
        proof("proof.bad.old.ES256", Algorithm::Es256, json!({ "iat": 1_799_999_900 })),
        proof("proof.bad.token.ES256", Algorithm::Es256, json!({ "ath": encode(&[7; 32]) })),
        proof("proof.bad.method.ES256", Algorithm::Es256, json!({ "htm": "POST" })),
        proof(
            "proof.bad.address.ES256",
            Algorithm::Es256,
            json!({ "htu": "https://api.example.evil.example/orders" }),
        ),
    ]
}

fn claims_of(token: &str) -> Vec<u8> {
    token.split('.').nth(1).and_then(|payload| fuzz::keys::decode(payload.as_bytes())).unwrap_or_default()
}

/// Writings that readers of JSON differ about.
fn odd_claims() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "odd.twice",
            r#"{"iss":"https://lenient.example","aud":"https://api.example","exp":1800000540,"sub":"a","\u0073ub":"b"}"#,
        ),
        ("odd.stranger_twice", r#"{"iss":"https://lenient.example","x":1,"\u0078":2}"#),
        (
            "odd.logout",
            r#"{"iss":"https://lenient.example","aud":["shop","https://api.example"],"iat":1800000000,"exp":1800000060,"jti":"1","sid":"s","sub":"ada","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
        ),
        (
            "odd.twice_within",
            r#"{"iss":"https://lenient.example","aud":"https://api.example","exp":1800000540,"x":{"a":1,"a":2}}"#,
        ),
        (
            "odd.times",
            r#"{"iss":"https://lenient.example","aud":"https://api.example","exp":1.80000054e9,"iat":1799999999.9,"nbf":0}"#,
        ),
        (
            "odd.time_as_text",
            r#"{"iss":"https://lenient.example","aud":"https://api.example","exp":"1800000540"}"#,
        ),
        ("odd.negative", r#"{"exp":-1,"iat":-0.0,"nbf":9223372036854775808}"#),
        (
            "odd.number_beyond",
            r#"{"iss":"https://lenient.example","aud":"https://api.example","exp":1800000540,"x":1e400}"#,
        ),
        (
            "odd.escapes",
            r#"{"iss":"https:\/\/lenient.example","aud":["https:\/\/api.example"],"exp":1800000540,"sub":"\ud83d\ude00"}"#,
        ),
        (
            "odd.lists",
            r#"{"iss":"https://strict.example","aud":[],"scope":["a","b c"],"scp":"a b","permissions":["p"],"gty":["client_credentials"]}"#,
        ),
        ("odd.nulls", r#"{"iss":null,"sub":null,"aud":null,"exp":null,"cnf":null}"#),
        (
            "odd.cnf",
            r#"{"cnf":{"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2","jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}"#,
        ),
        ("odd.not_an_object", "[]"),
    ]
}

/// `SESSION` stands for a sealed value.
const COOKIES: [(&str, &str); 7] = [
    ("session", "__Host-auth_session=SESSION"),
    ("among_others", "theme=dark; __Host-auth_session=SESSION; _ga=GA1.2.3"),
    ("two_headers", "a=b\n__Host-auth_session=SESSION"),
    ("twice", "__Host-auth_session=AQAA; __Host-auth_session=SESSION"),
    ("parts", "__Host-auth_session=2.AQAAAA; __Host-auth_session.1=AAAA"),
    ("bent", "__Host-auth_session=SESSIONA"),
    ("foreign", "auth_session=SESSION; __Host-auth_session.3=x; =; ;;"),
];

const QUERIES: [&str; 16] = [
    "code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj&iss=https%3A%2F%2Fop.example",
    "error=access_denied&state=af0ifjsldkj&error_description=%3Cscript%3E",
    "code=a&code=b&state=c",
    "state=",
    "returnTo=%2Fproducts%3Fpage%3D2",
    "returnTo=%2F%2Fevil.example",
    "returnTo=%2F%5Cevil.example",
    "returnTo=https%3A%2F%2Fallowed.example%2Fa",
    "returnTo=https%3A%2F%2Fshop.example.evil.example",
    "returnTo=https%3Aevil.example",
    "returnTo=javascript%3Aalert(1)",
    "returnTo=%2F%09%2Fevil.example",
    "return_to=%2F..%2F..%2F%2Fevil.example",
    "returnTo=https%3A%2F%2Fshop.example%40evil.example%2F",
    "login_hint=ada%40shop.example&returnTo=%2F",
    "returnTo=/%252f/evil.example#fragment",
];
