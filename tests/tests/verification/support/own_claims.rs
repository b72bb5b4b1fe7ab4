//! Access tokens whose text is a test's own, byte for byte, signed by a key that the provider publishes.

use serde_json::{Value, json};
use tests::{Api, ApiBuilder, SHOP, START};

use super::own_key::OwnKey;

/// The header of what [`OwnKey`] signs as an access token.
pub(crate) const OWN_HEADER: &str = r#"{"alg":"ES256","kid":"own","typ":"at+jwt"}"#;

/// An API whose provider publishes the test's key beside its own.
pub(crate) async fn api_with_own_key(builder: ApiBuilder) -> (Api, &'static OwnKey) {
    let provider = Api::open().await.op;
    let key = OwnKey::get();
    provider.publish_jwk(key.jwk());
    (builder.over(&provider).await, key)
}

/// Claims that make a good access token.
pub(crate) fn good_claims(api: &Api) -> Value {
    json!({
        "iss": api.op.issuer(),
        "sub": "local|ada",
        "aud": SHOP,
        "exp": START + 3_600,
        "iat": START,
        "client_id": "shop-client",
        "jti": "one-of-a-kind",
    })
}

/// Good claims as text, in which one claim has this text for a value, whatever it is.
pub(crate) fn claims_with(api: &Api, name: &str, value: &str) -> String {
    let mut claims = good_claims(api);
    claims.as_object_mut().unwrap().remove(name);
    let mut text = claims.to_string();
    text.insert_str(text.len() - 1, &format!(",\"{name}\":{value}"));
    text
}
