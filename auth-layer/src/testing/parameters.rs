//! Request parameters (RFC 6749 §3.1, §3.2): each has one value.

use std::collections::BTreeMap;

use http::header::CONTENT_TYPE;
use url::form_urlencoded;

use super::refusal::Refusal;
use super::state::Request;

/// The parameters of a query or of a form.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(super) fn of_query(request: &Request) -> Result<Self, Refusal> {
        Self::parse(request.uri().query().unwrap_or_default().as_bytes())
    }

    pub(super) fn of_form(request: &Request) -> Result<Self, Refusal> {
        let content_type = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        if !content_type.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Refusal::invalid_request("the body must be application/x-www-form-urlencoded"));
        }
        // RFC 6749 §3.2: parameters in the URL of a POST are not parameters.
        Self::parse(request.body())
    }

    /// Returns the form of a POST, or the query of anything else.
    pub(super) fn of(request: &Request) -> Result<Self, Refusal> {
        if request.method() == http::Method::POST { Self::of_form(request) } else { Self::of_query(request) }
    }

    fn parse(encoded: &[u8]) -> Result<Self, Refusal> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            if parameters.contains_key(name.as_ref()) {
                return Err(Refusal::invalid_request(format!("the parameter {name:?} is repeated")));
            }
            parameters.insert(name.into_owned(), value.into_owned());
        }
        // RFC 6749 §3.1: a parameter without a value is as if it was not there.
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.value(name).ok_or_else(|| Refusal::invalid_request(format!("the parameter {name:?} is missing")))
    }

    /// Returns a list of words, each once, in the order of the request.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in self.value(name).unwrap_or_default().split(' ') {
            if !word.is_empty() && !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_parameter_is_refused_also_where_the_values_agree() {
        assert!(Parameters::parse(b"a=1&b=2&a=1").is_err());
        assert!(Parameters::parse(b"a=&a=1").is_err());
    }

    #[test]
    fn a_parameter_without_a_value_is_absent() {
        let parameters = Parameters::parse(b"scope=&b=x+y%20x").unwrap();
        assert_eq!(parameters.value("scope"), None);
        assert_eq!(parameters.words("b"), ["x", "y"]);
    }
}
