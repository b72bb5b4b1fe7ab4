//! Client authentication (RFC 6749 §2.3): one method, and one which the client registered.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;

use super::encoding::secrets_are_equal;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::registration::{ClientAuthentication, ClientRegistration};
use super::state::{Request, State};

/// Returns the client that sent the request.
pub(super) fn authenticate(
    state: &State,
    request: &Request,
    parameters: &Parameters,
) -> Result<ClientRegistration, Refusal> {
    let (method, client_id, secret) = presented(request, parameters)?;
    // One message for a wrong name and a wrong secret: names are not for guessing.
    let refused = || Refusal::invalid_client("the client is unknown or its secret is wrong");
    let client = state.clients.get(&client_id).ok_or_else(refused)?;
    let proved = match (&client.client_secret, &secret) {
        (Some(registered), Some(secret)) => secrets_are_equal(registered, secret),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !proved {
        return Err(refused());
    }
    if !client.authentication.contains(&method) {
        let registered: BTreeSet<_> = client.authentication.iter().map(|m| m.name()).collect();
        return Err(Refusal::invalid_client(format!(
            "the client registered {registered:?}, not {}",
            method.name()
        )));
    }
    Ok(client.clone())
}

type Presented = (ClientAuthentication, String, Option<String>);

fn presented(request: &Request, parameters: &Parameters) -> Result<Presented, Refusal> {
    let mut headers = request.headers().get_all(AUTHORIZATION).iter();
    let in_form = parameters.owned("client_secret");
    let Some(header) = headers.next() else {
        let client_id = parameters
            .required("client_id")
            .map_err(|_| Refusal::invalid_client("no client authentication"))?;
        let method = match in_form {
            Some(_) => ClientAuthentication::Post,
            None => ClientAuthentication::None,
        };
        return Ok((method, client_id.to_owned(), in_form));
    };
    if in_form.is_some() || headers.next().is_some() {
        return Err(Refusal::invalid_request("more than one client authentication"));
    }
    let (client_id, secret) = header
        .to_str()
        .ok()
        .and_then(basic_credentials)
        .ok_or_else(|| Refusal::invalid_client("the Basic credentials are malformed"))?;
    if parameters.value("client_id").is_some_and(|named| named != client_id) {
        return Err(Refusal::invalid_request("client_id names another client"));
    }
    Ok((ClientAuthentication::Basic, client_id, Some(secret)))
}

/// Reads Basic credentials, form-urlencoded each (RFC 6749 §2.3.1).
fn basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client_id, secret) = decoded.split_once(':')?;
    Some((form_decoded(client_id)?, form_decoded(secret)?))
}

fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_urlencoded() {
        let header = format!("bAsIc {}", STANDARD.encode("a%3Ab:s%2Be+c%25"));
        let expected = ("a:b".to_owned(), "s+e c%".to_owned());
        assert_eq!(basic_credentials(&header), Some(expected));
        assert_eq!(basic_credentials("Bearer x"), None);
        assert_eq!(basic_credentials("Basic !"), None);
    }
}
