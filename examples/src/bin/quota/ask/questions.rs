//! The questions, and how each is answered.

use std::collections::BTreeMap;

use auth_layer::machine::MachineTokenRequest;
use auth_layer::testing::IdentityProvider;
use serde_json::json;

use super::application::{Application, FORCE_TOKEN, GET_TOKEN};
use super::visitor::Visitor;
use crate::Failure;
use crate::audit::Audit;
use crate::ledger::Ledger;
use crate::settings::AuditSettings;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// A login, and the user's token for the Management API.
    ManagementApi,
    /// A login, and the user's token for an API of one's own.
    CustomApi,
    /// A login, the user's token, and a new one by force.
    ForcedRefresh,
    /// A token of the client as itself: it counts.
    AsItself,
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) codes: BTreeMap<String, u64>,
    pub(super) m2m_quota: u64,
    /// Whether the ledger says the same as the log.
    pub(super) agrees: bool,
}

impl Question {
    pub(super) const ALL: [Self; 4] =
        [Self::ManagementApi, Self::CustomApi, Self::ForcedRefresh, Self::AsItself];

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::ManagementApi => "(a) login, getAccessToken, Management API",
            Self::CustomApi => "(b) login, getAccessToken, custom API",
            Self::ForcedRefresh => "(c) login, getAccessToken, forced refresh",
            Self::AsItself => "for comparison: client credentials, custom API",
        }
    }

    /// Returns the quota that it must cost.
    pub(super) const fn expected(self) -> u64 {
        match self {
            Self::ManagementApi | Self::CustomApi | Self::ForcedRefresh => 0,
            Self::AsItself => 1,
        }
    }

    /// Asks it at a provider of its own.
    pub(super) async fn ask(self) -> Result<Answer, Failure> {
        let provider = IdentityProvider::start().await;
        let audience = match self {
            Self::ManagementApi => format!("{}/api/v2/", provider.issuer()),
            Self::CustomApi | Self::ForcedRefresh | Self::AsItself => CUSTOM_API.to_owned(),
        };
        let application = Application::start(&provider, &audience).await?;
        if self == Self::AsItself {
            let token = application.auth.client_credentials()?.token_with(MachineTokenRequest::new()).await?;
            expect(token.audience().unwrap_or_default(), &audience)?;
        } else {
            let mut visitor = Visitor::log_in(&application.base_url, &provider).await?;
            expect(&visitor.open(GET_TOKEN).await?, &audience)?;
            if self == Self::ForcedRefresh {
                expect(&visitor.open(FORCE_TOKEN).await?, &audience)?;
            }
        }
        let ledger: Ledger = serde_json::from_value(json!(application.auth.ledger().report()))?;
        answer(&provider, ledger)
    }
}

/// Reads the answer in the provider's log.
fn answer(provider: &IdentityProvider, ledger: Ledger) -> Result<Answer, Failure> {
    let settings = AuditSettings { tenant: Some(provider.issuer()), ..AuditSettings::default() };
    let mut audit = Audit::new(&settings, Some(ledger))?;
    audit.read("the provider's log", provider.export_log().as_bytes())?;
    let findings = audit.finish();
    let mut codes = BTreeMap::new();
    for event in provider.log() {
        *codes.entry(event.code.to_string()).or_default() += 1;
    }
    let agrees = findings.comparison.as_ref().is_some_and(|comparison| comparison.agrees());
    Ok(Answer { codes, m2m_quota: findings.m2m_quota_consumed, agrees })
}

fn expect(audience: &str, expected: &str) -> Result<(), Failure> {
    match audience == expected {
        true => Ok(()),
        false => Err(format!("the token is for {audience:?}, wanted was one for {expected:?}").into()),
    }
}

const CUSTOM_API: &str = "https://api.shop.example";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_users_tokens_cost_no_quota_and_a_clients_own_does() {
        for (question, codes) in [
            (Question::ManagementApi, &[("s", 1), ("seacft", 1)][..]),
            (Question::CustomApi, &[("s", 1), ("seacft", 1)]),
            (Question::ForcedRefresh, &[("s", 1), ("seacft", 1), ("sertft", 1)]),
            (Question::AsItself, &[("seccft", 1)]),
        ] {
            let answer = question.ask().await.unwrap();
            let seen: Vec<_> = answer.codes.iter().map(|(code, count)| (code.as_str(), *count)).collect();
            assert_eq!(seen, codes, "{question:?}");
            assert_eq!((answer.m2m_quota, answer.agrees), (question.expected(), true), "{question:?}");
        }
    }
}
