//! What the API says about itself (RFC 9728 §2), for clients that come without knowing it.

use serde_json::{Value, json};

use crate::algorithm::ALL;
use crate::config::ResourceServerConfig;

/// The metadata document, written once; none where no base URL is configured.
pub(super) fn document(config: &ResourceServerConfig) -> Option<String> {
    let published = config.published.as_ref()?;
    let issuers: Vec<&str> = config.issuers.iter().map(|issuer| issuer.issuer.as_str()).collect();
    let mut document = json!({
        "resource": published.base_url.identifier(),
        "authorization_servers": issuers,
        "bearer_methods_supported": ["header"],
    });
    let mut add = |name: &str, value: Value| {
        if let Some(members) = document.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    if !published.scopes.is_empty() {
        add("scopes_supported", json!(published.scopes));
    }
    if let Some(name) = &published.name {
        add("resource_name", json!(name));
    }
    if let Some(documentation) = &published.documentation {
        add("resource_documentation", json!(documentation));
    }
    if let Some(dpop) = &config.dpop {
        let names: Vec<_> = ALL.iter().map(|algorithm| algorithm.name()).collect();
        add("dpop_signing_alg_values_supported", json!(names));
        add("dpop_bound_access_tokens_required", json!(dpop.is_required));
    }
    Some(document.to_string())
}
