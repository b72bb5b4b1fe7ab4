//! Headers for one connection alone (RFC 9110 §7.6.1).

use std::collections::HashSet;

use http::HeaderMap;
use http::header::{CONNECTION, HeaderName};

/// The headers of a message that its next receiver must not see.
pub(super) struct HopByHop(HashSet<HeaderName>);

impl HopByHop {
    /// Reads what `Connection` names.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(CONNECTION).iter();
        let names = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        Self(names.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok()).collect())
    }

    pub(super) fn contains(&self, name: &HeaderName) -> bool {
        ALWAYS.contains(&name.as_str()) || self.0.contains(name)
    }
}

const ALWAYS: [&str; 10] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
