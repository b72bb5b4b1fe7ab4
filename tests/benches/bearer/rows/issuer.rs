//! An issuer with thousands of distinct access tokens, as RFC 9068 has them.

use std::sync::Arc;

use auth_layer::testing::{Endpoint, IdentityProvider, SigningAlgorithm};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde_json::{Value, json};

/// Whom the tokens are for.
pub(crate) const AUDIENCE: &str = "https://api.shop.example";

/// A provider, and what it signed.
pub(crate) struct Issuer {
    /// Serves discovery and the keys.
    pub(crate) op: IdentityProvider,
    /// How it signs.
    pub(crate) algorithm: SigningAlgorithm,
    /// Its public key, as it is published.
    pub(crate) jwk: Value,
    /// Distinct valid tokens.
    pub(crate) tokens: Arc<[Token]>,
}

/// A token, as a request brings it.
pub(crate) struct Token {
    /// `Bearer` and the token.
    pub(crate) authorization: HeaderValue,
    /// The signature, decoded.
    pub(crate) signature: Vec<u8>,
}

impl Issuer {
    /// Starts a provider that signs so many tokens.
    pub(crate) async fn start(algorithm: SigningAlgorithm, tokens: usize) -> Self {
        let op = IdentityProvider::builder().signing(algorithm).start().await.expect("a free port");
        let keys = reqwest::get(op.url(Endpoint::Jwks)).await.expect("the keys are served");
        let keys: Value = keys.json().await.expect("a JWK set");
        let mut issuer = Self { op, algorithm, jwk: keys["keys"][0].clone(), tokens: Arc::default() };
        issuer.tokens = (0..tokens).map(|number| issuer.sign(number)).collect();
        issuer
    }

    /// Signs the token of a number, of 890 bytes with RS256 and of 634 with ES256.
    pub(crate) fn sign(&self, number: usize) -> Token {
        let now = self.op.clock().now().unix_seconds();
        let header = json!({ "alg": self.algorithm.name(), "kid": self.kid(), "typ": "at+jwt" });
        let claims = json!({
            "iss": self.op.issuer(),
            "sub": format!("auth0|{:024x}", number / 4),
            "aud": AUDIENCE,
            "client_id": "s6BhdRkqt3GnrM0v2sTzYwLdPqXk81Ca",
            "iat": now,
            "exp": now + A_DAY,
            "jti": format!("{number:032x}"),
            "scope": SCOPE,
        });
        Token::new(&self.op.sign(&header, &claims))
    }

    /// The name of the key.
    pub(crate) fn kid(&self) -> &str {
        self.jwk["kid"].as_str().expect("a key has a name")
    }

    /// A member of the public key, decoded.
    pub(crate) fn member(&self, name: &str) -> Vec<u8> {
        let text = self.jwk[name].as_str().expect("the key has this member");
        URL_SAFE_NO_PAD.decode(text).expect("a JWK is base64url")
    }
}

impl Token {
    fn new(jwt: &str) -> Self {
        let (_, signature) = jwt.rsplit_once('.').expect("a JWT has dots");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("a JWT is base64url");
        let authorization = HeaderValue::try_from(format!("Bearer {jwt}")).expect("a JWT is text");
        // The first clone allocates what the later ones share: it is no request's.
        drop(authorization.clone());
        Self { authorization, signature }
    }

    /// The token itself.
    pub(crate) fn jwt(&self) -> &[u8] {
        &self.authorization.as_bytes()["Bearer ".len()..]
    }

    /// What the signature is over.
    pub(crate) fn signed(&self) -> &[u8] {
        let end = self.jwt().iter().rposition(|byte| *byte == b'.').expect("a JWT has dots");
        &self.jwt()[..end]
    }
}

const A_DAY: u64 = 24 * 3_600;
const SCOPE: &str =
    "openid profile email read:products write:products read:orders write:orders read:customers";
