//! Client credentials from the environment, under our names and under nextjs-auth0's.

use crate::config::budget::Budget;
use crate::config::client_credentials::builder::ClientCredentialsConfigBuilder;
use crate::config::client_credentials::model::ClientCredentialsConfig;
use crate::config::environment::{
    CLIENT_ID, ISSUER, RequiredVariable, from_domain, read_either, read_required, read_variable,
    warn_of_unknown,
};
use crate::config::error::ConfigError;
use crate::period::Period;

impl ClientCredentialsConfig {
    /// Reads the configuration from environment variables.
    ///
    /// | variable | or | what |
    /// |---|---|---|
    /// | `AUTH_ISSUER` | `AUTH0_DOMAIN` | the provider's issuer |
    /// | `AUTH_CLIENT_ID` | `AUTH0_CLIENT_ID` | |
    /// | `AUTH_CLIENT_SECRET` | `AUTH0_CLIENT_SECRET` | |
    /// | `AUTH_AUDIENCE` | `AUTH0_AUDIENCE` | default: the provider's own |
    /// | `AUTH_BUDGET_PER_HOUR` | | tokens in an hour of UTC; default: any number |
    /// | `AUTH_BUDGET_PER_DAY` | | in a day |
    /// | `AUTH_BUDGET_PER_MONTH` | | in a calendar month |
    ///
    /// # Errors
    /// [`ConfigError`]: all variables that are missing, or one that is wrong, and the fix.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder_from_env()?.build()
    }

    /// Reads the environment as [`ClientCredentialsConfig::from_env`] does, for more to be set.
    ///
    /// # Errors
    /// As [`ClientCredentialsConfig::from_env`], for variables that are missing.
    pub fn builder_from_env() -> Result<ClientCredentialsConfigBuilder, ConfigError> {
        warn_of_unknown();
        Self::builder_from(|name| std::env::var(name).ok())
    }

    /// Reads variables from `look_up`; an empty one counts as missing.
    ///
    /// # Errors
    /// As [`ClientCredentialsConfig::builder_from_env`].
    pub fn builder_from(
        look_up: impl Fn(&str) -> Option<String>,
    ) -> Result<ClientCredentialsConfigBuilder, ConfigError> {
        let [issuer, client_id, secret] = read_required(&look_up, [ISSUER, CLIENT_ID, SECRET], None)?;
        let mut builder = Self::builder(&from_domain(issuer), &client_id, secret);
        if let Some(audience) = read_either(&look_up, "AUTH_AUDIENCE", "AUTH0_AUDIENCE") {
            builder = builder.with_audience(audience);
        }
        Ok(builder.with_budget(budget_from(look_up)?))
    }
}

/// The limits that the environment sets.
pub(in crate::config) fn budget_from(
    look_up: impl Fn(&str) -> Option<String>,
) -> Result<Budget, ConfigError> {
    let mut budget = Budget::default();
    for (name, period) in BUDGETS {
        let Some(value) = read_variable(&look_up, name) else { continue };
        let fix = "write how many tokens there may be, such as 1000, or leave it out for any number";
        let tokens = match value.parse() {
            Ok(0) => return Err(ConfigError::wrong(name, &value, "lets nothing be asked for", fix)),
            Ok(tokens) => tokens,
            Err(_) => return Err(ConfigError::wrong(name, &value, "is no number", fix)),
        };
        budget = budget.with_limit(period, tokens);
    }
    Ok(budget)
}

const SECRET: RequiredVariable = (
    "AUTH_CLIENT_SECRET",
    "AUTH0_CLIENT_SECRET",
    "copy it from the provider's page of this application, which has to be a confidential client: a public one gets no tokens for itself",
);
const BUDGETS: [(&str, Period); 3] = [
    ("AUTH_BUDGET_PER_HOUR", Period::Hour),
    ("AUTH_BUDGET_PER_DAY", Period::Day),
    ("AUTH_BUDGET_PER_MONTH", Period::Month),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn build(more: &[(&str, &str)]) -> Result<ClientCredentialsConfig, String> {
        let good = [
            ("AUTH0_DOMAIN", "tenant.eu.auth0.com"),
            ("AUTH_CLIENT_ID", "worker"),
            ("AUTH_CLIENT_SECRET", "s3cret"),
        ];
        let look_up = |name: &str| {
            let found = more.iter().chain(&good).find(|(found, _)| *found == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let built =
            ClientCredentialsConfig::builder_from(look_up).and_then(ClientCredentialsConfigBuilder::build);
        built.map_err(|error| error.to_string())
    }

    #[test]
    fn a_worker_needs_an_issuer_a_client_and_its_secret() {
        let config = build(&[("AUTH_BUDGET_PER_MONTH", "1000")]).unwrap();
        assert_eq!(config.issuer, "https://tenant.eu.auth0.com/");
        assert_eq!(config.policy.budget.limit(Period::Month), Some(1_000));
        let cases = [
            (
                "AUTH0_DOMAIN",
                "",
                "AUTH_ISSUER is missing: set it to the provider's issuer, such as https://tenant.eu.auth0.com/",
            ),
            (
                "AUTH_CLIENT_ID",
                "",
                "AUTH_CLIENT_ID is missing: copy it from the provider's page of this application",
            ),
            (
                "AUTH_CLIENT_SECRET",
                " ",
                "AUTH_CLIENT_SECRET is missing: copy it from the provider's page of this application, which has to be a confidential client: a public one gets no tokens for itself",
            ),
            (
                "AUTH_BUDGET_PER_DAY",
                "many",
                "AUTH_BUDGET_PER_DAY \"many\" is no number: write how many tokens there may be, such as 1000, or leave it out for any number",
            ),
            (
                "AUTH_BUDGET_PER_DAY",
                "-1",
                "AUTH_BUDGET_PER_DAY \"-1\" is no number: write how many tokens there may be, such as 1000, or leave it out for any number",
            ),
        ];
        for (name, value, message) in cases {
            assert_eq!(build(&[(name, value)]).unwrap_err(), message);
        }
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        let message =
            build(&[("AUTH0_DOMAIN", ""), ("AUTH_CLIENT_ID", ""), ("AUTH_CLIENT_SECRET", "")]).unwrap_err();
        let starts: Vec<_> = message.split("; ").map(|each| each.split(": ").next().unwrap()).collect();
        assert_eq!(
            starts,
            ["AUTH_ISSUER is missing", "AUTH_CLIENT_ID is missing", "AUTH_CLIENT_SECRET is missing"],
            "{message}"
        );
    }
}
