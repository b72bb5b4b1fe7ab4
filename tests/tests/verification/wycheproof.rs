//! Project Wycheproof's vectors for JOSE: signatures, keys, encryption, and all of them mixed.
//!
//! Each goes through the public verifier, with the keys as a provider would publish them: public
//! members only. `tests/vectors/wycheproof/` holds the vectors and their license (Apache 2.0,
//! <https://github.com/C2SP/wycheproof>).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use auth_layer::jose::{Jwks, Stage};
use serde_json::{Value, json};

const SIGNATURE: &str = "json_web_signature_test";
const KEY: &str = "json_web_key_test";
const ENCRYPTION: &str = "json_web_encryption_test";
const MIXED: &str = "json_web_crypto_test";

/// How many vectors there are of each expectation, and where they end.
const COUNTS: [(&str, &str, &str, usize); 21] = [
    (SIGNATURE, "invalid", "refused at Format", 30),
    (SIGNATURE, "invalid", "refused at Header", 19),
    (SIGNATURE, "invalid", "refused at Key", 11),
    (SIGNATURE, "invalid", "refused at Signature", 295),
    (SIGNATURE, "valid", "accepted", 32),
    (SIGNATURE, "valid", "refused at Format", 2),
    (SIGNATURE, "valid", "refused at Header", 8),
    (SIGNATURE, "valid", "refused at Key", 4),
    (KEY, "invalid", "refused at Header", 11),
    (KEY, "invalid", "refused at Key", 10),
    (KEY, "valid", "accepted", 1),
    (KEY, "valid", "refused at Header", 4),
    (ENCRYPTION, "invalid", "refused at Format", 74),
    (ENCRYPTION, "valid", "refused at Format", 65),
    (MIXED, "invalid", "refused at Format", 50),
    (MIXED, "invalid", "refused at Header", 15),
    (MIXED, "invalid", "refused at Key", 3),
    (MIXED, "invalid", "refused at Signature", 9),
    (MIXED, "valid", "accepted", 2),
    (MIXED, "valid", "refused at Format", 2),
    (MIXED, "valid", "refused at Header", 2),
];

/// Every vector that is valid and that we refuse, where, and why.
const REFUSED_THOUGH_VALID: [(&str, Stage, &str, &[u64]); 8] = [
    // A key that verifies can also sign: no provider publishes one, and whoever accepts HMAC beside
    // signatures is asked to verify one with a public key (RFC 8725 §2.1).
    (SIGNATURE, Stage::Header, "HMAC", &[1, 348, 352, 357, 358, 359, 376, 377]),
    (KEY, Stage::Header, "HMAC", &[2, 13, 14, 15]),
    (MIXED, Stage::Header, "HMAC", &[1, 48]),
    // The vectors allow a decoder to skip what is not in its alphabet (RFC 7515 §2 does not); then a
    // token has many writings.
    (SIGNATURE, Stage::Format, "a character that is not base64url, and HMAC besides", &[372, 373]),
    // RFC 7520's key says PS256 here, and the token PS384: a key is bound to its algorithm.
    (SIGNATURE, Stage::Key, "the key is for another algorithm", &[346, 350]),
    // The key says ES521, which is no algorithm: its name is ES512.
    (SIGNATURE, Stage::Key, "the key is for an unknown algorithm", &[347, 351]),
    // Access tokens, id tokens and logout tokens are signed; what is encrypted has five segments.
    (ENCRYPTION, Stage::Format, "encryption", ENCRYPTED),
    (MIXED, Stage::Format, "encryption", &[50, 67]),
];

const ENCRYPTED: &[u64] = &[
    1, 23, 28, 29, 30, 31, 32, 33, 34, 35, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 66, 67, 68, 69, 70,
    71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 100, 101,
    102, 103, 104, 105, 112, 121, 128, 129, 130, 131, 132, 133, 134, 135,
];

struct Vector {
    file: &'static str,
    id: u64,
    comment: String,
    expected: String,
    /// Where it was refused; nothing where it was accepted.
    refused: Option<Stage>,
}

