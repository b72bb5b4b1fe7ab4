//! What an API says of a token in `WWW-Authenticate`, and whether a request is sent once more.
//!
//! # Invariants
//! 1. A request is sent twice at most: first with the token at hand, then with one that was asked for, once.
//! 2. It is sent again only after a 401, and only where a line has `Bearer`, `error` and `invalid_token` in it.
//! 3. A request with a body is sent once, and the next one brings the other token.
//! 4. Of a line that is [built](build) it is known what it says; of several lines each counts for itself, and
//!    a bad one spoils no other.

use std::convert::Infallible;
use std::future::ready;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use auth_layer::config::{ResourceServerConfig, TrustedIssuer};
use auth_layer::outbound::authorize::{Authorize, TokenSupply, TokenSupplyError};
use auth_layer::{AccessToken, Auth, Clock};
use axum::body::Body;
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::runtime::{Builder, Runtime};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::answers::NOBODY;
use crate::choices::Choices;
use crate::introspection::introspector;
use crate::{API, LENIENT, NOW};

/// Takes lines, each the value of a header; one that begins with `!` is built of what follows.
pub fn challenge(data: &[u8]) {
    let lines = lines(data);
    let mut expected = false;
    for line in &lines {
        let refuses = is_sent_again(StatusCode::UNAUTHORIZED, &[line], "");
        if let Some(known) = line.refuses {
            assert_eq!(refuses, known, "{:?}", line.value);
        }
        expected |= refuses;
    }
    let lines: Vec<&Line> = lines.iter().collect();
    if lines.len() != 1 {
        assert_eq!(is_sent_again(StatusCode::UNAUTHORIZED, &lines, ""), expected, "{lines:?}");
    }
    assert!(!is_sent_again(StatusCode::UNAUTHORIZED, &lines, "body"), "a body is sent twice: {lines:?}");
    assert!(
        !is_sent_again(StatusCode::FORBIDDEN, &lines, ""),
        "there is no second try after a 403: {lines:?}"
    );
}

#[cfg(test)]
pub(crate) fn is_sent_again_after(data: &[u8]) -> bool {
    challenge(data);
    let lines = lines(data);
    is_sent_again(StatusCode::UNAUTHORIZED, &lines.iter().collect::<Vec<_>>(), "")
}

fn lines(data: &[u8]) -> Vec<Line> {
    data.split(|byte| *byte == b'\n').take(MAX_LINES).filter_map(Line::read).collect()
}

/// Whether a request is sent once more to an API that answers so.
fn is_sent_again(status: StatusCode, lines: &[&Line], body: &'static str) -> bool {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let values: Vec<HeaderValue> = lines.iter().map(|line| line.value.clone()).collect();
    let seen = Arc::clone(&sent);
    let api = service_fn(move |request: Request<Body>| {
        seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.headers()[AUTHORIZATION].clone());
        let mut response = Response::new(());
        *response.status_mut() = status;
        response.headers_mut().extend(values.iter().map(|value| (WWW_AUTHENTICATE, value.clone())));
        ready(Ok::<_, Infallible>(response))
    });
    let asked = Arc::default();
    let supply = Supply { tokens: tokens(), asked: Arc::clone(&asked) };
    let client = client().clone().with_tokens(supply).layer(api);
    let request = Request::get("/orders").body(Body::from(body)).expect("it is a request");
    let response = runtime().block_on(client.oneshot(request)).expect("there is a token");
    assert_eq!(response.status(), status, "the answer is the API's: {lines:?}");
    let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = *asked.lock().unwrap_or_else(PoisonError::into_inner);
    let [first, other] = tokens().each_ref().map(|token| format!("Bearer {}", token.expose()));
    assert_eq!(sent.first().map(HeaderValue::as_bytes), Some(first.as_bytes()));
    assert!(sent.len() <= 2, "sent {} times: {lines:?}", sent.len());
    if let Some(again) = sent.get(1) {
        assert_eq!(again.as_bytes(), other.as_bytes(), "the refused token is sent again: {lines:?}");
    }
    let has_body = !body.is_empty();
    assert!(asked == sent.len() - 1 || has_body && asked <= 1, "{asked} tokens were asked for: {lines:?}");
    sent.len() == 2
}

/// A line of the answer.
#[derive(Debug)]
struct Line {
    value: HeaderValue,
    /// Whether it refuses the token, where that is known.
    refuses: Option<bool>,
}

impl Line {
    fn read(line: &[u8]) -> Option<Self> {
        if let [b'!', choices @ ..] = line {
            let (value, refuses) = build(&mut Choices::new(choices));
            let value = HeaderValue::from_bytes(&value).expect("what is built is a value");
            return Some(Self { value, refuses: Some(refuses) });
        }
        let value = HeaderValue::from_bytes(line).ok()?;
        Some(Self { value, refuses: if may_refuse(line) { None } else { Some(false) } })
    }
}

/// Whether all the words are there.
fn may_refuse(line: &[u8]) -> bool {
    let plain: Vec<u8> = line.iter().filter(|byte| **byte != b'\\').copied().collect();
    let has = |text: &[u8], word: &[u8]| text.windows(word.len()).any(|window| window == word);
    let lower = plain.to_ascii_lowercase();
    has(&lower, b"bearer") && has(&lower, b"error") && has(&plain, b"invalid_token")
}

