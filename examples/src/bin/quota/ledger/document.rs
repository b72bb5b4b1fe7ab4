//! The JSON of a ledger.

use serde::Deserialize;

/// What an application counted; unknown members are passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct Ledger {
    /// In seconds since the epoch, as `until`.
    pub(crate) since: u64,
    pub(crate) until: Option<u64>,
    pub(crate) m2m_quota_consumed: u64,
    pub(crate) lines: Vec<Line>,
}

/// One kind of exchange.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) grant: String,
    /// None where there was no answer.
    pub(crate) log_code: Option<String>,
    #[serde(default)]
    pub(crate) audience: Option<String>,
    #[serde(default)]
    pub(crate) client_id: Option<String>,
    pub(crate) count: u64,
}

impl Ledger {
    /// Returns its first and last second.
    pub(crate) fn span(&self) -> (u64, u64) {
        (self.since, self.until.unwrap_or(u64::MAX))
    }
}

impl Line {
    /// Returns the codes that the log has for this grant, answered or not.
    pub(super) fn possible_codes(&self) -> &'static [&'static str] {
        match self.grant.as_str() {
            "login" => &["s"],
            "authorization_code" => &["seacft", "feacft"],
            "refresh_token" => &["sertft", "fertft"],
            "client_credentials" => &["seccft", "feccft"],
            "token_exchange" => &["secte", "fecte"],
            "on_behalf_of" => &["success_on_behalf_of_token_exchange", "failed_on_behalf_of_token_exchange"],
            "federated_connection" => &["seta", "feta"],
            _ => &[],
        }
    }
}
