//! Tokens that a provider's answer carries in the place of the honest one.

use auth_layer::testing::{Endpoint, Fault, User};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::app::App;
use super::page::Page;

impl App {
    /// Logs Ada in with an id token that `forge` makes of the honest one's header and claims.
    pub(crate) async fn log_in_with(
        &self,
        forge: impl Fn(&Value, &Value) -> String + Send + Sync + 'static,
    ) -> Page {
        self.log_in_with_answer(move |answer| {
            let [header, claims] = decoded(answer["id_token"].as_str().unwrap());
            answer["id_token"] = json!(forge(&header, &claims));
        })
        .await
    }

    /// Logs Ada in with a token answer that `change` bends.
    pub(crate) async fn log_in_with_answer(
        &self,
        change: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> Page {
        self.op.fault_times(Endpoint::Token, Fault::rewrite(change), 1);
        let mut browser = self.browser();
        let page = browser.log_in(&User::ada()).await;
        assert_eq!(browser.who().await == "local|ada", page.begins_session(), "{page:?}");
        page
    }
}

/// Returns header and claims of a JWT.
pub(crate) fn decoded(token: &str) -> [Value; 2] {
    let mut parts =
        token.split('.').map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()));
    [parts.next().unwrap().unwrap(), parts.next().unwrap().unwrap()]
}

/// Returns the base64url of any bytes.
pub(crate) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Returns the first two segments of a JWT, which a signature has to cover.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()))
}
