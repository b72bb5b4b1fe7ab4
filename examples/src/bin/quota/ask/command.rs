//! The command `ask`: asks the questions, and shows the answers.

use super::questions::{Answer, Question};
use crate::{Failure, Outcome};

/// Asks every question, prints a line for each, and returns whether all answers are as expected.
pub(crate) fn run() -> Result<Outcome, Failure> {
    tokio::runtime::Runtime::new()?.block_on(ask_all())
}

async fn ask_all() -> Result<Outcome, Failure> {
    println!("{:<48} {:<32} {:>9}  log and ledger", "question", "codes in the log", "M2M quota");
    let mut outcome = Outcome::Good;
    for question in Question::ALL {
        let Answer { codes, m2m_quota, agrees } = question.ask().await?;
        let codes: Vec<String> = codes.iter().map(|(code, count)| format!("{code}={count}")).collect();
        let agreement = if agrees { "agree" } else { "DIFFER" };
        println!("{:<48} {:<32} {m2m_quota:>9}  {agreement}", question.words(), codes.join(" "));
        if m2m_quota != question.expected() || !agrees {
            outcome = Outcome::Bad;
        }
    }
    Ok(outcome)
}