/// A value as RFC 9110 §11.6.1 has it, and whether it refuses the token; or one that is broken, and says nothing.
fn build(choices: &mut Choices<'_>) -> (Vec<u8>, bool) {
    let mut value = choices.one_of(&["", ",", ", ,", " \t"]).as_bytes().to_vec();
    let mut refuses = false;
    for at in 0..=choices.below(4) {
        if at > 0 {
            value.extend(choices.one_of(&[", ", ",", " , ", ",,", "\t,\t, "]).as_bytes());
        }
        let scheme = choices.one_of(&["Bearer", "Basic", "bEARER", "BEARER", "DPoP", "XBearer", "Bearer2"]);
        value.extend(scheme.as_bytes());
        let errors = match choices.below(6) {
            0 => Vec::new(),
            1 => {
                value.push(b' ');
                value.extend(
                    choices.one_of(&["a8742", "error", "Bearer", "-._~+/", "invalid_token"]).as_bytes(),
                );
                value.extend(choices.one_of(&["", "=", "=="]).as_bytes());
                Vec::new()
            }
            _ => parameters(choices, &mut value),
        };
        refuses |= scheme.eq_ignore_ascii_case("bearer") && errors == [b"invalid_token"];
    }
    value.extend(choices.one_of(&["", " ", ",", " , ,\t"]).as_bytes());
    let broken =
        [", Basic realm=\"x", ", =", ", a b c", ", Bearer error=\"invalid_token\\", ", x a=\"\" b=\"\""];
    if choices.below(8) == 7 {
        value.extend(choices.one_of(&broken).as_bytes());
        refuses = false;
    }
    (value, refuses)
}

/// Adds parameters, and returns what those that are called `error` say.
fn parameters(choices: &mut Choices<'_>, value: &mut Vec<u8>) -> Vec<Vec<u8>> {
    let mut errors = Vec::new();
    for at in 0..=choices.below(3) {
        value.extend(match at {
            0 => choices.one_of(&[" ", "  "]).as_bytes(),
            _ => choices.one_of(&[", ", ",", " , ", ",,"]).as_bytes(),
        });
        let name = choices.one_of(&["error", "realm", "ERROR", "Error", "error_description", "errors", "x"]);
        value.extend(name.as_bytes());
        value.extend(choices.one_of(&["=", " =", "= ", "\t=\t "]).as_bytes());
        let said = match choices.below(8) {
            0..=3 => b"invalid_token".to_vec(),
            4 => choices
                .one_of(&["insufficient_scope", "Invalid_Token", "invalid_tokens", "invalid_token "])
                .into(),
            5 => choices.bytes(24, |byte| byte == b'\t' || byte >= b' ' && byte != 0x7f),
            _ => choices.bytes(8, |byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)),
        };
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        if !said.is_empty() && said.iter().all(is_token) && choices.below(2) == 0 {
            value.extend(&said);
        } else {
            quote(choices, &said, value);
        }
        if name.eq_ignore_ascii_case("error") {
            errors.push(said);
        }
    }
    errors
}

fn quote(choices: &mut Choices<'_>, said: &[u8], value: &mut Vec<u8>) {
    let escapes_all = choices.below(4) == 3;
    value.push(b'"');
    for byte in said {
        if escapes_all || b"\"\\".contains(byte) {
            value.push(b'\\');
        }
        value.push(*byte);
    }
    value.push(b'"');
}

/// Has one token at hand, and another for whoever was refused with it.
struct Supply {
    tokens: &'static [AccessToken; 2],
    asked: Arc<Mutex<usize>>,
}

impl TokenSupply for Supply {
    async fn token(&self, instead_of: Option<&AccessToken>) -> Result<AccessToken, TokenSupplyError> {
        let [first, other] = self.tokens;
        let refused = instead_of.expect("there is one at hand");
        assert_eq!(refused.expose(), first.expose(), "another one was refused");
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Ok(other.clone())
    }

    fn at_hand(&self) -> Option<AccessToken> {
        Some(self.tokens[0].clone())
    }
}

fn tokens() -> &'static [AccessToken; 2] {
    static TOKENS: OnceLock<[AccessToken; 2]> = OnceLock::new();
    TOKENS.get_or_init(|| {
        let answer = format!(r#"{{"active":true,"aud":"{API}"}}"#);
        ["first", "other"].map(|token| introspector().judge(answer.as_bytes(), token).expect("it is good").0)
    })
}

fn client() -> &'static Authorize {
    static CLIENT: OnceLock<Authorize> = OnceLock::new();
    CLIENT.get_or_init(|| {
        let issuer = TrustedIssuer::new(LENIENT).with_jwks_uri(&format!("{NOBODY}/jwks"));
        let config =
            ResourceServerConfig::builder(API).add_issuer(issuer).with_clock(Clock::manual(NOW)).build();
        let config = config.expect("the configuration is sound");
        let auth = runtime().block_on(Auth::resource_server(config)).expect("the configuration is sound");
        auth.authorize(API).expect("it is an origin")
    })
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_current_thread().enable_all().build().expect("a runtime starts"))
}

const MAX_LINES: usize = 4;