fn vectors() -> Vec<Vector> {
    let mut all = Vec::new();
    for file in [SIGNATURE, KEY, ENCRYPTION, MIXED] {
        let document = read(file);
        for group in document["testGroups"].as_array().unwrap() {
            let keys = published(group);
            let keys = Jwks::parse(keys.to_string().as_bytes()).unwrap();
            for test in group["tests"].as_array().unwrap() {
                let token = test.get("jws").or(test.get("jwe")).unwrap();
                // JSON serialisation comes as JSON in some files, and as text in others.
                let token = token.as_str().map_or_else(|| token.to_string(), str::to_owned);
                all.push(Vector {
                    file,
                    id: test["tcId"].as_u64().unwrap(),
                    comment: test["comment"].to_string(),
                    expected: test["result"].as_str().unwrap().to_owned(),
                    refused: keys.verify(&token).err().map(|error| error.stage()),
                });
            }
        }
        let declared = document["numberOfTests"].as_u64().unwrap();
        assert_eq!(all.iter().filter(|vector| vector.file == file).count() as u64, declared, "{file}");
    }
    all
}

fn read(file: &str) -> Value {
    let path = format!("{}/vectors/wycheproof/{file}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The set that the group's provider would publish.
fn published(group: &Value) -> Value {
    let mut keys = key_set(group.get("public").unwrap_or(&group["private"]));
    for key in keys["keys"].as_array_mut().unwrap() {
        // A symmetric key stays as it is: it has no public part, and must not be used.
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth"] {
            key.as_object_mut().unwrap().remove(private);
        }
    }
    keys
}

fn key_set(keys: &Value) -> Value {
    if keys.get("keys").is_some() { keys.clone() } else { json!({ "keys": [keys] }) }
}

#[test]
#[allow(clippy::print_stdout)]
fn every_vector_ends_where_it_should() {
    let mut counts = BTreeMap::new();
    for vector in vectors() {
        let ends = vector.refused.map_or("accepted".to_owned(), |stage| format!("refused at {stage:?}"));
        *counts.entry((vector.file, vector.expected, ends)).or_insert(0_usize) += 1;
    }
    let mut table = String::new();
    for ((file, expected, ends), count) in &counts {
        table += &format!("{file:26} {expected:8} {ends:20} {count:4}\n");
    }
    println!("{table}");
    let expected: BTreeMap<_, _> = COUNTS
        .into_iter()
        .map(|(file, expected, ends, count)| ((file, expected.to_owned(), ends.to_owned()), count))
        .collect();
    assert_eq!(counts, expected, "\n{table}");
}

#[test]
fn nothing_invalid_is_accepted() {
    for vector in vectors() {
        let wrong = vector.expected == "invalid" && vector.refused.is_none();
        assert!(!wrong, "{} {}: {}", vector.file, vector.id, vector.comment);
    }
}

#[test]
fn what_is_valid_and_refused_is_listed_with_its_reason() {
    let listed: BTreeSet<(&str, u64, String)> = REFUSED_THOUGH_VALID
        .iter()
        .flat_map(|(file, stage, _, ids)| ids.iter().map(move |id| (*file, *id, format!("{stage:?}"))))
        .collect();
    let refused: BTreeSet<(&str, u64, String)> = vectors()
        .into_iter()
        .filter(|vector| vector.expected == "valid")
        .filter_map(|vector| Some((vector.file, vector.id, format!("{:?}", vector.refused?))))
        .collect();
    assert_eq!(refused, listed);
}

#[test]
fn keys_with_their_private_members_are_dropped() {
    let mut private = 0;
    for file in [SIGNATURE, KEY, ENCRYPTION, MIXED] {
        for group in read(file)["testGroups"].as_array().unwrap() {
            let keys = key_set(&group["private"]);
            let keys = keys["keys"].as_array().unwrap();
            let is_private = |key: &&Value| key.get("d").or(key.get("k")).is_some();
            let usable = Jwks::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap().len();
            assert!(
                usable <= keys.iter().filter(|key| !is_private(key)).count(),
                "{file}: {}",
                group["comment"]
            );
            private += keys.iter().filter(is_private).count();
        }
    }
    assert_eq!(private, 90);
}

#[test]
fn rfc_7520_verifies_once_its_keys_name_no_wrong_algorithm() {
    let mut verified = Vec::new();
    for group in read(SIGNATURE)["testGroups"].as_array().unwrap() {
        let mut keys = published(group);
        keys["keys"][0].as_object_mut().unwrap().remove("alg");
        let keys = Jwks::parse(keys.to_string().as_bytes()).unwrap();
        for test in group["tests"].as_array().unwrap() {
            if matches!(test["tcId"].as_u64(), Some(346 | 347 | 350 | 351)) {
                let signed = keys.verify(test["jws"].as_str().unwrap()).unwrap();
                verified.push(signed.algorithm().name());
            }
        }
    }
    assert_eq!(verified, ["PS384", "ES512", "PS384", "ES512"]);
}
