//! Behaviour of the whole provider, over its socket.

mod attacks;
mod code;
mod dpop;
mod exchange;
mod faults;
mod federated;
mod floods;
mod introspection;
mod keys;
mod logout;
mod logs;
mod machine;
mod minting;
mod pages;
mod refresh;
mod resources;
mod shapes;

use std::collections::HashMap;

use http::StatusCode;
use reqwest::{Client, Response};
use serde_json::Value;
use url::Url;

use super::encoding::base64url_bytes;
use super::keys::PublicKey;
use super::{Endpoint, IdentityProvider, IdentityProviderBuilder, SigningAlgorithm, User};
use crate::clock::{Clock, Timestamp};

const REDIRECT_URI: &str = "http://127.0.0.1:3000/auth/callback";
const AFTER_LOGOUT: &str = "http://127.0.0.1:3000/goodbye";
const API: &str = "https://api.shop.example";

/// The pair of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client that says what a test tells it to.
struct Shop {
    op: IdentityProvider,
    clock: Clock,
    http: Client,
}

impl Shop {
    async fn open() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(change: impl FnOnce(IdentityProviderBuilder) -> IdentityProviderBuilder) -> Self {
        let clock = Clock::manual(Timestamp::from_unix_seconds(1_800_000_000));
        let builder = IdentityProvider::builder()
            .clock(clock.clone())
            .add_redirect_uri(REDIRECT_URI)
            .add_post_logout_redirect_uri(AFTER_LOGOUT);
        let op = change(builder).start().await.unwrap();
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { op, clock, http }
    }

    /// Returns an authorization URL; `change` replaces parameters, or removes them with "".
    fn authorize_url(&self, change: &[(&str, &str)]) -> String {
        let client_id = self.op.client_id();
        let mut parameters = vec![
            ("client_id", client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "openid profile email offline_access read:products write:products"),
            ("state", "state-1"),
            ("nonce", "nonce-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("audience", API),
        ];
        parameters.retain(|(name, _)| change.iter().all(|(changed, _)| changed != name));
        parameters.extend(change);
        Url::parse_with_params(&self.op.url(Endpoint::Authorize), parameters).unwrap().into()
    }

    /// Logs `user` in and returns the code.
    async fn code(&self, user: &User, change: &[(&str, &str)]) -> String {
        let callback = self.op.log_in(user, &self.authorize_url(change)).await;
        query(&callback).remove("code").expect(&callback)
    }

    /// Posts to the token endpoint as the default client.
    async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.post(Endpoint::Token, form).await
    }

    async fn post(&self, endpoint: Endpoint, form: &[(&str, &str)]) -> Answer {
        let answer = self
            .http
            .post(self.op.url(endpoint))
            .basic_auth(self.op.client_id(), Some(self.op.client_secret()))
            .form(form)
            .send()
            .await
            .unwrap();
        Answer::of(answer).await
    }

    async fn exchange_code(&self, code: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    /// Logs `user` in and returns the token answer.
    async fn tokens(&self, user: &User, change: &[(&str, &str)]) -> Answer {
        let code = self.code(user, change).await;
        self.exchange_code(&code).await
    }

    async fn refresh(&self, refresh_token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
    }

    async fn introspect(&self, token: &str) -> Value {
        let answer = self.post(Endpoint::Introspection, &[("token", token)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    async fn get(&self, endpoint: Endpoint) -> Answer {
        Answer::of(self.http.get(self.op.url(endpoint)).send().await.unwrap()).await
    }

    async fn user_info(&self, access_token: &str) -> Answer {
        let request = self.http.get(self.op.url(Endpoint::UserInfo));
        Answer::of(request.bearer_auth(access_token).send().await.unwrap()).await
    }

    /// Returns which keys of the JWK set verify `token`, by their place in it.
    async fn verifying(&self, token: &str) -> Vec<usize> {
        let jwks = self.get(Endpoint::Jwks).await.body;
        let algorithm = decoded(token)[0]["alg"].as_str().and_then(SigningAlgorithm::named).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url_bytes(signature).unwrap();
        let verifies = |jwk: &Value| {
            PublicKey::of_jwk(algorithm, jwk).is_some_and(|key| key.verifies(input.as_bytes(), &signature))
        };
        let keys = jwks["keys"].as_array().unwrap().iter().enumerate();
        keys.filter(|(_, jwk)| verifies(jwk)).map(|(place, _)| place).collect()
    }

    async fn is_active(&self, token: &str) -> bool {
        self.introspect(token).await["active"].as_bool().unwrap()
    }
}

/// An answer that has been read.
struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or_default();
        Self { status, headers, body }
    }

    #[track_caller]
    fn text(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_else(|| panic!("no {member}: {}", self.body))
    }

    #[track_caller]
    fn assert_error(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.text("error")), (status, code), "{}", self.body);
    }
}

/// Returns the parameters of a callback URL.
fn query(url: &str) -> HashMap<String, String> {
    Url::parse(url).unwrap().query_pairs().into_owned().collect()
}

/// Returns header and claims of a JWT.
fn decoded(token: &str) -> [Value; 2] {
    let mut parts = token
        .split('.')
        .map(|part| serde_json::from_slice(&base64url_bytes(part).unwrap()).unwrap_or_default());
    [parts.next().unwrap(), parts.next().unwrap()]
}
