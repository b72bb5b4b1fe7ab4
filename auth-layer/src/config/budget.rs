//! The budget of a client: how many machine tokens it may get, whatever the provider's quota.

use crate::config::error::ConfigError;
use crate::period::Period;

/// How many tokens of the client credentials grant a client may get in an hour, a day and a month of UTC.
///
/// Only tokens that count against the provider's quota are counted: see [`ledger`](crate::ledger).
/// Where a limit is reached nothing is posted until the period ends; living tokens are served.
/// By default there is none.
///
/// ```
/// use auth_layer::Period;
/// use auth_layer::config::Budget;
///
/// let budget = Budget::default().with_limit(Period::Day, 40).with_limit(Period::Month, 1_000);
/// assert_eq!(budget.limit(Period::Month), Some(1_000));
/// assert_eq!(budget.limit(Period::Hour), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Budget {
    limits: [Option<u64>; 3],
    warning_percent: u8,
}

impl Budget {
    /// Lets the client get so many tokens in each of these periods.
    pub const fn with_limit(mut self, period: Period, tokens: u64) -> Self {
        self.limits[period as usize] = Some(tokens);
        self
    }

    /// Warns when so many percent of a limit, or of the provider's quota, are used up; default: 80, from 1 to 100.
    ///
    /// The warning is one event in the log for each period, and counted as `auth_layer_m2m_budget_warnings_total`.
    /// It comes once more where the clock was ahead for a while, by more than a minute.
    pub const fn with_warning_at(mut self, percent: u8) -> Self {
        self.warning_percent = percent;
        self
    }

    /// Returns the limit of a period.
    #[must_use]
    pub const fn limit(&self, period: Period) -> Option<u64> {
        self.limits[period as usize]
    }

    pub(crate) const fn warning_percent(&self) -> u8 {
        self.warning_percent
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.limits.contains(&Some(0)) {
            let fix = "give it at least one token, or leave the client credentials out";
            return Err(ConfigError::wrong("budget", "0", "lets nothing be asked for", fix));
        }
        if !(1..=100).contains(&self.warning_percent) {
            let shown = self.warning_percent.to_string();
            return Err(ConfigError::wrong(
                "budget warning",
                &shown,
                "is no share",
                "choose from 1 to 100 percent",
            ));
        }
        Ok(())
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self { limits: [None; 3], warning_percent: 80 }
    }
}
