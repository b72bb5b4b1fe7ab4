//! How a client says who it is (RFC 6749 §2.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use url::form_urlencoded;

use crate::config::ClientAuthentication;
use crate::provider::wire::parameter;
use crate::secret::Secret;

/// The parameters of a request.
pub(crate) type Form<'a> = Vec<(&'static str, &'a str)>;

/// Puts a form and the client's credentials into a request.
pub(crate) fn authenticate<'a>(
    request: RequestBuilder,
    mut form: Form<'a>,
    client_id: &'a str,
    authentication: &'a ClientAuthentication,
) -> RequestBuilder {
    let mut request = request;
    match authentication {
        ClientAuthentication::Basic(secret) => {
            request = request.header(AUTHORIZATION, basic(client_id, secret));
        }
        ClientAuthentication::Post(secret) => {
            form.push((parameter::CLIENT_ID, client_id));
            form.push((parameter::CLIENT_SECRET, secret.expose()));
        }
        ClientAuthentication::None => form.push((parameter::CLIENT_ID, client_id)),
    }
    request.form(&form)
}

/// Form-urlencoded first (RFC 6749 §2.3.1), so that `:` and `%` in a secret arrive as they are.
fn basic(client_id: &str, secret: &Secret<String>) -> HeaderValue {
    let encode = |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(client_id), encode(secret.expose()));
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(credentials)))
        .expect("base64 is always a header value");
    value.set_sensitive(true);
    value
}
