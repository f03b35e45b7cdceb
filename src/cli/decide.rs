//! `steward certify`, `reject`, `revoke`, `reopen` and `recertify`

use std::io::Write;

use crate::engine::{Command, Rows, Verb};

use super::acting;
use super::failure::Done;
use super::report::ReportArgs;
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Decide {
    /// Which ledger entries, in the language of list --filter
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: String,
    /// Why; it is kept with the entries
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

impl Decide {
    pub(super) fn run(&self, verb: Verb, session: &Session, out: &mut dyn Write) -> Done {
        let command = Command::Decide { verb, rows: Rows::Filter(self.filter.clone()), reason: self.reason.clone() };
        let outcome = acting::act(&command, &self.report, session)?;
        Ok(self.report.write(&outcome, out)?)
    }
}
