//! The committed corpora through their targets, without a fuzzer; and what keeps the targets from being vacuous.

use std::fs;
use std::path::Path;

use auth_layer::jose::LogoutTokenExpectations;
use auth_layer::{ClientId, Issuer};
use axum::body::Body;
use http::Request;

use crate::keys::published;
use crate::{gate::Gate, keys::Algorithm, shapes, signed};

type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 12] = [
    ("callback", crate::callback),
    ("challenge", crate::challenge),
    ("claims", crate::claims),
    ("dpop_proof", crate::dpop_proof),
    ("header", crate::header),
    ("introspection", crate::introspection),
    ("jwks", crate::jwks),
    ("jwt", crate::jwt),
    ("quota_headers", crate::quota_headers),
    ("session_cookie", crate::session_cookie),
    ("session_record", crate::session_record),
    ("tenant_log", crate::tenant_log),
];

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let read = |file: fs::DirEntry| {
        (file.file_name().to_string_lossy().into_owned(), fs::read(file.path()).expect("it is a file"))
    };
    files.flatten().map(read).collect()
}

#[test]
fn every_input_that_is_kept_holds_the_invariants() {
    for (name, target) in TARGETS {
        let inputs = corpus(name);
        assert!(inputs.len() >= 3, "{name} has no corpus");
        for (file, input) in inputs {
            println!("{name}/{file}");
            target(&input);
        }
    }
}

#[test]
fn what_was_signed_verifies_and_what_is_good_reaches_a_handler() {
    let gate = Gate::of_an_api(|issuers| issuers, 1024 * 1024);
    for (name, token) in signed::all() {
        assert!(published().verify(token).is_ok(), "{name}");
        let request = Request::get("/orders").header("authorization", format!("Bearer {token}"));
        let answer = gate.send(request.body(Body::empty()).expect("it is a request"));
        assert_eq!(answer.told().is_some(), name.starts_with("good"), "{name}: {answer:?}");
    }
}

#[test]
fn a_bound_token_reaches_a_handler_with_its_proof_once() {
    let gate = Gate::of_an_api(|issuers| issuers, 0);
    let (_, token) = signed::named("bound.rfc9068").next().expect("it was signed");
    for (name, proof) in signed::named("proof") {
        for is_first in [true, false] {
            let request = Request::get("/orders").header("authorization", format!("DPoP {token}"));
            let request = request.header("dpop", proof).body(Body::empty()).expect("it is a request");
            // All good proofs but one have the same name, and are used up by the first.
            let is_new = is_first && ["proof.good.ES256", "proof.good.nonce.ES256"].contains(&name);
            let answer = gate.send(request);
            assert_eq!(answer.told().is_some(), is_new, "{name}: {answer:?}");
        }
    }
}

#[test]
fn a_shape_that_is_good_is_good_whoever_signs_it() {
    for shape in shapes::all("").into_iter().filter(|shape| shape.name.starts_with("good")) {
        let header = r#"{"alg":"EdDSA","kid":"ed","typ":"at+jwt"}"#;
        let token = Algorithm::EdDsa.sign(header, shape.claims.to_string().as_bytes());
        let gate = Gate::of_an_api(|issuers| issuers, 0);
        let request = Request::get("/orders").header("authorization", format!("Bearer {token}"));
        let told = gate.send(request.body(Body::empty()).expect("it is a request")).told();
        let principal = told.expect(shape.name)["principal"].clone();
        assert_eq!(
            principal,
            if shape.name.ends_with("machine") { "Client" } else { "User" },
            "{}",
            shape.name
        );
    }
}

#[test]
fn a_logout_token_is_taken_for_one() {
    let (_, claims) =
        corpus("claims").into_iter().find(|(name, _)| name == "odd.logout").expect("it is a seed");
    let token = Algorithm::EdDsa.sign(r#"{"alg":"EdDSA","kid":"ed","typ":"logout+jwt"}"#, &claims);
    let (issuer, client_id) = (Issuer::from(crate::LENIENT), ClientId::from("shop"));
    let expected = LogoutTokenExpectations::new(&issuer, &client_id, crate::NOW);
    assert!(published().verify_logout_token(&token, &expected).is_ok());
}

#[test]
fn answers_that_are_good_are_believed_and_others_are_not() {
    for (name, answer) in corpus("introspection") {
        if let Some((kind @ ("good" | "bad" | "odd"), _)) = name.split_once('.') {
            let believed = crate::introspection::introspector().judge(&answer, "token").is_ok();
            assert_eq!(believed, kind == "good", "{name}");
        }
    }
}

#[test]
fn a_record_and_an_attempt_are_read() {
    for (name, record) in corpus("session_record").into_iter().filter(|(name, _)| name.len() < 40) {
        let read = if name == "attempt" {
            auth_layer::fuzzing::login_attempt(&record)
        } else {
            auth_layer::fuzzing::session_record(&record)
        };
        assert_eq!(read.as_ref(), Some(&record), "{name}");
    }
}

#[test]
fn a_request_is_sent_again_after_the_challenges_that_say_so_and_after_no_others() {
    for (name, lines) in corpus("challenge") {
        if let Some((kind @ ("again" | "once"), _)) = name.split_once('.') {
            assert_eq!(crate::challenge::is_sent_again_after(&lines), kind == "again", "{name}");
        }
    }
}

#[test]
fn a_quota_closes_where_nothing_is_left_and_nowhere_else() {
    for (name, lines) in corpus("quota_headers") {
        if let Some((kind @ ("open" | "closed"), _)) = name.split_once('.') {
            assert_eq!(crate::quota_headers::play(&lines).is_some(), kind == "closed", "{name}");
        }
    }
}

#[test]
fn a_log_that_is_whole_is_read_as_one_and_what_is_broken_is_reported() {
    for (name, log) in corpus("tenant_log") {
        if let Some((kind @ ("whole" | "broken"), _)) = name.split_once('.') {
            let (events, broken) = crate::tenant_log::counts(&log);
            assert_eq!(
                (events > 0 && broken == 0, broken > 0),
                (kind == "whole", kind == "broken"),
                "{name}"
            );
        }
    }
}

/// Else what is built would all say the same, and nothing would be compared.
#[test]
fn what_is_built_says_the_one_as_often_as_the_other() {
    let mut seed = 1_u32;
    let inputs: Vec<Vec<u8>> = std::iter::repeat_with(|| {
        let bytes = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed.to_be_bytes()[0]
        });
        bytes.filter(|byte| *byte != b'\n').take(120).collect()
    })
    .take(200)
    .collect();
    for (what, says) in [
        ("challenge", (|input| crate::challenge::is_sent_again_after(input)) as fn(&[u8]) -> bool),
        ("quota", |input| crate::quota_headers::play(input).is_some()),
    ] {
        let all = inputs.iter().filter(|input| says(&[b"!", input.as_slice()].concat())).count();
        assert!((20..180).contains(&all), "{what}: {all} of {}", inputs.len());
    }
}
