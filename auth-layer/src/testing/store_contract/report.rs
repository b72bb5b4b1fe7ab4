//! What came of a run: a verdict on each clause.

use std::fmt;

/// The verdicts on all clauses; shown as a table.
#[derive(Clone, Debug)]
#[must_use]
pub struct Report(Vec<Judged>);

/// A clause of the contract, and how the store did.
#[derive(Clone, Debug)]
pub struct Judged {
    rule: &'static str,
    clause: &'static str,
    verdict: Verdict,
}

/// How a store did by one clause.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The store does what the clause says, as far as was seen.
    Kept,
    /// It does not; this was seen instead.
    Broken(String),
    /// The store does not promise it, and so was not asked.
    NotPromised,
}

impl Report {
    pub(super) fn new(judged: Vec<Judged>) -> Self {
        Self(judged)
    }

    /// Returns the verdicts, in the order of the contract's rules.
    #[must_use]
    pub fn clauses(&self) -> &[Judged] {
        &self.0
    }

    /// Returns whether no clause is broken.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        !self.0.iter().any(|judged| matches!(judged.verdict, Verdict::Broken(_)))
    }

    /// Holds a test to the contract.
    ///
    /// # Panics
    /// Where a clause is broken, with the whole table.
    #[track_caller]
    pub fn assert_kept(&self) {
        assert!(self.is_kept(), "the store breaks its contract:\n{self}");
    }
}

impl Judged {
    pub(super) fn new(rule: &'static str, clause: &'static str, verdict: Verdict) -> Self {
        Self { rule, clause, verdict }
    }

    /// Returns the number of the rule that the clause is of, or the section.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }

    /// Returns the clause.
    #[must_use]
    pub fn clause(&self) -> &'static str {
        self.clause
    }

    /// Returns how the store did.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept => f.write_str("kept"),
            Self::Broken(seen) => write!(f, "BROKEN: {seen}"),
            Self::NotPromised => f.write_str("not promised"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: fn(&Judged) -> &'static str| {
            self.0.iter().map(|judged| text(judged).len()).max().unwrap_or_default()
        };
        let (rule, clause) = (width(Judged::rule).max("rule".len()), width(Judged::clause));
        writeln!(f, "{:rule$}  {:clause$}  verdict", "rule", "clause")?;
        for judged in &self.0 {
            writeln!(f, "{:rule$}  {:clause$}  {}", judged.rule, judged.clause, judged.verdict)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verdict: Verdict) -> Report {
        Report::new(vec![Judged::new("2", "one is done", Verdict::Kept), Judged::new("7", "groups", verdict)])
    }

    #[test]
    fn a_report_is_a_table_and_one_broken_clause_breaks_it() {
        let broken = report(Verdict::Broken("3 were done".into()));
        assert!(!broken.is_kept());
        assert_eq!(
            broken.to_string(),
            "rule  clause       verdict\n2     one is done  kept\n7     groups       BROKEN: 3 were done\n"
        );
    }

    #[test]
    fn what_is_not_promised_breaks_nothing() {
        let report = report(Verdict::NotPromised);
        report.assert_kept();
        assert!(report.to_string().ends_with("not promised\n"));
    }

    #[test]
    fn a_broken_contract_fails_the_test_that_asserts_it_with_the_whole_table() {
        let broken = report(Verdict::Broken("3 were done".into()));
        let caught = std::panic::catch_unwind(|| broken.assert_kept()).unwrap_err();
        assert!(caught.downcast_ref::<String>().unwrap().contains("3 were done"));
    }
}
